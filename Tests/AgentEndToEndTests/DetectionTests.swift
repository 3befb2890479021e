import LabKit
import NetworkAddress
import Testing

/// `--detect-local-mode`: how flows of this node's pods are told from others.
@Suite(.needsLab)
struct `Detection of local pods` {
    /// The options of a mode, and the clients that count as local pods under it.
    struct Mode: Sendable, CustomTestStringConvertible {
        let options: [String]
        let local: Set<LabClient>

        var testDescription: String { options.joined(separator: " ") }

        init(_ mode: String, _ options: [String], local: Set<LabClient>) {
            self.options = ["--detect-local-mode", mode] + options
            self.local = local
        }
    }

    // The node's links are called after what is at their other end: pod1, pod2, pod3 and client.
    static let modes = [
        Mode("InterfaceNamePrefix", ["--pod-interface-name-prefix", "pod"], local: [.pod]),
        Mode("InterfaceNamePrefix", ["--pod-interface-name-prefix", "pod3"], local: [.pod]),
        Mode("InterfaceNamePrefix", ["--pod-interface-name-prefix", "pod33"], local: []),
        Mode("InterfaceNamePrefix", ["--pod-interface-name-prefix", "cli"], local: [.offCluster]),
        Mode("BridgeInterface", ["--pod-bridge-interface", "pod3"], local: [.pod]),
        Mode("BridgeInterface", ["--pod-bridge-interface", "pod"], local: []),
        Mode("BridgeInterface", ["--pod-bridge-interface", "client"], local: [.offCluster]),
        Mode("ClusterCIDR", ["--cluster-cidr", "10.244.1.13/32,fd00:10:244:1::13/128"], local: [.pod]),
        Mode("ClusterCIDR", ["--cluster-cidr", "192.168.50.2/32,fd00:50::2/128"], local: [.offCluster]),
    ]

    /// Expects that just these clients keep their address on the way to a cluster IP, and that just they and the node
    /// are led past the policy Local of an external address that has no endpoint here.
    private func expectLocal(
        _ local: Set<LabClient>,
        _ lab: AgentLab,
        _ web: ServiceManifest,
        _ family: AddressFamily
    )
        throws
    {
        for client in LabClient.allCases {
            let seen = local.contains(client) ? lab.address(of: client, family) : AgentLab.masqueradedClient(family)
            let source = lab.namespace(of: client)
            for transport in probedProtocols {
                let summary = try lab.probe(transport, web.clusterIP(family), from: source, count: 2)
                #expect(summary.clients == [seen: 2], "\(transport) from \(client): \(summary)")
            }
            let external = try lab.probe(
                .tcp,
                ServiceManifest.externalIP(family),
                from: source,
                timeoutMilliseconds: 300
            )
            let isShortCut = local.contains(client) || client == .node
            #expect(external.ok == (isShortCut ? 1 : 0), "\(client): \(external)")
            #expect(external.timeout == (isShortCut ? 0 : 1), "\(client): \(external)")
            if isShortCut { #expect(external.clients == [seen: 1], "\(client): \(external)") }
        }
    }

    /// A lab of three pods, the last of which is a client; the Service has no endpoint on this node.
    private static func lab(_ options: [String]) throws -> (AgentLab, ServiceManifest) {
        let lab = try AgentLab(pods: 3, options: options)
        var web = ServiceManifest(nodePort: ServiceManifest.labNodePort)
        web.spec = ServiceManifest.everyFrontEnd + ["externalTrafficPolicy: Local"]
        web.endpoints = [.init(lab.pod(1), on: "node-2")]
        try lab.put(web.yamlWithLoadBalancer)
        return (lab, web)
    }

    @Test(arguments: modes, AddressFamily.allCases)
    func `follows the mode`(mode: Mode, family: AddressFamily) throws {
        let (lab, web) = try Self.lab(mode.options)
        try lab.startAgent()
        try expectLocal(mode.local, lab, web, family)
    }

    @Test(arguments: AddressFamily.allCases)
    func `by NodeCIDR follows the Node object`(family: AddressFamily) throws {
        let (lab, web) = try Self.lab(["--detect-local-mode", "NodeCIDR"])
        func node(_ ranges: String, name: String = AgentLab.nodeName) -> String {
            "{apiVersion: v1, kind: Node, metadata: {name: \(name)}, spec: {podCIDRs: [\(ranges)]}}\n"
        }
        try lab.put(node("10.244.1.0/24, \"fd00:10:244:1::/64\""), in: "node.yaml")
        // Another node's ranges are not ours.
        try lab.put(node("192.168.50.0/24, \"fd00:50::/64\"", name: "node-2"), in: "other.yaml")
        try lab.startAgent()
        try expectLocal([.pod], lab, web, family)
        try lab.awaitLine(containing: "written again for the ranges") {
            try lab.put(node("192.168.50.2/32, \"fd00:50::2/128\""), in: "node.yaml")
        }
        try expectLocal([.offCluster], lab, web, family)
    }
}
