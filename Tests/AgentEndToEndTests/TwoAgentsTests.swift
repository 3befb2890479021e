import LabKit
import NetworkAddress
import Testing

/// Two agents in one network namespace would mend each other's rules for ever.
@Suite(.needsLab)
struct `A second agent in a network namespace` {
    private static let waits = "waiting for the agent that programs this network namespace to end"
    private static let elsewhere = ["--healthz-bind-address", "", "--metrics-bind-address", ""]

    private static func lab() throws -> AgentLab {
        let lab = try AgentLab(options: AgentLab.podRanges + elsewhere)
        try lab.put(ServiceManifest(to: [lab.pod(1)]).yaml)
        try lab.startAgent()
        return lab
    }

    @Test func `takes over as soon as the first one ends`() throws {
        let lab = try Self.lab()
        let second = try lab.lab.start(try lab.command(), in: lab.node, ready: Self.waits)
        #expect(!second.lines.contains { $0.contains("ready services") })
        #expect(try lab.agent.stop() == 0)
        _ = try second.waitForLine(containing: "ready services=1", after: 0)
        #expect(try lab.probe(.tcp, ServiceManifest.clusterIP(80, .ipv4), from: lab.client).ok == 1)
    }

    @Test func `gives up after ten seconds, and leaves the first one's rules alone`() throws {
        let lab = try Self.lab()
        let before = try lab.listings()
        let result = try lab.runAgent([])
        #expect(result.status == 1)
        #expect(result.error.contains(Self.waits), "\(result.error)")
        #expect(
            result.error.contains("another fairlead-agent programs this network namespace and has not ended for 10 s"),
            "\(result.error)"
        )
        #expect(try lab.listings() == before)
        #expect(!(try lab.agent.lines).contains { $0.contains("mending") })
    }
}
