package import Nftables

/// The twin of the kernel's nf_tables: applies transactions in memory, and refuses what the kernel refuses.
///
/// A transaction applies as a whole or not at all, every refused part is reported, and the time that it takes follows
/// its own size, not the ruleset's. `RulesetStoreContract` holds the twin and the kernel to the same rules; where the
/// twin is stricter it refuses, with `invalid`, rules that could never have been meant (see `ruleProblem`).
///
/// Not safe to share between threads.
package final class InMemoryRuleset: RulesetStore {
    /// What a store is asked to do, for a test that makes it fail.
    package enum Call: Hashable, Sendable {
        case apply
        case read
    }

    /// The transactions that were committed through `apply`, oldest first; foreign changes are not among them.
    ///
    /// A test may empty it, to see what comes next.
    package var applied: [Transaction] = []

    private(set) var tables: [Table: TableState] = [:]
    private var currentGeneration: UInt32 = 1
    private var serial = 0
    private var failures: [Call: [RulesetError]] = [:]
    private var refusal: ((Operation, Element?) -> KernelReason?)?
    private var interruption: ((InMemoryRuleset) throws(RulesetError) -> Void)?

    /// Creates an empty ruleset.
    package init() {}

    /// Returns the number of transactions that changed something.
    package func generation() throws(RulesetError) -> UInt32 {
        try failWhenTold(.read)
        return currentGeneration
    }

    /// Applies a transaction as the kernel would, or refuses it as the kernel would.
    package func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
        if transaction.isEmpty { return }
        try interruption.take()?(self)
        try failWhenTold(.apply)
        if let expected, expected != currentGeneration { throw .generationChanged }
        try commit(transaction)
        applied.append(transaction)
    }

    /// Returns what a table holds, or nil when there is none.
    package func contents(of table: Table) throws(RulesetError) -> TableContents? {
        try failWhenTold(.read)
        guard let state = tables[table] else { return nil }
        var contents = TableContents(foreignSets: state.foreignSets)
        contents.hasForeignObjects = state.hasForeignObjects
        for chain in state.chains.values { contents.chains[chain.chain] = chain.rules.count }
        for set in state.sets.values { contents.sets.insert(set.declaration) }
        return contents
    }

    /// Returns the elements of a set.
    package func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
        try failWhenTold(.read)
        guard let state = tables[table]?.sets[set.name] else {
            throw .refused([OperationFailure(operation: nil, reason: .notFound)])
        }
        return state.elements
    }

    /// Runs the transaction as the kernel does: without looking where verdicts lead at first, and, when the whole turns
    /// out to be wrong, once more with a look after each part, to name the part.
    private func commit(_ transaction: Transaction) throws(RulesetError) {
        var log = ChangeLog()
        var failures = run(transaction, validating: false, log: &log)
        if failures.isEmpty, tables.values.contains(where: { $0.needsValidation && $0.verdictProblem != nil }) {
            log.undo(in: &tables)
            failures = run(transaction, validating: true, log: &log)
        }
        for table in tables.values { table.needsValidation = false }
        guard failures.isEmpty else {
            log.undo(in: &tables)
            throw .refused(failures)
        }
        if !log.isEmpty { advanceGeneration() }
    }

    private func run(_ transaction: Transaction, validating: Bool, log: inout ChangeLog) -> [OperationFailure] {
        var failures: [OperationFailure] = []
        for (index, operation) in transaction.operations.enumerated() {
            // The kernel goes on after a refused part, to report all of them.
            do throws(Refusal) {
                try perform(operation, log: &log)
                if validating, let table = operation.tableToValidate, let problem = tables[table]?.verdictProblem {
                    throw Refusal(problem)
                }
            } catch {
                failures.append(OperationFailure(operation: index, element: error.element, reason: error.reason))
            }
        }
        return failures
    }

    private func advanceGeneration() {
        // 0 is the kernel's word for "any generation".
        currentGeneration = currentGeneration == .max ? 1 : currentGeneration + 1
    }

    private func failWhenTold(_ call: Call) throws(RulesetError) {
        guard var errors = failures[call], !errors.isEmpty else { return }
        let error = errors.removeFirst()
        failures[call] = errors
        throw error
    }
}

// MARK: - What a test makes happen

extension InMemoryRuleset {
    /// Makes the next call of a kind fail with the error and change nothing; calls add up.
    package func failNext(_ call: Call = .apply, with error: RulesetError) {
        failures[call, default: []].append(error)
    }

    /// Refuses the parts of coming transactions that the closure has a reason against; nil ends that.
    ///
    /// It is asked once for an operation with nil for the element, and once for each element that is added or deleted.
    package func refuse(where reason: ((Operation, Element?) -> KernelReason?)?) { refusal = reason }

    /// Changes the ruleset as another program would: `applied` does not list it.
    ///
    /// Without operations it stands for a change in a table of somebody else, which moves the generation all the same.
    package func foreignChange(_ operations: [Operation] = []) throws(RulesetError) {
        if operations.isEmpty { advanceGeneration() } else { try commit(Transaction(operations)) }
    }

    /// Deletes every table, as `nft flush ruleset` does.
    package func foreignFlush() {
        tables = [:]
        advanceGeneration()
    }

    /// Puts a set into a table that `SetDeclaration` cannot express, as another program could.
    ///
    /// - Precondition: The table exists.
    package func addForeignSet(_ name: String, in table: Table) {
        guard let state = tables[table] else { preconditionFailure("there is no table \(table)") }
        state.foreignSets.insert(name)
        advanceGeneration()
    }

    /// Puts a counter, or something else that Fairlead never makes, into a table.
    ///
    /// - Precondition: The table exists.
    package func addForeignObject(in table: Table) {
        guard let state = tables[table] else { preconditionFailure("there is no table \(table)") }
        state.hasForeignObjects = true
        advanceGeneration()
    }

    /// Runs the closure once, when the next transaction has arrived but has not been looked at.
    ///
    /// With a foreign change in it, it plays the program that comes between a reader and its transaction.
    package func beforeNextTransaction(_ body: @escaping (InMemoryRuleset) throws(RulesetError) -> Void) {
        interruption = body
    }
}

// MARK: - For the files beside this one

extension InMemoryRuleset {
    /// Why a part of a transaction is refused.
    struct Refusal: Error {
        let reason: KernelReason
        let element: Int?

        init(_ reason: KernelReason, element: Int? = nil) {
            self.reason = reason
            self.element = element
        }
    }

    func nextSerial() -> Int {
        serial += 1
        return serial
    }

    func set(_ table: Table, to state: TableState?) { tables[table] = state }

    func testReason(against operation: Operation, _ element: Element?) -> KernelReason? { refusal?(operation, element) }

    var isRefusing: Bool { refusal != nil }
}
