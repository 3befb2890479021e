import LabKit
import NetworkAddress
import Testing

/// Flows to a node port.
@Suite(.needsLab)
struct `A node port` {
    private static let port = 30_080

    @Test(arguments: AddressFamily.allCases)
    func `answers on every address of the node, whoever asks`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 3)
        var web = ServiceManifest(nodePort: Self.port)
        web.endpoints = [.init(lab.pod(1)), .init(lab.pod(2), on: "node-2")]
        try lab.put(web.yaml)
        try lab.startAgent()
        for transport in probedProtocols {
            for address in [ServiceLab.nodeAddress(family), AgentLab.masqueradedClient(family)] {
                for source in [lab.client, lab.node, lab.pod(3).namespace] {
                    let summary = try lab.probe(transport, address, port: Self.port, from: source, count: 40)
                    #expect(summary.ok == 40, "\(transport) \(address) from \(source.label): \(summary)")
                    #expect(Set(summary.pods.keys) == ["web-1", "web-2"])
                    #expect(summary.clients == [AgentLab.masqueradedClient(family): 40])
                }
            }
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `leaves loopback to whatever listens there`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 1)
        try lab.put(ServiceManifest(nodePort: Self.port, to: [lab.pod(1)]).yaml)
        try lab.startAgent()
        let loopback = family == .ipv4 ? "127.0.0.1" : "::1"
        for transport in probedProtocols {
            #expect(try lab.probe(transport, loopback, port: Self.port, from: lab.node).refused == 1)
        }
        _ = try lab.lab.start(
            [
                LabPrograms.path(of: "fairlead-echo"), "serve", "--name", "daemon", "--bind", loopback,
                "--tcp", "\(Self.port)", "--udp", "\(Self.port)",
            ],
            in: lab.node,
            ready: "ready"
        )
        for transport in probedProtocols {
            let summary = try lab.probe(transport, loopback, port: Self.port, from: lab.node, count: 3)
            #expect(summary.pods == ["daemon": 3], "\(transport)")
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `is of no concern to flows that only pass through the node`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 2)
        try lab.put(ServiceManifest(nodePort: ServiceLab.echoPort, to: [lab.pod(1)]).yaml)
        try lab.startAgent()
        for transport in probedProtocols {
            let pod = "\(lab.pod(2).address(family))"
            let summary = try lab.probe(transport, pod, port: ServiceLab.echoPort, from: lab.client, count: 5)
            #expect(summary.pods == ["web-2": 5], "\(transport)")
            #expect(summary.clients == [ServiceLab.clientAddress(family): 5], "\(transport)")
        }
    }
}
