package import Nftables

/// What every `RulesetStore` does alike: the kernel's and the one in memory.
///
/// Each case makes the tables that it needs, called `contract` and so on, and expects nobody else to change the ruleset
/// meanwhile. The error numbers are those of Linux 6.18.
package enum RulesetStoreContract {
    /// One rule of the contract.
    package struct Case: Sendable, CustomStringConvertible {
        /// The rule as a sentence.
        package let name: String

        private let body: @Sendable (ContractBench) throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (ContractBench) throws -> Void) {
            self.name = name
            self.body = body
        }

        package var description: String { name }

        /// Holds a store to the rule, in a table of the given family.
        ///
        /// - Throws: `ContractViolation` when the store breaks the rule, or the `RulesetError` that it should not have thrown.
        package func check(_ store: any RulesetStore, _ family: TableFamily) throws {
            let bench = ContractBench(store: store, table: Table(family, "contract"))
            try bench.makeTable(bench.table)
            try body(bench)
        }
    }

    /// All rules of the contract.
    package static let cases: [Case] =
        tables + chains + rules + placesOfRules + sets + forms + elements + refusedElements + transactions
}

/// A store did not do what every store does.
package struct ContractViolation: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected, and what happened.
    package let description: String
}
