import NetworkAddress
import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// Others change the ruleset between the reading and the writing of a rebuild.
@Suite struct GenerationTests {
    /// Has somebody change the ruleset before each of the next transactions.
    private func interfere(_ times: Int, with ruleset: InMemoryRuleset, counted: Counter) {
        guard times > 0 else { return }
        ruleset.beforeNextTransaction { [self] ruleset throws(RulesetError) in
            counted.count += 1
            try ruleset.foreignChange()
            interfere(times - 1, with: ruleset, counted: counted)
        }
    }

    private final class Counter {
        var count = 0
    }

    @Test(arguments: 0...5)
    func `a rebuild starts again when the ruleset changed under it`(conflicts: Int) throws {
        let bench = try CommitBench(service("web", 1))
        let counter = Counter()
        interfere(conflicts, with: bench.ruleset, counted: counter)
        #expect(try bench.committer.rebuild([service("db", 2)]).changes == CommitReport(isRebuild: true))
        #expect(counter.count == conflicts)
        #expect(try bench.holds(service("web", 1), service("db", 2)))
        #expect(bench.ruleset.applied.count == 1)
    }

    @Test func `a rebuild goes ahead when the others never stop`() throws {
        let bench = try CommitBench(service("web", 1))
        let counter = Counter()
        interfere(1000, with: bench.ruleset, counted: counter)
        #expect(try bench.committer.rebuild([service("db", 2)]).changes == CommitReport(isRebuild: true))
        #expect(counter.count == 6, "five conflicts, and one change that did not matter any more")
        #expect(try bench.holds(service("web", 1), service("db", 2)))
    }

    @Test func `a rebuild sees what came between`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.ruleset.beforeNextTransaction { ruleset throws(RulesetError) in
            try ruleset.foreignChange([
                .addChain(CommitBench.table, Chain("foreign")),
                .addSet(CommitBench.table, SetDeclaration("foreign", key: [.port])),
            ])
        }
        _ = try bench.committer.rebuild()
        #expect(try bench.holds(service("web", 1)))
    }

    @Test func `a small change does not care what others change elsewhere`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.ruleset.beforeNextTransaction { ruleset throws(RulesetError) in try ruleset.foreignChange() }
        #expect(try bench.committer.commit([service("db", 2)]).changes == CommitReport(elements: 4))
    }

    @Test func `a generation conflict that a store reports unasked is an error`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.ruleset.failNext(with: .generationChanged)
        #expect(throws: RulesetError.generationChanged) { try bench.committer.commit([service("db", 2)]) }
        #expect(bench.committer.hasPending)
    }
}
