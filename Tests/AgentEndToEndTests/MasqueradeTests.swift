import LabKit
import NetworkAddress
import Testing

/// Whose address pods see, for each way to tell the agent which flows to masquerade.
@Suite(.needsLab)
struct Masquerading {
    /// A configuration and which clients of a cluster IP are masqueraded under it.
    struct Rule: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let options: [String]
        let masquerades: (pod: Bool, node: Bool, outside: Bool)
    }

    static let rules = [
        Rule(testDescription: "no pod range", options: [], masquerades: (pod: false, node: false, outside: false)),
        Rule(
            testDescription: "pod ranges",
            options: AgentLab.podRanges,
            masquerades: (pod: false, node: true, outside: true)
        ),
        Rule(
            testDescription: "everything",
            options: ["--masquerade-all"],
            masquerades: (pod: true, node: true, outside: true)
        ),
        Rule(
            testDescription: "everything, and pod ranges",
            options: AgentLab.podRanges + ["--masquerade-all"],
            masquerades: (pod: true, node: true, outside: true)
        ),
    ]

    @Test(arguments: rules, AddressFamily.allCases)
    func `of flows to a cluster IP follows the options`(rule: Rule, family: AddressFamily) throws {
        let lab = try AgentLab(pods: 2, options: rule.options)
        let web = ServiceManifest(nodePort: 30_080, to: [lab.pod(1)])
        try lab.put(web.yaml)
        try lab.startAgent()
        let masqueraded = AgentLab.masqueradedClient(family)
        for (source, isMasqueraded, own) in [
            (lab.pod(2).namespace, rule.masquerades.pod, "\(lab.pod(2).address(family))"),
            (lab.node, rule.masquerades.node, ServiceLab.nodeAddress(family)),
            (lab.client, rule.masquerades.outside, ServiceLab.clientAddress(family)),
        ] {
            for transport in probedProtocols {
                let summary = try lab.probe(transport, web.clusterIP(family), from: source, count: 3)
                #expect(summary.clients == [isMasqueraded ? masqueraded : own: 3], "\(transport) \(source.label)")
                // Whoever comes through a node port is masqueraded under every configuration.
                let nodeAddress = ServiceLab.nodeAddress(family)
                let throughNodePort = try lab.probe(transport, nodeAddress, port: 30_080, from: source, count: 3)
                #expect(throughNodePort.clients == [masqueraded: 3], "\(transport) \(source.label)")
            }
        }
    }

    @Test(arguments: rules, AddressFamily.allCases)
    func `lets a pod reach itself`(rule: Rule, family: AddressFamily) throws {
        let lab = try AgentLab(pods: 1, options: rule.options)
        let web = ServiceManifest(nodePort: 30_080, to: [lab.pod(1)])
        try lab.put(web.yaml)
        try lab.startAgent()
        for transport in probedProtocols {
            for (address, port) in [(web.clusterIP(family), 80), (ServiceLab.nodeAddress(family), 30_080)] {
                let summary = try lab.probe(transport, address, port: port, from: lab.pod(1).namespace, count: 5)
                #expect(summary.pods == ["web-1": 5], "\(transport) \(address): \(summary)")
                #expect(summary.clients == [AgentLab.masqueradedClient(family): 5])
            }
        }
    }
}
