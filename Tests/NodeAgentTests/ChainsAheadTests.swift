import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// A chain stands before the first element leads to it.
///
/// The kernel shows a packet that is underway new elements at once, but the rules of new chains to those that come later
/// only: a packet that is led to a chain made in the same transaction finds it empty.
@Suite struct ChainsAheadTests {
    /// The names of the chains that a transaction makes.
    private static func chains(_ transaction: Transaction) -> Set<String> {
        Set(
            transaction.operations.compactMap { operation in
                if case .addChain(_, let chain) = operation { chain.name } else { nil }
            }
        )
    }

    private static func hasElements(_ transaction: Transaction) -> Bool { transaction.elementCount > 0 }

    @Test func `a change makes the chain in a transaction of its own, and once`() throws {
        let bench = try CommitBench(service("web", 1))
        _ = try bench.committer.commit([service("web", 1, endpoints: 5)])
        #expect(bench.ruleset.applied.map(Self.chains) == [["lb-8"], []])
        #expect(bench.ruleset.applied.map(Self.hasElements) == [false, true])
        _ = try bench.committer.commit([service("web", 1)])
        bench.ruleset.applied = []
        _ = try bench.committer.commit([service("web", 1, endpoints: 6)])
        #expect(bench.ruleset.applied.map(Self.chains) == [[]])
    }

    @Test func `a chain that was made for a refused Service is not made again`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(1)
        _ = try bench.committer.commit([service("web", 1, endpoints: 5)])
        bench.refuseNothing()
        bench.ruleset.applied = []
        #expect(try bench.committer.retryQuarantined().released == [name("web")])
        #expect(bench.ruleset.applied.map(Self.chains) == [[]])
        #expect(try bench.holds(service("web", 1, endpoints: 5)))
    }

    @Test func `a new agent makes the chains first that the tables lack`() throws {
        let bench = try CommitBench(service("web", 1), service("db", 2, endpoints: 3))
        let next = RulesetCommitter(store: bench.ruleset, configuration: .init())
        let report = try next.rebuild([service("web", 1, endpoints: 9), service("db", 2, endpoints: 3)])
        #expect(report.isRebuild)
        #expect(bench.ruleset.applied.map(Self.hasElements) == [false, true])
        #expect(bench.ruleset.applied.first.map(Self.chains) == ["lb-16"])
        #expect(try bench.holds(service("web", 1, endpoints: 9), service("db", 2, endpoints: 3)))
    }

    @Test func `nothing goes ahead of a rebuild of tables that lead no flow`() throws {
        let bench = try CommitBench(service("web", 1))
        try bench.ruleset.foreignChange([.deleteTable(CommitBench.table), .addTable(CommitBench.table)])
        _ = try bench.committer.rebuild([service("web", 1, endpoints: 5)])
        let ahead = bench.ruleset.applied.filter { !Self.hasElements($0) }.flatMap(\.operations)
        let tables = Set(
            ahead.compactMap { operation in
                if case .addChain(let table, _) = operation { table } else { nil }
            }
        )
        #expect(tables == [Table(.ip6, "fairlead")])
        #expect(try bench.holds(service("web", 1, endpoints: 5)))
    }
}
