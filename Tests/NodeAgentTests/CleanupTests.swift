import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// A clean-up removes every trace of ours, and nothing of others.
@Suite struct CleanupTests {
    @Test func `our tables go, and those of others stay`() throws {
        let bench = try CommitBench(service("web", 1))
        let others = [Table(.ip, "kube-proxy"), Table(.ip6, "fairlead2"), Table(.ip6, "filter")]
        try bench.ruleset.foreignChange(others.map { .addTable($0) })
        #expect(try bench.committer.cleanup() == 2)
        #expect(Set(bench.ruleset.snapshot.tables.keys) == Set(others))
    }

    @Test func `a clean-up of nothing does nothing`() throws {
        let bench = CommitBench(cold: .init())
        #expect(try bench.committer.cleanup() == 0)
        #expect(bench.ruleset.applied.isEmpty)
    }

    @Test func `a clean-up removes what another run left, though one table is gone`() throws {
        let bench = try CommitBench(service("web", 1))
        try bench.ruleset.foreignChange([.deleteTable(Table(.ip6, "fairlead"))])
        let cleaner = RulesetCommitter(store: bench.ruleset, configuration: .init())
        #expect(try cleaner.cleanup() == 1)
        #expect(bench.ruleset.snapshot.tables.isEmpty)
    }

    @Test func `a clean-up that cannot be asked for is an error`() throws {
        for call in [InMemoryRuleset.Call.read, .apply] {
            let bench = try CommitBench(service("web", 1))
            bench.ruleset.failNext(call, with: .notPermitted)
            #expect(throws: RulesetError.notPermitted) { try bench.committer.cleanup() }
            #expect(try bench.holds(service("web", 1)))
        }
    }

    @Test func `a commit after a clean-up writes everything again`() throws {
        let bench = try CommitBench(service("web", 1))
        _ = try bench.committer.cleanup()
        // Even one that would change nothing, had the tables stayed.
        #expect(try bench.committer.commit([service("web", 1)]).changes == CommitReport(isRebuild: true))
        #expect(try bench.holds(service("web", 1)))
    }
}
