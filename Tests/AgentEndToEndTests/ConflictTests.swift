import LabKit
import NetworkAddress
import Testing

/// Services that want what only one can have.
@Suite(.needsLab)
struct `Two Services on one address` {
    /// Two Services, `alpha` on web-1 and `beta` on web-2, and who has the address.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let alphaCreated: String?
        let betaCreated: String?
        let winner: String
        let reason: String
    }

    static let cases = [
        Case(
            testDescription: "the second by name is older",
            alphaCreated: "2026-02-01T00:00:00Z",
            betaCreated: "2026-01-01T00:00:00Z",
            winner: "beta",
            reason: "which is older"
        ),
        Case(
            testDescription: "the first by name is older",
            alphaCreated: "2026-01-01T00:00:00Z",
            betaCreated: "2026-02-01T00:00:00Z",
            winner: "alpha",
            reason: "which is older"
        ),
        Case(
            testDescription: "equally old",
            alphaCreated: "2026-01-01T00:00:00Z",
            betaCreated: "2026-01-01T00:00:00Z",
            winner: "alpha",
            reason: "which comes first by name"
        ),
        Case(
            testDescription: "of unknown age",
            alphaCreated: nil,
            betaCreated: nil,
            winner: "alpha",
            reason: "which comes first by name"
        ),
        Case(
            testDescription: "one of unknown age",
            alphaCreated: nil,
            betaCreated: "2026-02-01T00:00:00Z",
            winner: "beta",
            reason: "which is older"
        ),
    ]

    @Test(arguments: cases, [nil, 30_080])
    func `go by age, then by name, and the other takes over when the winner goes`(
        conflict: Case,
        nodePort: Int?
    ) throws {
        let lab = try AgentLab(pods: 2)
        // With a node port, that is what they share, else the cluster IP.
        var alpha = ServiceManifest("alpha", number: 80, nodePort: nodePort, to: [lab.pod(1)])
        var beta = ServiceManifest("beta", number: nodePort == nil ? 80 : 81, nodePort: nodePort, to: [lab.pod(2)])
        alpha.created = conflict.alphaCreated
        beta.created = conflict.betaCreated
        try lab.put(alpha.yaml, in: "alpha.yaml")
        try lab.put(beta.yaml, in: "beta.yaml")
        try lab.startAgent()

        let (winnerPod, loser, loserPod) =
            conflict.winner == "alpha" ? ("web-1", "beta", "web-2") : ("web-2", "alpha", "web-1")
        let lines = try lab.agent.lines
        let named = lines.contains { line in
            [
                "\(loser).yaml document 1 (line 1)", "Service default/\(loser)",
                nodePort == nil ? "spec.clusterIP" : "spec.ports[0].nodePort",
                "is that of Service default/\(conflict.winner)", conflict.reason, "left out on this",
            ].allSatisfy { line.contains($0) }
        }
        #expect(named, "\(lines)")
        try expectAnswers(of: winnerPod, lab, nodePort)
        try lab.awaitLine(containing: "solved: \(loser).yaml") { lab.remove("\(conflict.winner).yaml") }
        try expectAnswers(of: loserPod, lab, nodePort)
    }

    private func expectAnswers(of pod: String, _ lab: AgentLab, _ nodePort: Int?) throws {
        for family in AddressFamily.allCases {
            let address = nodePort == nil ? ServiceManifest.clusterIP(80, family) : ServiceLab.nodeAddress(family)
            for transport in probedProtocols {
                let answered = try eventually {
                    try lab.probe(transport, address, port: nodePort ?? 80, from: lab.client, count: 10).pods == [
                        pod: 10
                    ]
                }
                #expect(answered, "\(transport) \(family)")
            }
        }
    }
}
