import Nftables
import NftablesTestKit
import Testing

@Suite struct InMemoryRulesetContractTests {
    @Test(arguments: RulesetStoreContract.cases, TableFamily.allCases)
    func `the ruleset in memory keeps the contract of all stores`(
        _ rule: RulesetStoreContract.Case,
        _ family: TableFamily
    ) throws {
        try rule.check(InMemoryRuleset(), family)
    }

    @Test func `rules of the contract have names of their own`() {
        let names = RulesetStoreContract.cases.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func `the cases of the contract can follow each other on one store`() throws {
        let store = InMemoryRuleset()
        for rule in RulesetStoreContract.cases {
            for family in TableFamily.allCases { try rule.check(store, family) }
        }
    }
}
