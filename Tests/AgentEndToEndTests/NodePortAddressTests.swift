import LabKit
import NetworkAddress
import Testing

/// `--nodeport-addresses`: on which of the node's addresses node ports are open.
@Suite(.needsLab)
struct `Node port addresses` {
    private static let port = 30_080

    /// An address that the node gets while the agent runs, on the network of the client.
    private static func addedAddress(_ family: AddressFamily) -> String {
        family == .ipv4 ? "192.168.60.1" : "fd00:60::1"
    }

    @Test(arguments: AddressFamily.allCases)
    func `in the ranges are open, and others closed`(family: AddressFamily) throws {
        let lab = try Self.lab(ranges: "192.168.50.0/24,fd00:50::/64")
        for transport in probedProtocols {
            let listed = ServiceLab.nodeAddress(family)
            #expect(try lab.probe(transport, listed, port: Self.port, from: lab.client).ok == 1)
            let other = AgentLab.masqueradedClient(family)
            #expect(try lab.probe(transport, other, port: Self.port, from: lab.client).refused == 1)
            #expect(try lab.probe(transport, other, port: Self.port, from: lab.node).refused == 1)
            // Cluster IPs have nothing to do with it.
            #expect(try lab.probe(transport, ServiceManifest.clusterIP(80, family), from: lab.client).ok == 1)
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `follow an address that comes and goes`(family: AddressFamily) throws {
        let lab = try Self.lab(ranges: "192.168.60.0/24,fd00:60::/64")
        let address = Self.addedAddress(family)
        let isOpen = {
            try lab.probe(.tcp, address, port: Self.port, from: lab.client, timeoutMilliseconds: 200).ok == 1
        }
        #expect(try !isOpen())
        let old = ServiceLab.nodeAddress(family)
        #expect(try lab.probe(.tcp, old, port: Self.port, from: lab.client).refused == 1)

        let length = family == .ipv4 ? "32" : "128 nodad"
        try lab.awaitLine(containing: "moved node ports to the addresses that the node has now") {
            try lab.lab.configure(["addr add \(address)/\(length) dev client"], in: lab.node)
        }
        for transport in probedProtocols {
            for source in [lab.client, lab.node, lab.cluster.pods[0].namespace] {
                let summary = try lab.probe(transport, address, port: Self.port, from: source)
                #expect(summary.ok == 1, "\(transport) from \(source.label): \(summary)")
            }
        }

        let prefix = family == .ipv4 ? "32" : "128"
        try lab.awaitLine(containing: "node ports are closed for IPv4 and IPv6") {
            try lab.lab.configure(["addr del \(address)/\(prefix) dev client"], in: lab.node)
        }
        #expect(try eventually { try !isOpen() })
    }

    @Test(arguments: AddressFamily.allCases)
    func `of a range of the other family leave this one closed`(family: AddressFamily) throws {
        let lab = try Self.lab(ranges: family == .ipv4 ? "::/0" : "0.0.0.0/0")
        let other: AddressFamily = family == .ipv4 ? .ipv6 : .ipv4
        #expect(try lab.probe(.tcp, ServiceLab.nodeAddress(family), port: Self.port, from: lab.client).refused == 1)
        #expect(try lab.probe(.tcp, ServiceLab.nodeAddress(other), port: Self.port, from: lab.client).ok == 1)
        #expect(try lab.agent.output.contains("node ports are closed for \(family)"))
    }

    @Test(arguments: AddressFamily.allCases)
    func `that are primary are those of the Node object, and follow it`(family: AddressFamily) throws {
        func node(_ addresses: [String]) -> String {
            let list = addresses.map { "{type: InternalIP, address: \"\($0)\"}" }.joined(separator: ", ")
            return """
                apiVersion: v1
                kind: Node
                metadata: {name: \(AgentLab.nodeName)}
                status: {addresses: [\(list)]}

                """
        }
        let lab = try Self.lab(ranges: "primary")
        let (first, second) = (ServiceLab.nodeAddress(family), AgentLab.masqueradedClient(family))
        #expect(try lab.probe(.tcp, first, port: Self.port, from: lab.client).refused == 1)
        for (open, closed) in [(first, second), (second, first)] {
            try lab.awaitLine(containing: "moved node ports to the addresses that the node has now") {
                try lab.put(node([open, closed]), in: "node.yaml")
            }
            #expect(try lab.probe(.tcp, open, port: Self.port, from: lab.client).ok == 1)
            #expect(try lab.probe(.tcp, closed, port: Self.port, from: lab.client).refused == 1)
        }
    }

    private static func lab(ranges: String) throws -> AgentLab {
        let lab = try AgentLab(pods: 1, options: AgentLab.podRanges + ["--nodeport-addresses", ranges])
        try lab.put(ServiceManifest(nodePort: port, to: [lab.pod(1)]).yaml)
        try lab.startAgent()
        return lab
    }
}
