import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// A rebuild is all or nothing for the kernel, but not for the Services.
@Suite struct RebuildQuarantineTests {
    private let invalid = KernelReason.invalid.description

    @Test(arguments: QuarantineTests.precisions)
    func `a cold start programs all but the bad Services`(isPrecise: Bool) throws {
        let bench = CommitBench(cold: .init())
        bench.refuse(2, 5, precisely: isPrecise)
        let report = try bench.committer.rebuild((1...6).map { service("s\($0)", $0) })
        #expect(report.isRebuild)
        #expect(report.quarantined == [name("s2"): invalid, name("s5"): invalid])
        #expect(report.released.isEmpty)
        #expect(bench.committer.quarantined == report.quarantined)
        #expect(!bench.committer.hasPending)
        #expect(bench.committer.serviceCount == 4)
        #expect(try bench.holds(service("s1", 1), service("s3", 3), service("s4", 4), service("s6", 6)))
    }

    @Test(arguments: QuarantineTests.precisions)
    func `a rebuild keeps what was programmed for a Service before it turned bad`(isPrecise: Bool) throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        bench.refuseVerdict("lb-8", precisely: isPrecise)
        let report = try bench.committer.rebuild([service("web", 1, endpoints: 5), service("api", 3)])
        #expect(report.quarantined == [name("web"): invalid])
        #expect(try bench.holds(service("web", 1), service("db", 2), service("api", 3)))
        #expect(bench.committer.serviceCount == 3)
    }

    @Test(arguments: QuarantineTests.precisions)
    func `a repair keeps what was programmed for a Service that is quarantined`(isPrecise: Bool) throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        bench.refuseVerdict("lb-8", precisely: isPrecise)
        _ = try bench.committer.commit([service("web", 1, endpoints: 5)])
        bench.ruleset.foreignFlush()
        let report = try bench.committer.rebuild()
        #expect(report.isRebuild)
        #expect(report.quarantined.isEmpty, "told before")
        #expect(try bench.holds(service("web", 1), service("db", 2)))
        // What is wanted is not forgotten over it.
        bench.refuseNothing()
        #expect(try bench.committer.retryQuarantined().released == [name("web")])
        #expect(try bench.holds(service("web", 1, endpoints: 5), service("db", 2)))
    }

    @Test(arguments: QuarantineTests.precisions)
    func `a Service whose old and new state are both refused loses what it had, and is not forgotten`(
        isPrecise: Bool
    ) throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        bench.refuse(1, precisely: isPrecise)
        let report = try bench.committer.rebuild([service("web", 1, endpoints: 5)])
        #expect(report.quarantined == [name("web"): invalid])
        #expect(try bench.holds(service("db", 2)))
        #expect(bench.committer.serviceCount == 1)
        bench.refuseNothing()
        #expect(try bench.committer.retryQuarantined().released == [name("web")])
        #expect(try bench.holds(service("web", 1, endpoints: 5), service("db", 2)))
    }

    @Test(arguments: QuarantineTests.precisions)
    func `a Service that is refused though it has not changed is tried again as it was`(isPrecise: Bool) throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        bench.refuse(1, precisely: isPrecise)
        #expect(try bench.committer.rebuild().quarantined == [name("web"): invalid])
        #expect(try bench.holds(service("db", 2)))
        bench.refuseNothing()
        #expect(try bench.committer.retryQuarantined().released == [name("web")])
        #expect(try bench.holds(service("web", 1), service("db", 2)))
    }

    @Test func `a rebuild is a new chance for what is quarantined`() throws {
        let bench = try CommitBench()
        bench.refuse(1)
        _ = try bench.committer.commit([service("web", 1)])
        bench.refuseNothing()
        let report = try bench.committer.rebuild([service("api", 2)])
        #expect(report.changes == CommitReport(isRebuild: true, released: [name("web")]))
        #expect(bench.committer.quarantined.isEmpty)
        #expect(try bench.holds(service("web", 1), service("api", 2)))
    }

    @Test func `suspects that turn out to be good are neither quarantined nor released`() throws {
        let bench = CommitBench(cold: .init())
        bench.refuse(2, precisely: false)
        let report = try bench.committer.rebuild([service("a", 1), service("b", 2), service("c", 3)])
        #expect(report.quarantined == [name("b"): invalid])
        #expect(report.released.isEmpty)
        #expect(report.elements == 8, "what came after the rebuild")
    }

    @Test func `an error while suspects are tried loses none of them`() throws {
        let bench = try CommitBench(service("old", 1), service("older", 2))
        bench.refuse(3, precisely: false)
        bench.ruleset.beforeNextTransaction { ruleset in
            // The first attempt is refused, the second goes through, and the Services by themselves do not get through.
            ruleset.beforeNextTransaction { ruleset in
                ruleset.beforeNextTransaction { ruleset in
                    ruleset.failNext(with: .channel(step: "send", reason: .noBufferSpace))
                }
            }
        }
        #expect(throws: RulesetError.channel(step: "send", reason: .noBufferSpace)) {
            try bench.committer.rebuild([service("bad", 3)])
        }
        #expect(bench.committer.hasPending)
        let report = try bench.committer.commit([])
        #expect(report.quarantined == [name("bad"): invalid])
        #expect(try bench.holds(service("old", 1), service("older", 2)))
        #expect(!bench.committer.hasPending)
    }

    @Test func `a key that two Services claim goes to one of them, and the other is quarantined`() throws {
        let bench = CommitBench(cold: .init())
        let report = try bench.committer.rebuild([
            service("a", 1, endpoints: 2), service("b", 1, endpoints: 5), service("c", 3),
        ])
        #expect(report.quarantined == [name("b"): KernelReason.exists.description])
        #expect(try bench.holds(service("a", 1), service("c", 3)))
        // Its turn comes when the key is free.
        _ = try bench.committer.commit([gone("a")])
        #expect(try bench.committer.retryQuarantined().released == [name("b")])
        #expect(try bench.holds(service("b", 1, endpoints: 5), service("c", 3)))
    }

    @Test func `a claim that the kernel does not tell apart is settled as well`() throws {
        let bench = CommitBench(cold: .init())
        bench.refuse(1, precisely: false, because: .exists)
        let report = try bench.committer.rebuild([service("a", 1), service("b", 2)])
        #expect(report.quarantined == [name("a"): KernelReason.exists.description])
        #expect(try bench.holds(service("b", 2)))
    }
}

extension CommitBench {
    /// Makes the kernel refuse elements of `services` that lead to a chain.
    func refuseVerdict(_ chain: String, precisely isPrecise: Bool) {
        func isBad(_ element: Element) -> Bool { element.value == .verdict(.goto(chain)) }
        ruleset.refuse { operation, element in
            guard case .addElements(_, "services", let elements) = operation else { return nil }
            if isPrecise { return element.map(isBad) ?? false ? .invalid : nil }
            return element == nil && elements.contains(where: isBad) ? .invalid : nil
        }
    }
}
