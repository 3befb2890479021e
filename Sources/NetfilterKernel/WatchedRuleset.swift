package import Nftables

/// A ruleset that another program's transaction can be waited for in.
protocol SettlingRulesetStore: RulesetStore {
    /// Waits for the end of a transaction that somebody else has under way, and returns whether the ruleset then has
    /// the given generation.
    func isSettled(at generation: UInt32) throws(RulesetError) -> Bool
}

extension KernelRuleset: SettlingRulesetStore {}

/// The kernel's ruleset, whose monitor does not listen while a large transaction of ours is under way.
///
/// As soon as anybody listens, the kernel writes a notification for every element that changes, and holds them all
/// until the transaction is done: 4 KiB for each, though our own monitor drops them unread. For a whole cluster that is
/// more work than the transaction itself.
///
///     settled at G ──► stop listening ──► transaction ──► listen ──► is the generation G + 1?
///
/// If it is, nobody else has changed anything meanwhile. Else the monitor tells that anything may have changed.
package final class WatchedRuleset: RulesetStore {
    /// The fewest elements of a transaction that is not listened to.
    package static let quietElementsMin = 1000

    private let store: any SettlingRulesetStore
    private let monitor: RulesetMonitor
    private let elementsMin: Int

    /// Whether somebody else changed the ruleset in the last large transaction.
    ///
    /// What answers that is a large transaction as well. To listen to that one bounds what a program costs that changes
    /// the ruleset all the time.
    private var wasMeddledWith = false

    /// Puts a store and the monitor of its ruleset together.
    ///
    /// - Parameters:
    ///   - store: The kernel's ruleset.
    ///   - monitor: The monitor, which ignores the changes of this store.
    ///   - quietElementsMin: The fewest elements of a transaction that is not listened to.
    package convenience init(
        _ store: KernelRuleset,
        monitor: RulesetMonitor,
        quietElementsMin: Int = WatchedRuleset.quietElementsMin
    ) {
        self.init(settling: store, monitor: monitor, quietElementsMin: quietElementsMin)
    }

    init(settling store: any SettlingRulesetStore, monitor: RulesetMonitor, quietElementsMin: Int) {
        self.store = store
        self.monitor = monitor
        elementsMin = quietElementsMin
    }

    /// Asks the store.
    package func generation() throws(RulesetError) -> UInt32 { try store.generation() }

    /// Asks the store.
    package func contents(of table: Table) throws(RulesetError) -> TableContents? { try store.contents(of: table) }

    /// Asks the store.
    package func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
        try store.elements(of: set, in: table)
    }

    /// Makes all changes at once; a large transaction is not listened to.
    package func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
        try listenAgain()
        // Where nothing may have changed, the next generation could be that of somebody else.
        guard transaction.elementCount >= elementsMin, transaction.changesForSure, !wasMeddledWith else {
            defer { if transaction.elementCount >= elementsMin { wasMeddledWith = false } }
            return try store.apply(transaction, expecting: expected)
        }
        let generation = if let expected { expected } else { try store.generation() }
        // A transaction that somebody else has under way moves the generation first, and is told last.
        guard try store.isSettled(at: generation) else {
            if expected != nil { throw .generationChanged }
            return try store.apply(transaction, expecting: nil)
        }
        try monitor.stopListening()
        do throws(RulesetError) {
            try store.apply(transaction, expecting: generation)
        } catch {
            try compare(with: generation)
            guard error == .generationChanged, expected == nil else { throw error }
            return try store.apply(transaction, expecting: nil)
        }
        try compare(with: generation.next)
    }

    /// Listens again, and finds out whether somebody else has changed the ruleset meanwhile.
    private func compare(with expected: UInt32) throws(RulesetError) {
        try listenAgain()
        // Whoever moves the generation from here on tells the monitor.
        do throws(RulesetError) {
            guard try store.generation() != expected else { return }
        } catch {
            monitor.missChanges()
            throw error
        }
        wasMeddledWith = true
        monitor.missChanges()
    }

    /// Makes the monitor listen, unless it does.
    ///
    /// Where it cannot, everything is tried again, as after any other failure, until it can.
    private func listenAgain() throws(RulesetError) {
        guard !monitor.isListening else { return }
        do throws(RulesetError) {
            try monitor.listen()
        } catch {
            monitor.missChanges()
            throw error
        }
    }
}

extension UInt32 {
    /// The generation after this one; 0 is the kernel's word for any.
    fileprivate var next: UInt32 { self == .max ? 1 : self + 1 }
}
