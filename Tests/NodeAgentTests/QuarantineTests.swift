import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import Testing

/// A Service that the kernel refuses stands alone: all others proceed, and it keeps what it had.
@Suite struct QuarantineTests {
    /// Whether the kernel tells which element it refuses, or which operation only.
    static let precisions = [true, false]

    private let invalid = KernelReason.invalid.description

    @Test(arguments: precisions)
    func `one bad Service is quarantined alone`(isPrecise: Bool) throws {
        let bench = try CommitBench()
        bench.refuse(3, precisely: isPrecise)
        let report = try bench.committer.commit((1...8).map { service("s\($0)", $0) })
        #expect(report.quarantined == [name("s3"): invalid])
        #expect(report.released.isEmpty)
        #expect(!report.isRebuild)
        // A cluster IP, a verdict and two endpoints for each of the seven.
        #expect(report.elements == 7 * 4)
        #expect(bench.committer.quarantined == [name("s3"): invalid])
        #expect(!bench.committer.hasPending)
        #expect(bench.committer.serviceCount == 7)
        bench.refuseNothing()
        #expect(
            try bench.holds(
                service("s1", 1),
                service("s2", 2),
                service("s4", 4),
                service("s5", 5),
                service("s6", 6),
                service("s7", 7),
                service("s8", 8)
            )
        )
    }

    @Test(arguments: precisions)
    func `several bad Services are quarantined, and all others land`(isPrecise: Bool) throws {
        let bench = try CommitBench()
        bench.refuse(1, 4, 5, 8, precisely: isPrecise)
        let report = try bench.committer.commit((1...8).map { service("s\($0)", $0) })
        #expect(Set(report.quarantined.keys) == [name("s1"), name("s4"), name("s5"), name("s8")])
        #expect(bench.committer.quarantined == report.quarantined)
        #expect(try bench.holds(service("s2", 2), service("s3", 3), service("s6", 6), service("s7", 7)))
    }

    @Test(arguments: precisions)
    func `bad Services are found though they are bad in different sets`(isPrecise: Bool) throws {
        let bench = try CommitBench()
        bench.refuse(1, 2, precisely: isPrecise)
        let report = try bench.committer.commit([
            service("forwards", 1), service("refuses", 2, endpoints: 0), service("good", 3),
        ])
        #expect(Set(report.quarantined.keys) == [name("forwards"), name("refuses")])
        #expect(try bench.holds(service("good", 3)))
    }

    @Test(arguments: precisions)
    func `what was programmed before stays`(isPrecise: Bool) throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        bench.refuse(1, 2, precisely: isPrecise)
        let report = try bench.committer.commit([
            // From two endpoints to five is another verdict.
            service("web", 1, endpoints: 5), service("db", 2, endpoints: 0), service("api", 3),
        ])
        #expect(Set(report.quarantined.keys) == [name("web"), name("db")])
        #expect(try bench.holds(service("web", 1), service("db", 2), service("api", 3)))
        #expect(bench.committer.serviceCount == 3)
    }

    @Test func `a lone Service is quarantined in one transaction`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(1, precisely: false)
        let report = try bench.committer.commit([service("web", 1, endpoints: 0)])
        #expect(report.quarantined == [name("web"): invalid])
        #expect(report.elements == 0)
        #expect(bench.ruleset.applied.isEmpty)
        #expect(try bench.holds(service("web", 1)))
    }

    @Test func `a refused Service is not tried again with others' changes`() throws {
        let bench = try CommitBench()
        bench.refuse(1)
        _ = try bench.committer.commit([service("web", 1)])
        bench.refuseNothing()
        let report = try bench.committer.commit([service("api", 2)])
        #expect(report.changes == CommitReport(elements: 4))
        #expect(try bench.holds(service("api", 2)))
    }

    @Test func `a refused Service is released when it is changed to something good`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(1)
        _ = try bench.committer.commit([service("web", 1, endpoints: 5)])
        let report = try bench.committer.commit([service("web", 1, endpoints: 7)])
        #expect(report.quarantined.isEmpty, "told before")
        #expect(bench.committer.quarantined == [name("web"): invalid])
        bench.refuseNothing()
        let release = try bench.committer.commit([service("web", 1, endpoints: 3)])
        #expect(release.released == [name("web")])
        #expect(release.quarantined.isEmpty)
        #expect(bench.committer.quarantined.isEmpty)
        #expect(try bench.holds(service("web", 1, endpoints: 3)))
    }

    @Test func `a refused Service that goes back to what is programmed is released without a change`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(1)
        _ = try bench.committer.commit([service("web", 1, endpoints: 5)])
        #expect(try bench.committer.commit([service("web", 1)]).changes == CommitReport(released: [name("web")]))
        #expect(bench.changesApplied == 0)
    }

    @Test func `a refused Service that is deleted is released`() throws {
        let bench = try CommitBench(service("web", 1))
        bench.refuse(1)
        _ = try bench.committer.commit([service("web", 1, endpoints: 5)])
        let report = try bench.committer.commit([gone("web")])
        #expect(report.released == [name("web")])
        #expect(try bench.holds())
        #expect(bench.committer.serviceCount == 0)
    }

    @Test func `quarantined Services are tried again when asked to`() throws {
        let bench = try CommitBench()
        bench.refuse(1, 2)
        _ = try bench.committer.commit([service("web", 1), service("api", 2), service("db", 3)])
        bench.refuse(2)
        let report = try bench.committer.retryQuarantined()
        #expect(report.changes == CommitReport(elements: 4, released: [name("web")]))
        #expect(bench.committer.quarantined == [name("api"): invalid])
        #expect(try bench.holds(service("web", 1), service("db", 3)))
        bench.refuseNothing()
        #expect(try bench.committer.retryQuarantined().released == [name("api")])
        #expect(try bench.holds(service("web", 1), service("db", 3), service("api", 2)))
        #expect(try bench.committer.retryQuarantined().changes == CommitReport())
    }

    @Test func `a refusal is told again when its reason changes`() throws {
        let bench = try CommitBench()
        bench.refuse(1, because: .invalid)
        #expect(try bench.committer.commit([service("web", 1)]).quarantined == [name("web"): invalid])
        #expect(try bench.committer.retryQuarantined().quarantined.isEmpty)
        bench.refuse(1, because: .setFull)
        let setFull = KernelReason.setFull.description
        #expect(try bench.committer.retryQuarantined().quarantined == [name("web"): setFull])
        #expect(bench.committer.quarantined == [name("web"): setFull])
    }

    @Test func `what is wanted last is what is tried again`() throws {
        let bench = try CommitBench()
        bench.refuse(1)
        _ = try bench.committer.commit([service("web", 1)])
        // The newest snapshot cannot even be asked for.
        bench.ruleset.failNext(with: .channel(step: "send", reason: .noBufferSpace))
        #expect(throws: RulesetError.self) { try bench.committer.commit([service("web", 1, endpoints: 7)]) }
        bench.refuseNothing()
        #expect(try bench.committer.retryQuarantined().released == [name("web")])
        #expect(try bench.holds(service("web", 1, endpoints: 7)))
    }

    @Test func `a batch whose every Service is bad leaves the ruleset as it was`() throws {
        let bench = try CommitBench(service("old", 9))
        bench.ruleset.refuse { operation, _ in
            if case .addElements = operation { .noMemory } else { nil }
        }
        let report = try bench.committer.commit((1...5).map { service("s\($0)", $0) })
        #expect(report.quarantined.count == 5)
        #expect(Set(report.quarantined.values) == [KernelReason.noMemory.description])
        #expect(report.elements == 0)
        #expect(try bench.holds(service("old", 9)))
    }
}
