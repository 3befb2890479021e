import LabKit
import NetworkAddress
import Testing

/// What nothing answers is refused at once, so that clients need not wait for a timeout.
@Suite(.needsLab)
struct Refusal {
    /// A refusal that got lost shows a second later, when the client sends its SYN again.
    private static let promptMilliseconds = 500.0

    private static let nodePort = 30_080

    /// A lab whose kernel limits ICMP errors as kernels do, at one a second.
    private static func lab(_ service: ServiceManifest, pods: Int = 1) throws -> AgentLab {
        let lab = try AgentLab(pods: pods)
        let limits = ["net/ipv4/icmp_ratelimit": "1000", "net/ipv6/icmp/ratelimit": "1000"]
        try lab.lab.set(limits, in: lab.node)
        try lab.put(service.yaml)
        try lab.startAgent()
        return lab
    }

    @Test(arguments: AddressFamily.allCases)
    func `of connections to a Service without endpoints comes at once, however many there are`(
        family: AddressFamily
    ) throws {
        let empty = ServiceManifest(nodePort: Self.nodePort, to: [])
        let lab = try Self.lab(empty)
        for source in [lab.client, lab.node, lab.pod(1).namespace] {
            for (address, port) in [(empty.clusterIP(family), 80), (ServiceLab.nodeAddress(family), Self.nodePort)] {
                let summary = try lab.probe(.tcp, address, port: port, from: source, count: 20)
                #expect(summary.refused == 20, "\(address) from \(source.label): \(summary)")
                #expect(summary.maxMilliseconds < Self.promptMilliseconds, "\(address) from \(source.label)")
            }
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `of datagrams to a Service without endpoints says that the port is unreachable`(
        family: AddressFamily
    ) throws {
        let empty = ServiceManifest(nodePort: Self.nodePort, to: [])
        let lab = try Self.lab(empty)
        for source in [lab.client, lab.node, lab.pod(1).namespace] {
            for (address, port) in [(empty.clusterIP(family), 80), (ServiceLab.nodeAddress(family), Self.nodePort)] {
                // The kernel lets a few through in a burst to each client, so one for each address always comes.
                let summary = try lab.probe(.udp, address, port: port, from: source)
                #expect(summary.refusals == 1, "\(address) from \(source.label): \(summary)")
                #expect(summary.maxMilliseconds < Self.promptMilliseconds, "\(address) from \(source.label)")
            }
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `meets flows to a port that the Service of a cluster IP does not have`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 2)
        let web = ServiceManifest(to: [lab.pod(1)])
        try lab.put(web.yaml)
        try lab.startAgent()
        for source in [lab.client, lab.node, lab.pod(2).namespace] {
            for transport in probedProtocols {
                let summary = try lab.probe(transport, web.clusterIP(family), port: 81, from: source, count: 5)
                #expect(summary.refusals == 5, "\(transport) from \(source.label): \(summary)")
                #expect(summary.maxMilliseconds < Self.promptMilliseconds, "\(transport) from \(source.label)")
                #expect(try lab.probe(transport, web.clusterIP(family), from: source).ok == 1)
            }
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `meets a ping of a cluster IP, with endpoints and without, and of no other address`(
        family: AddressFamily
    ) throws {
        let lab = try AgentLab(pods: 2)
        let web = ServiceManifest(to: [lab.pod(1)])
        let empty = ServiceManifest("db", number: 81, to: [])
        try lab.put(web.yaml)
        try lab.put(empty.yaml, in: "db.yaml")
        try lab.startAgent()
        for service in [web, empty] {
            let clusterIP = service.clusterIP(family)
            for source in [lab.client, lab.pod(2).namespace] {
                #expect(try echo(clusterIP, from: source) == .portUnreachable, "\(clusterIP) from \(source.label)")
            }
            #expect(try echo(clusterIP, from: lab.node) == .notSent, "\(clusterIP) from the node")
        }
        for source in [lab.client, lab.node, lab.pod(2).namespace] {
            #expect(try echo("\(lab.pod(1).address(family))", from: source) == .answered, "from \(source.label)")
            #expect(try echo(ServiceLab.nodeAddress(family), from: source) == .answered, "from \(source.label)")
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `ends when an endpoint appears, and begins when the last one goes`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 1)
        var web = ServiceManifest(nodePort: Self.nodePort, to: [])
        try lab.put(web.yaml)
        try lab.startAgent()
        let targets = [(web.clusterIP(family), 80), (ServiceLab.nodeAddress(family), Self.nodePort)]
        for endpoints in [[], [ServiceManifest.Endpoint(lab.pod(1))], []] {
            web.endpoints = endpoints
            if try lab.probe(.tcp, targets[0].0, from: lab.client).refused != (endpoints.isEmpty ? 1 : 0) {
                try lab.awaitProgrammed { try lab.put(web.yaml) }
            }
            for transport in probedProtocols {
                for (address, port) in targets {
                    let summary = try lab.probe(transport, address, port: port, from: lab.client)
                    #expect(summary.ok == endpoints.count, "\(transport) \(address): \(summary)")
                    #expect(summary.refused == 1 - endpoints.count, "\(transport) \(address): \(summary)")
                }
            }
        }
    }
}

extension ProbeSummary {
    /// The tries that were refused in one way or the other.
    ///
    /// A datagram of the node itself that a rule refuses is refused to the sender before it is one: `send` fails with
    /// EPERM, and "connection refused" waits for who asks the socket again.
    fileprivate var refusals: Int { refused + (errors["Operation not permitted"] ?? 0) }
}
