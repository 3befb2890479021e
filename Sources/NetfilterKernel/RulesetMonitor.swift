internal import CNetfilter
internal import LinuxSystem
package import Nftables

/// A change of the ruleset that somebody else made.
package struct ForeignChange: Hashable, Sendable, CustomStringConvertible {
    /// The table that was changed, or whose parts were.
    package let table: Table

    /// What happened, such as `deleted an element of "services"`.
    package let what: String

    /// Whether the table is gone: what was in it went along.
    package let isTableDeletion: Bool

    package var description: String { "another program \(what) in table \(table)" }
}

/// What has happened to the ruleset since the monitor was read last.
package struct RulesetNews: Hashable, Sendable {
    /// The changes that others made, in their order, up to `RulesetMonitor.changesMax`.
    package var changes: [ForeignChange] = []

    /// Whether notifications were lost or missed, so that anything may have changed.
    package var isOverrun = false
}

/// Listens to the changes that others make to the ruleset (multicast group `NFNLGRP_NFTABLES`).
package final class RulesetMonitor {
    /// The most changes that one reading tells in detail; more are read, and not told.
    package static let changesMax = 64

    private static let group = Int32(NFNLGRP_NFTABLES.rawValue)

    private let socket: NetlinkSocket

    /// Whether the kernel tells of changes at present.
    private(set) var isListening = false

    /// Whether something may have changed while it did not listen, which is yet to be told.
    private var hasMissedChanges = false

    /// Starts to listen, in the network namespace of the calling thread.
    ///
    /// - Parameters:
    ///   - sender: The `portID` of the store whose own changes are not news. The kernel drops them before they reach
    ///     the queue, so that a large transaction of ours cannot overrun it.
    ///   - receiveQueueBytes: The room for notifications that wait to be read; another program may load a large
    ///     ruleset of its own, which is of no interest here.
    /// - Throws: `notPermitted` without CAP_NET_ADMIN, or which step failed.
    package init(ignoringChangesBy sender: UInt32, receiveQueueBytes: Int32 = 8 * 1024 * 1024) throws(RulesetError) {
        do throws(Errno) {
            socket = try NetlinkSocket.open()
            try socket.discardMessages(sentBy: sender)
            try socket.setReceiveQueue(bytes: receiveQueueBytes)
        } catch {
            throw RulesetError(error, step: "socket for ruleset notifications")
        }
        try listen()
    }

    /// The address of the socket among those of the namespace.
    var portID: UInt32 { socket.portID }

    /// The descriptor, which is readable when notifications have arrived.
    package var descriptor: Int32 { socket.descriptor }

    /// Whether there is news that the descriptor does not show.
    package var hasSilentNews: Bool { isListening && hasMissedChanges }

    // MARK: - Listening

    /// Listens, if it does not.
    func listen() throws(RulesetError) {
        guard !isListening else { return }
        do throws(Errno) {
            try socket.join(group: Self.group)
            isListening = true
        } catch {
            throw RulesetError(error, step: "subscription to ruleset notifications")
        }
    }

    /// Stops to listen, so that the kernel need not write notifications; what has arrived is still read.
    ///
    /// Whoever calls this finds out what was missed, and says so by `missChanges`.
    func stopListening() throws(RulesetError) {
        do throws(Errno) {
            try socket.leave(group: Self.group)
            isListening = false
        } catch {
            throw RulesetError(error, step: "end of the subscription to ruleset notifications")
        }
    }

    /// Makes it news that anything may have changed.
    func missChanges() { hasMissedChanges = true }

    // MARK: - News

    /// Reads all news about the tables with the given name.
    package func read(aboutTablesNamed name: String) throws(RulesetError) -> RulesetNews {
        var news = RulesetNews(isOverrun: hasMissedChanges)
        hasMissedChanges = false
        while true {
            do throws(Errno) {
                guard let received = unsafe try socket.receive() else { return news }
                unsafe Message.forEach(in: received) { message in
                    guard let change = ForeignChange(message), change.table.name == name else { return }
                    // The deletion of a table comes after those of all that was in it, and says more than they do.
                    if change.isTableDeletion {
                        news.changes.removeAll { $0.table == change.table }
                    }
                    if news.changes.count < Self.changesMax { news.changes.append(change) }
                }
            } catch {
                guard error == .noBufferSpace else {
                    hasMissedChanges = true
                    throw RulesetError(error, step: "read of notifications")
                }
                news.isOverrun = true
            }
        }
    }
}

extension ForeignChange {
    fileprivate init?(_ message: Message) {
        // In all of these messages the table's name has the number 1.
        guard let type = message.nftablesType, let verb = Self.verbs[type],
            let family = TableFamily(protocolFamily: message.family),
            let table = message.attributes.first(NFTA_TABLE_NAME)?.text
        else { return nil }
        self.table = Table(family, table)
        // The name of a chain has the number 3, those of all others the number 2.
        let nameNumber: UInt16 = type == MessageType.newChain || type == MessageType.deleteChain ? 3 : 2
        let isTable = type == MessageType.newTable || type == MessageType.deleteTable
        let name = isTable ? nil : message.attributes.first { $0.type == nameNumber }?.text
        isTableDeletion = type == MessageType.deleteTable
        what = name.map { "\(verb) \"\($0)\"" } ?? verb
    }

    private static let verbs: [UInt16: String] = [
        MessageType.newTable: "changed the table itself",
        MessageType.deleteTable: "deleted the table itself",
        MessageType.newChain: "made chain",
        MessageType.deleteChain: "deleted chain",
        MessageType.newRule: "added a rule to chain",
        MessageType.deleteRules: "deleted a rule of chain",
        MessageType.newSet: "made set",
        MessageType.deleteSet: "deleted set",
        MessageType.newElements: "added an element to",
        MessageType.deleteElements: "deleted an element of",
        MessageType.newObject: "made object",
        MessageType.deleteObject: "deleted object",
        MessageType.newFlowtable: "made flowtable",
        MessageType.deleteFlowtable: "deleted flowtable",
    ]
}
