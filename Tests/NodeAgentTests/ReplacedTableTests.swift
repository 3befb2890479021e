import NetworkAddress
import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// Emptying the tables piece by piece is refused: they are deleted and made anew.
@Suite struct ReplacedTableTests {
    /// Refuses deletions of chains and sets, as the kernel does for what something unseen refers to.
    private func refuseDeletions(_ ruleset: InMemoryRuleset) {
        ruleset.refuse { operation, _ in
            switch operation {
            case .deleteChain, .deleteSet: .busy
            default: nil
            }
        }
    }

    @Test func `something foreign that cannot be removed goes with the table`() throws {
        let bench = try CommitBench(service("web", 1))
        try bench.ruleset.foreignChange([.addChain(CommitBench.table, Chain("foreign"))])
        refuseDeletions(bench.ruleset)
        #expect(try bench.committer.rebuild([service("db", 2)]).changes == CommitReport(isRebuild: true))
        #expect(try bench.holds(service("web", 1), service("db", 2)))
        #expect(bench.ruleset.applied.first?.operations.first == .deleteTable(CommitBench.table))
        #expect(bench.ruleset.applied.count == 1, "no moment without Services")
    }

    @Test func `a counter of another program goes with the table, and no moment is without Services`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.ruleset.addForeignObject(in: CommitBench.table)
        #expect(try bench.committer.rebuild().changes == CommitReport(isRebuild: true))
        #expect(bench.ruleset.applied.count == 1)
        #expect(try bench.ruleset.contents(of: CommitBench.table)?.hasForeignObjects == false)
        #expect(try bench.holds(service("web", 1)))
        bench.ruleset.applied = []
        _ = try bench.committer.rebuild()
        #expect(bench.ruleset.applied.first?.operations.contains(.deleteTable(CommitBench.table)) == false)
    }

    @Test func `Services are not suspected of what follows from a foreign set of our name`() throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        try bench.ruleset.foreignChange([.deleteTable(CommitBench.table), .addTable(CommitBench.table)])
        bench.ruleset.addForeignSet("services", in: CommitBench.table)
        refuseDeletions(bench.ruleset)
        let report = try bench.committer.rebuild([service("api", 3)])
        #expect(report.changes == CommitReport(isRebuild: true))
        #expect(try bench.holds(service("web", 1), service("db", 2), service("api", 3)))
        #expect(bench.ruleset.applied.count == 1, "no moment without Services")
    }

    @Test func `a bad Service is quarantined all the same`() throws {
        let bench = try CommitBench(service("web", 1))
        try bench.ruleset.foreignChange([.addChain(CommitBench.table, Chain("foreign"))])
        bench.ruleset.refuse { operation, element in
            switch operation {
            case .deleteChain: .busy
            case .addElements(_, "services", _):
                element?.key.address(.ipv4, at: 0) == ip("10.96.0.3") ? .invalid : nil
            default: nil
            }
        }
        let report = try bench.committer.rebuild([service("bad", 3), service("db", 2)])
        #expect(report.quarantined == [name("bad"): KernelReason.invalid.description])
        #expect(try bench.holds(service("web", 1), service("db", 2)))
    }

    @Test func `a refusal that blames nothing is answered once, then given up`() throws {
        let bench = try CommitBench(service("web", 1))
        let refusal = RulesetError.refused([OperationFailure(operation: nil, reason: .noMemory)])
        bench.ruleset.failNext(with: refusal)
        #expect(try bench.committer.rebuild([service("db", 2)]).changes == CommitReport(isRebuild: true))
        #expect(bench.ruleset.applied.last?.operations.first == .deleteTable(CommitBench.table))
        bench.ruleset.failNext(with: refusal)
        bench.ruleset.failNext(with: refusal)
        #expect(throws: refusal) { try bench.committer.rebuild([service("api", 3)]) }
        #expect(bench.committer.hasPending)
        #expect(try bench.holds(service("web", 1), service("db", 2)))
        #expect(try bench.committer.commit([]).changes == CommitReport(isRebuild: true))
        #expect(try bench.holds(service("web", 1), service("db", 2), service("api", 3)))
    }

    @Test func `a skeleton that this kernel does not take is an error, and no Service's fault`() throws {
        let bench = CommitBench(cold: .init())
        bench.ruleset.refuse { operation, _ in
            if case .addRule = operation { .unsupported } else { nil }
        }
        let error = try #require(throws: RulesetError.self) { try bench.committer.rebuild([service("web", 1)]) }
        guard case .refused(let failures) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(failures.allSatisfy { $0.reason == .unsupported })
        #expect(bench.committer.quarantined.isEmpty)
        #expect(bench.committer.hasPending)
        bench.refuseNothing()
        #expect(try bench.committer.rebuild().changes == CommitReport(isRebuild: true))
        #expect(try bench.holds(service("web", 1)))
    }
}
