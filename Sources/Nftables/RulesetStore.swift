/// What a table holds, without its elements.
package struct TableContents: Hashable, Sendable {
    /// The chains, by name, with the number of rules in each.
    package var chains: [Chain: Int]

    /// The sets and maps.
    ///
    /// Those that Fairlead could not have made are in `foreignSets` instead.
    package var sets: Set<SetDeclaration>

    /// The names of sets whose types or flags `SetDeclaration` cannot express.
    package var foreignSets: Set<String>

    /// The names of chains whose hook or policy `Chain` cannot express.
    package var foreignChains: Set<String>

    /// Whether it holds anything that Fairlead never makes: counters, limits, quotas and the like by name, flowtables.
    package var hasForeignObjects = false

    /// Describes a table.
    package init(
        chains: [Chain: Int] = [:],
        sets: Set<SetDeclaration> = [],
        foreignSets: Set<String> = [],
        foreignChains: Set<String> = []
    ) {
        self.chains = chains
        self.sets = sets
        self.foreignSets = foreignSets
        self.foreignChains = foreignChains
    }
}

/// A ruleset that transactions apply to: the kernel's, or its twin in memory.
package protocol RulesetStore: AnyObject {
    /// Returns the number that changes whenever anybody changes the ruleset of this network namespace.
    func generation() throws(RulesetError) -> UInt32

    /// Makes all changes at once, and returns when the kernel has acknowledged them; on an error nothing has changed.
    ///
    /// - Parameters:
    ///   - transaction: The changes.
    ///   - expected: The generation that the transaction was made for, or nil to apply it to whatever there is.
    /// - Throws: `generationChanged` when there is another generation than expected, `refused` with every part that
    ///   the kernel refused, or what kept it from being asked.
    func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError)

    /// Returns what a table holds without its elements, or nil when there is no such table.
    func contents(of table: Table) throws(RulesetError) -> TableContents?

    /// Returns the elements of a set, in no order; throws `refused` with `notFound` when there is no such set.
    func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element]
}

extension RulesetStore {
    /// Makes all changes at once, whatever generation there is.
    package func apply(_ transaction: Transaction) throws(RulesetError) {
        try apply(transaction, expecting: nil)
    }
}
