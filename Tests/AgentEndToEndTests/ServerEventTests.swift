import APIServerTestKit
import LabKit
import NetworkAddress
import Testing

/// What the agent tells the API server.
@Suite(.needsLab)
struct `Events of an API server` {
    /// A Service with a health check port.
    private func service(_ name: String, number: Int, port: Int) -> StoredObject {
        ServiceManifest(name, number: number).storedService(
            #""type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":\#(port),"#
        )
    }

    /// A cluster whose node listens on one address, so that a port that is taken is one event.
    private func lab() throws -> ServerLab {
        let lab = try ServerLab()
        lab.options += ["--nodeport-addresses", "192.168.50.0/24"]
        return lab
    }

    /// Takes a port on the node.
    @discardableResult
    private func hold(_ port: Int, in lab: ServerLab) throws -> LabProcess {
        let holder = [try LabPrograms.path(of: "fairlead-echo"), "serve", "--name", "holder", "--tcp", "\(port)"]
        return try lab.base.lab.start(holder, in: lab.base.node, ready: "ready")
    }

    private func events(_ lab: ServerLab) -> [ServerRequest] {
        lab.server.requests.filter { $0.path.contains("/events") }
    }

    @Test func `tell of a health check port that is taken, and count when it happens again`() throws {
        let lab = try lab()
        let holder = try hold(32_000, in: lab)
        lab.server.apply(service("web", number: 80, port: 32_000), to: Collections.services)
        try lab.startAgent()
        let isTold = eventually { events(lab).count == 1 }
        let lines = try lab.agent.lines
        #expect(isTold, "\(lines)")
        let event = try #require(events(lab).first)
        #expect(event.method == "POST")
        #expect(event.path == "/apis/events.k8s.io/v1/namespaces/default/events")
        for member in [
            #""kind":"Event""#, #""reason":"FailedToStartServiceHealthcheck""#, #""type":"Warning""#,
            #""reportingController":"fairlead-agent""#, #""reportingInstance":"node-1""#,
            #""namespace":"default","name":"web","uid":"8f14e45f-ceea-467f-a8a8-4d0b1a0c7c11"}"#,
        ] {
            #expect(event.body.contains(member), "\(event.body)")
        }
        // Solved, and there again: the same Event counts.
        try lab.awaitLine(containing: "solved: ") { holder.kill() }
        lab.server.apply(service("web", number: 80, port: 32_001), to: Collections.services)
        let address = ServiceLab.nodeAddress(.ipv4)
        #expect(try eventually { try lab.base.get("/", at: address, port: 32_001, from: lab.base.client) != nil })
        try hold(32_000, in: lab)
        lab.server.apply(service("web", number: 80, port: 32_000), to: Collections.services)
        #expect(eventually { events(lab).count == 2 })
        let again = try #require(events(lab).last)
        #expect(again.method == "PATCH")
        #expect(again.path.hasPrefix("/apis/events.k8s.io/v1/namespaces/default/events/web."))
        #expect(again.body.contains(#""series":{"count":2,"#))
    }

    @Test func `name what is missing where they may not be written, once`() throws {
        let lab = try lab()
        for _ in 0..<2 { lab.server.fail(ServerFault(.answer(status: 403), collection: "/events")) }
        for port in 32_000...32_002 { try hold(port, in: lab) }
        lab.server.apply(service("a", number: 80, port: 32_000), to: Collections.services)
        lab.server.apply(service("b", number: 81, port: 32_001), to: Collections.services)
        try lab.startAgent()
        #expect(eventually { events(lab).count == 2 })
        // An event that is written shows that the answers to those before have been read.
        lab.server.apply(service("c", number: 82, port: 32_002), to: Collections.services)
        #expect(eventually { events(lab).count == 3 })
        let lines = try lab.agent.lines.filter { $0.contains("grant the verbs create and patch") }
        #expect(lines.count == 1, "\(lines)")
    }
}
