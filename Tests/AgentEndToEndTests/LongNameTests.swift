import LabKit
import NetworkAddress
import Testing

/// Names as long as Kubernetes allows.
@Suite(.needsLab)
struct `Names of the greatest length` {
    @Test(arguments: AddressFamily.allCases)
    func `are no reason to leave anything out`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 1)
        let good = ServiceManifest("good", to: [lab.pod(1)])
        var long = ServiceManifest(String(repeating: "s", count: 63), number: 81, nodePort: 30_081, to: [lab.pod(1)])
        long.namespace = String(repeating: "n", count: 63)
        var empty = long
        empty.name = String(repeating: "e", count: 63)
        empty.number = 82
        empty.nodePort = 30_082
        empty.endpoints = []
        let portName = String(repeating: "p", count: 63)
        try lab.put(good.yaml, in: "good.yaml")
        try lab.put(long.yaml.replacing("name: tcp", with: "name: \(portName)"), in: "long.yaml")
        try lab.put(empty.yaml.replacing("name: tcp", with: "name: \(portName)"), in: "empty.yaml")
        try lab.startAgent()
        for transport in probedProtocols {
            try lab.probe(transport, good.clusterIP(family), from: lab.client, count: 3).expectAllOK()
            try lab.probe(transport, long.clusterIP(family), from: lab.client, count: 3).expectAllOK()
            #expect(try lab.probe(transport, empty.clusterIP(family), from: lab.client).refused == 1)
        }
        #expect(try !lab.agent.output.contains("WARN"))
        let text = try lab.lab.runSuccessfully(["nft", "list", "ruleset"], in: lab.node)
        #expect(text.contains("comment \"\(long.namespace)/"))
    }
}
