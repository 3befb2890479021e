import NetworkAddress
import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// The kernel cannot be asked: nothing is lost, and everything lands the next time.
@Suite struct StoreErrorTests {
    static let errors: [RulesetError] = [
        .channel(step: "send of 100 bytes", reason: .noBufferSpace), .channel(step: "receive", reason: .noMemory),
        .notPermitted,
    ]

    @Test(arguments: errors)
    func `snapshots wait for the next commit`(error: RulesetError) throws {
        let bench = try CommitBench(service("web", 1))
        bench.ruleset.failNext(with: error)
        #expect(throws: error) { try bench.committer.commit([service("db", 2), gone("web")]) }
        #expect(bench.committer.hasPending)
        #expect(bench.committer.serviceCount == 1)
        #expect(try bench.holds(service("web", 1)))
        let report = try bench.committer.commit([service("api", 3)])
        #expect(!report.isRebuild)
        #expect(!bench.committer.hasPending)
        #expect(try bench.holds(service("db", 2), service("api", 3)))
    }

    @Test(arguments: errors)
    func `snapshots wait for the next rebuild`(error: RulesetError) throws {
        for call in [InMemoryRuleset.Call.apply, .read] {
            let bench = try CommitBench(service("web", 1))
            bench.ruleset.failNext(call, with: error)
            #expect(throws: error) { try bench.committer.rebuild([service("db", 2)]) }
            #expect(bench.committer.hasPending)
            #expect(try bench.holds(service("web", 1)))
            #expect(try bench.committer.rebuild().changes == CommitReport(isRebuild: true))
            #expect(try bench.holds(service("web", 1), service("db", 2)))
        }
    }

    @Test func `the newest of the waiting snapshots lands`() throws {
        let bench = try CommitBench()
        for count: UInt8 in 1...3 {
            bench.ruleset.failNext(with: .notPermitted)
            #expect(throws: RulesetError.notPermitted) {
                try bench.committer.commit([service("web", 1, endpoints: count)])
            }
        }
        _ = try bench.committer.commit([service("web", 1, endpoints: 4), service("web", 1, endpoints: 5)])
        #expect(try bench.holds(service("web", 1, endpoints: 5)))
    }

    @Test func `a cold start that failed is made up for by the next commit`() throws {
        let bench = CommitBench(cold: .init())
        // Another run has left its Services.
        let other = RulesetCommitter(store: bench.ruleset, configuration: .init())
        _ = try other.rebuild([service("stale", 9)])
        bench.ruleset.failNext(.read, with: .notPermitted)
        #expect(throws: RulesetError.notPermitted) { try bench.committer.rebuild([service("web", 1)]) }
        #expect(try bench.committer.commit([service("db", 2)]).changes == CommitReport(isRebuild: true))
        #expect(try bench.holds(service("web", 1), service("db", 2)))
    }

    @Test func `a configuration waits for the next commit`() throws {
        let bench = try CommitBench(service("web", 1))
        let configuration = DataPlaneConfiguration(nodePortAddresses: [.ipv4: .only([ip("192.0.2.1")])])
        bench.ruleset.failNext(with: .notPermitted)
        #expect(throws: RulesetError.notPermitted) { try bench.committer.rebuild(configuration: configuration) }
        #expect(try bench.committer.commit([service("db", 2)]).isRebuild)
        #expect(try bench.holds(service("web", 1), service("db", 2), configuration: configuration))
        // And it stays.
        _ = try bench.committer.rebuild()
        #expect(try bench.holds(service("web", 1), service("db", 2), configuration: configuration))
    }

    @Test func `what was done before an error is told after it`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(3)
        _ = try bench.committer.commit([service("once-bad", 3)])
        bench.refuse(4)
        bench.ruleset.beforeNextTransaction { ruleset in
            // The first transaction is refused for one Service; the second does not get through.
            ruleset.beforeNextTransaction { $0.failNext(with: .notPermitted) }
        }
        #expect(throws: RulesetError.notPermitted) {
            try bench.committer.commit([service("bad", 4), service("db", 2), service("once-bad", 3)])
        }
        let report = try bench.committer.commit([])
        #expect(report.quarantined == [name("bad"): KernelReason.invalid.description])
        #expect(report.released == [name("once-bad")])
        #expect(report.elements == 8)
        #expect(try bench.committer.commit([]).changes == CommitReport(), "each report tells its own news")
    }

    @Test func `nothing to do asks the kernel for nothing`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.ruleset.failNext(with: .notPermitted)
        #expect(try bench.committer.commit([]).changes == CommitReport())
        #expect(try bench.committer.commit([service("web", 1)]).changes == CommitReport())
        #expect(bench.ruleset.applied.isEmpty)
    }
}
