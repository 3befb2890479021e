internal import EventIO
package import LinuxSystem
internal import Synchronization
internal import TLS

/// How other threads speak to a worker: it reads its mail between two rounds.
package final class WorkerMailbox: Sendable {
    /// What a worker is told.
    enum Letter: Sendable {
        /// Serve by these tables from now on.
        case tables(GatewayTables)
        /// Let no connection outlive its present request, and go on taking connections.
        case lastRequests
        /// Take no connections any more, and end when the last exchange has, or after so many milliseconds.
        case close(milliseconds: Int64)
        /// Count up what was counted so far.
        case report(ReportRequest)
        /// Say what is in use.
        case census(CensusRequest)
    }

    private let letters = Mutex<[Letter]>([])
    private let wakeup: Wakeup
    private let hasEnded = Atomic<Bool>(false)
    private let generation = Atomic<UInt64>(0)

    package init() throws(Errno) { wakeup = try Wakeup() }

    /// The descriptor that is readable when there is mail.
    var descriptor: Int32 { wakeup.descriptor }

    /// Leaves a letter.
    func leave(_ letter: Letter) {
        letters.withLock { $0.append(letter) }
        wakeup.ring()
    }

    /// Takes all letters, oldest first.
    func take() -> [Letter] {
        wakeup.answer()
        return letters.withLock { letters in
            defer { letters.removeAll() }
            return letters
        }
    }

    /// Says by which tables the worker serves from now on.
    func serves(by tables: GatewayTables) { generation.store(tables.generation, ordering: .releasing) }

    /// The number of the tables that the worker serves by.
    var tablesGeneration: UInt64 { generation.load(ordering: .acquiring) }

    /// Says that the worker has ended.
    func ended() { hasEnded.store(true, ordering: .releasing) }

    /// Whether the worker has ended.
    var isEnded: Bool { hasEnded.load(ordering: .acquiring) }
}

extension Worker {
    /// Does what the mail says.
    mutating func readMail() {
        for letter in mailbox.take() {
            switch letter {
            case .tables(let tables): adopt(tables)
            case .lastRequests: beginDrain()
            case .close(let milliseconds): beginClosing(after: milliseconds)
            case .report(let request): request.add(telemetry.numbers(connections: connectionStates(), shelf: shelf))
            case .census(let request): request.add(census())
            }
        }
    }

    /// Idle connections stay for the moment: their next request is answered, and then they are closed.
    private mutating func beginDrain() {
        if case .none = drain { drain = .lastRequests }
    }

    private mutating func beginClosing(after milliseconds: Int64) {
        // Those that wait in the kernel were promised an answer by it.
        for listener in listeners.indices { accept(listener) }
        for listener in listeners { io.poller.unwatch(listener.socket.number) }
        listeners.removeAll()
        acceptsAgain = nil
        drain = .closing(
            patience: now + min(milliseconds, Self.patienceMilliseconds),
            deadline: now + milliseconds
        )
        for link in 0..<io.links.limit where io.links[link].role == .client && io.links[link].state == .idle {
            // The request of a new connection is on its way, and what has arrived deserves an answer.
            // It does not wait for exchanges of others, though.
            if io.links[link].requestCount == 0 || io.links[link].flags.contains(.mayRead) {
                io.wheel.set(link, to: now + min(milliseconds, Self.patienceMilliseconds))
                continue
            }
            closeAfterOutput(link)
        }
    }

    /// How long the end waits for connections that carry no exchange.
    private static var patienceMilliseconds: Int64 { 1000 }

    private func connectionStates() -> ConnectionStates {
        var states = ConnectionStates()
        for link in 0..<io.links.limit where io.links[link].role == .client {
            states.active += 1
            switch io.links[link].state {
            case .opening, .head: states.reading += 1
            case .idle: states.waiting += 1
            case .busy, .lingering, .closing: states.writing += 1
            }
        }
        return states
    }
}

/// Asks workers for their numbers, and gathers them.
final class ReportRequest: Sendable {
    private let reports = Mutex<[WorkerMetrics]>([])

    /// Takes the numbers of one worker.
    func add(_ report: WorkerMetrics) { reports.withLock { $0.append(report) } }

    /// How many workers have answered.
    var count: Int { reports.withLock(\.count) }

    /// The numbers of those that have answered.
    var numbers: [WorkerMetrics] { reports.withLock { $0 } }
}
