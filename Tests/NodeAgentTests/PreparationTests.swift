import NetworkAddress
import Nftables
import NftablesTestKit
import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// What is written before everything is, and what becomes of it.
@Suite struct PreparationTests {
    private static let configuration: DataPlaneConfiguration = {
        var configuration = DataPlaneConfiguration()
        configuration.serviceCIDRs = [IPPrefix(parsing: "10.96.0.0/16")].compactMap(\.self)
        return configuration
    }()

    @Test func `the Services that come first are in the kernel before all others, which follow in one transaction`()
        throws
    {
        let bench = CommitBench(cold: .init())
        #expect(try bench.committer.prepare([service("dns", 10)], configuration: .init()))
        let ahead = try #require(bench.ruleset.applied.first)
        #expect(ahead.elements(of: "services") == [ip("10.96.0.10")])
        _ = try bench.committer.rebuild([service("dns", 10), service("web", 1)])
        #expect(bench.ruleset.applied.count == 2)
        #expect(try bench.holds(service("dns", 10), service("web", 1)))
    }

    @Test func `before the first sync the service ranges are closed, and opened for no one by what comes first`() throws
    {
        let bench = CommitBench(cold: Self.configuration)
        #expect(try bench.committer.prepare([], configuration: Self.configuration))
        #expect(try bench.holds(configuration: Self.configuration))
        #expect(try bench.committer.prepare([service("dns", 10)], configuration: Self.configuration))
        #expect(try bench.holds(service("dns", 10), configuration: Self.configuration))
        _ = try bench.committer.rebuild([service("dns", 10), service("web", 1)])
        #expect(bench.ruleset.applied.count == 3)
        #expect(try bench.holds(service("dns", 10), service("web", 1), configuration: Self.configuration))
    }

    @Test func `without ranges and without such Services nothing is written ahead`() throws {
        let bench = CommitBench(cold: .init())
        #expect(try !bench.committer.prepare([], configuration: .init()))
        #expect(bench.ruleset.applied.isEmpty)
    }

    @Test func `what an agent before has left serves until it is replaced as a whole`() throws {
        let bench = try CommitBench(service("web", 1))
        let next = RulesetCommitter(store: bench.ruleset, configuration: Self.configuration)
        #expect(try !next.prepare([], configuration: Self.configuration))
        #expect(try !next.prepare([service("dns", 10)], configuration: Self.configuration))
        #expect(try bench.holds(service("web", 1)))
        next.priorityServices = [name("dns")]
        _ = try next.rebuild([service("dns", 10), service("web", 1)])
        #expect(bench.ruleset.applied.count == 1, "no moment without Services")
    }

    @Test func `after somebody has deleted all tables they come first again`() throws {
        let bench = try CommitBench(service("dns", 10), service("web", 1), service("db", 2))
        bench.committer.priorityServices = [name("dns"), name("gone")]
        bench.ruleset.foreignFlush()
        _ = try bench.committer.rebuild()
        #expect(bench.ruleset.applied.count == 2)
        #expect(bench.ruleset.applied.first?.elements(of: "services") == [ip("10.96.0.10")])
        #expect(try bench.holds(service("dns", 10), service("web", 1), service("db", 2)))
    }

    @Test func `a Service that comes first and is refused harms no other`() throws {
        let bench = CommitBench(cold: .init())
        bench.refuse(10)
        #expect(throws: RulesetError.self) { try bench.committer.prepare([service("dns", 10)], configuration: .init()) }
        let report = try bench.committer.rebuild([service("dns", 10), service("web", 1)])
        #expect(Set(report.quarantined.keys) == [name("dns")])
        #expect(try bench.holds(service("web", 1)))
    }

    @Test func `a family that the kernel has not gets no table, and nothing of a Service`() throws {
        var configuration = DataPlaneConfiguration()
        configuration.families = [.ipv4]
        let bench = CommitBench(cold: configuration)
        let ipv4 = service("web", 1)
        let ipv6 = FrontEnd(
            key: FrontEndKey(listener: .address(ip("fd00::1")), transport: .tcp, port: port(80)),
            portName: "",
            masquerade: .offCluster,
            action: .refuse
        )
        let both = ServiceSnapshot(service: ipv4.service, frontEnds: ipv4.frontEnds + [ipv6])
        _ = try bench.committer.rebuild([both])
        #expect(Set(bench.ruleset.snapshot.tables.keys) == [CommitBench.table])
        #expect(try bench.holds(ipv4, configuration: configuration))
        _ = try bench.committer.commit([ServiceSnapshot(service: ipv4.service, frontEnds: [ipv6])])
        #expect(try bench.holds(configuration: configuration))
        #expect(bench.committer.serviceCount == 0)
    }
}

extension Transaction {
    /// The addresses that the keys of the elements begin with which are added to a set.
    fileprivate func elements(of set: String) -> Set<IPAddress> {
        Set(
            operations.flatMap { operation -> [IPAddress] in
                guard case .addElements(CommitBench.table, let name, let elements) = operation, name == set
                else { return [] }
                return elements.map { $0.key.address(.ipv4, at: 0) }
            }
        )
    }
}
