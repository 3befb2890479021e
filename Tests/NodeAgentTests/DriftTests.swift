import NetworkAddress
import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// Somebody else changed our tables: the committer finds out by a refusal, and writes everything again.
@Suite struct DriftTests {
    private static let table = CommitBench.table

    /// What somebody else did, after which the next change of the Service `web` is refused.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// How many endpoints the Service then has, instead of two.
        var endpoints: UInt8 = 3
        let drift: @Sendable (InMemoryRuleset) throws -> Void

        var testDescription: String { name }
    }

    private static let verdict = PackedFields(ip("10.96.0.1"), .tcp, port(80))

    private static let cases: [Case] = [
        Case(name: "everything was flushed") { $0.foreignFlush() },
        Case(name: "our table was deleted") { try $0.foreignChange([.deleteTable(table)]) },
        Case(name: "the endpoints were flushed", endpoints: 0) {
            try $0.foreignChange([.flushSet(table, name: "endpoints")])
        },
        Case(name: "a verdict was deleted") {
            try $0.foreignChange([.deleteElements(table, set: "services", [Element(verdict)])])
        },
        Case(name: "the slot that is free for us was taken") {
            let slot = verdict.appending(number: 2)
            let elsewhere = PackedFields(TransportAddress(ip("192.0.2.66"), port(1)))
            try $0.foreignChange([.addElements(table, set: "endpoints", [Element(slot, .fields(elsewhere))])])
        },
    ]

    @Test(arguments: cases)
    func `a change over foreign changes becomes a rebuild`(_ drift: Case) throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        try drift.drift(bench.ruleset)
        let report = try bench.committer.commit([service("web", 1, endpoints: drift.endpoints), service("api", 3)])
        #expect(report.isRebuild && report.elements == 0 && report.quarantined.isEmpty && report.released.isEmpty)
        #expect(!bench.committer.hasPending)
        #expect(try bench.holds(service("web", 1, endpoints: drift.endpoints), service("db", 2), service("api", 3)))
        #expect(bench.changesApplied == 1, "one transaction mends everything")
    }

    @Test func `a change that foreign changes do not touch stays small`() throws {
        let bench = try CommitBench(service("web", 1))
        try bench.ruleset.foreignChange([.addTable(Table(.ip, "other"))])
        #expect(try bench.committer.commit([service("db", 2)]).changes == CommitReport(elements: 4))
    }

    @Test func `a rebuild that is asked for mends what no refusal shows`() throws {
        let bench = try CommitBench(service("web", 1))
        try bench.ruleset.foreignChange([
            .addChain(Self.table, Chain("foreign")),
            .addRule(Self.table, chain: "services", Rule([.verdict(.drop)])),
        ])
        #expect(try !bench.holds(service("web", 1)))
        #expect(try bench.committer.rebuild().changes == CommitReport(isRebuild: true))
        #expect(try bench.holds(service("web", 1)))
    }

    @Test func `a Service that is refused beside drift is quarantined in the rebuild, and told`() throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        bench.refuse(3)
        bench.ruleset.foreignFlush()
        let report = try bench.committer.commit([service("bad", 3), service("web", 1, endpoints: 3)])
        #expect(report.isRebuild)
        #expect(report.quarantined == [name("bad"): KernelReason.invalid.description])
        #expect(try bench.holds(service("web", 1, endpoints: 3), service("db", 2)))
    }

    @Test func `a Service that was quarantined before drift was found is told all the same`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(3)
        // The first transaction is refused for the Service alone; drift shows in the second.
        bench.ruleset.beforeNextTransaction { ruleset in
            ruleset.beforeNextTransaction { $0.foreignFlush() }
        }
        let report = try bench.committer.commit([service("bad", 3), service("web", 1, endpoints: 3)])
        #expect(report.isRebuild)
        #expect(report.quarantined == [name("bad"): KernelReason.invalid.description])
        #expect(try bench.holds(service("web", 1, endpoints: 3)))
    }

    @Test func `a Service that was refused and released within one commit is not worth a word`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(3)
        bench.ruleset.beforeNextTransaction { ruleset in
            ruleset.beforeNextTransaction { ruleset in
                ruleset.foreignFlush()
                ruleset.refuse(where: nil)
            }
        }
        let report = try bench.committer.commit([service("bad", 3), service("web", 1, endpoints: 3)])
        #expect(report.changes == CommitReport(isRebuild: true))
        #expect(bench.committer.quarantined.isEmpty)
        #expect(try bench.holds(service("bad", 3), service("web", 1, endpoints: 3)))
    }

    @Test func `drift that could not be mended is mended by the next commit, whatever that is about`() throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        try bench.ruleset.foreignChange([
            .deleteElements(Self.table, set: "services", [Element(Self.verdict)])
        ])
        let failure = RulesetError.channel(step: "dump", reason: .noBufferSpace)
        bench.ruleset.failNext(.read, with: failure)
        #expect(throws: failure) { try bench.committer.commit([gone("web")]) }
        // Back to what was programmed: nothing to change, had nobody else changed anything.
        #expect(try bench.committer.commit([service("web", 1)]).changes == CommitReport(isRebuild: true))
        #expect(try bench.holds(service("web", 1), service("db", 2)))
    }

    @Test func `a refusal right after a rebuild is nobody else's fault, and ends`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(3, precisely: false, because: .notFound)
        let report = try bench.committer.commit([service("bad", 3), service("db", 2)])
        #expect(report.isRebuild)
        #expect(report.quarantined == [name("bad"): KernelReason.notFound.description])
        #expect(try bench.holds(service("web", 1), service("db", 2)))
    }
}
