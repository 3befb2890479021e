import APIServerTestKit
import Glibc
import LabKit
import NetworkAddress
import Testing

/// The agent with objects from an API server, in bad times.
@Suite(.needsLab)
struct `While an API server fails, an agent` {
    private func lab() throws -> (ServerLab, ServiceManifest) {
        let lab = try ServerLab(pods: 2)
        let web = ServiceManifest(to: [lab.base.pod(1)])
        lab.put(web)
        try lab.startAgent()
        return (lab, web)
    }

    private func startProbe(_ lab: ServerLab, _ web: ServiceManifest, seconds: Int) throws -> LabProcess {
        try lab.base.cluster.startProbe(
            .tcp,
            socketAddress(web.clusterIP(.ipv4), ServiceManifest.port),
            from: lab.base.client,
            options: ["--duration", "\(seconds)", "--interval", "2", "--reset", "--timeout", "900"]
        )
    }

    @Test func `keeps everything that the kernel has, and catches up`() throws {
        let (lab, web) = try lab()
        let before = try lab.base.listings()
        let probe = try startProbe(lab, web, seconds: 3)
        lab.server.goDown(true)
        try lab.agent.waitForLine(containing: "cannot watch")
        #expect(try lab.base.listings() == before)
        lab.put(ServiceManifest(to: lab.base.cluster.pods))
        lab.server.goDown(false)
        #expect(try lab.answers(web, .ipv4, with: ["web-1", "web-2"]))
        let summary = try lab.base.cluster.summary(of: probe)
        #expect(summary.ok == summary.tries && summary.tries > 100, "\(summary)")
        try lab.agent.waitForLine(containing: "solved: ")
    }

    @Test func `lists again without a gap when history is gone`() throws {
        let (lab, web) = try lab()
        let (old, new) = (
            ServiceManifest("old", number: 81, to: [lab.base.pod(1)]),
            ServiceManifest("new", number: 82, to: [lab.base.pod(2)])
        )
        lab.put(old)
        #expect(try lab.answers(old, .ipv4, with: ["web-1"]))
        let probe = try startProbe(lab, web, seconds: 3)
        lab.server.goDown(true)
        lab.remove(old)
        lab.put(new)
        lab.server.passTime()
        lab.server.compact()
        lab.server.goDown(false)
        #expect(try lab.answers(new, .ipv4, with: ["web-2"]))
        #expect(try lab.answers(old, .ipv4, with: []))
        let summary = try lab.base.cluster.summary(of: probe)
        #expect(summary.ok == summary.tries && summary.tries > 100, "\(summary)")
    }

    @Test func `goes by a server that was restored from a backup`() throws {
        let (lab, web) = try lab()
        let blog = ServiceManifest("blog", number: 81, to: [lab.base.pod(2)])
        lab.server.restore(
            [
                Collections.services: [web.storedService(), blog.storedService()],
                Collections.slices: ServiceManifest(to: [lab.base.pod(2)]).storedSlices() + blog.storedSlices(),
            ],
            version: 7
        )
        #expect(try lab.answers(blog, .ipv4, with: ["web-2"]))
        #expect(try lab.answers(web, .ipv4, with: ["web-2"]))
    }

    @Test func `that starts leaves the rules of its predecessor, whatever it is told meanwhile`() throws {
        let (lab, web) = try lab()
        let before = try lab.base.listings()
        let probe = try startProbe(lab, web, seconds: 4)
        lab.server.goDown(true)
        try lab.agent.kill()
        let agent = try lab.startAgent(awaiting: "waiting for the first complete list")
        try lab.awaitLine(containing: "there is nothing to write") { agent.signal(SIGHUP) }
        #expect(try lab.base.listings() == before)
        // Alive, but no place for new flows from load balancers: it does not know the node.
        #expect(try lab.base.get("/livez", at: "127.0.0.1", port: 10_256, from: lab.base.node)?.status == 200)
        #expect(try lab.base.get("/healthz", at: "127.0.0.1", port: 10_256, from: lab.base.node)?.status == 503)
        lab.put(ServiceManifest(to: lab.base.cluster.pods))
        lab.server.goDown(false)
        #expect(try lab.answers(web, .ipv4, with: ["web-1", "web-2"]))
        let summary = try lab.base.cluster.summary(of: probe)
        #expect(summary.ok == summary.tries && summary.tries > 100, "\(summary)")
        #expect(try lab.base.get("/healthz", at: "127.0.0.1", port: 10_256, from: lab.base.node)?.status == 200)
    }

    @Test func `that starts on a bare kernel closes the service ranges, and ends when it is asked to`() throws {
        let lab = try ServerLab()
        lab.options += ["--service-cidrs", "10.96.0.0/16"]
        lab.server.goDown(true)
        let agent = try lab.startAgent(awaiting: "waiting for the first complete list")
        #expect(try lab.base.listings()["ip"]?.description.contains("10.96.0.0/16") == true)
        agent.signal(SIGTERM)
        #expect(agent.waitForEnd() == 0)
        #expect(try lab.base.listings()["ip"]?.description.contains("10.96.0.0/16") == true)
    }

    @Test func `removes nothing when one of the resources cannot be listed`() throws {
        let (lab, web) = try lab()
        let before = try lab.base.listings()
        try lab.agent.stop()
        let refusal = #"{"kind":"Status","status":"Failure","message":"endpointslices is forbidden","code":403}"#
        for _ in 0..<3 {
            lab.server.fail(ServerFault(.answer(status: 403, body: refusal), collection: "endpointslices"))
        }
        let agent = try lab.startAgent(
            awaiting: "the resource \"endpointslices\" of the API group \"discovery.k8s.io\""
        )
        #expect(!agent.lines.contains { $0.contains("ready") })
        #expect(try lab.base.listings() == before)
        try agent.waitForLine(containing: "ready")
        #expect(try lab.answers(web, .ipv4, with: ["web-1"]))
    }

    @Test func `shows a new token as soon as its file has one`() throws {
        let lab = try ServerLab(pods: 2)
        lab.server.behave { $0.tokens = ["first"] }
        let token = try lab.base.lab.write("first", to: "token")
        lab.access = ["--kubeconfig", try lab.writeKubeconfig("with-token", user: "tokenFile: \(token)")]
        let web = ServiceManifest(to: [lab.base.pod(1)])
        lab.put(web)
        try lab.startAgent()
        lab.server.behave { $0.tokens = ["second"] }
        lab.server.hangUp()
        try lab.agent.waitForLine(containing: "credentials are refused")
        let before = try lab.base.listings()
        #expect(before["ip"]?.frontEnds.isEmpty == false)
        try lab.base.lab.write("second", to: "token")
        lab.put(ServiceManifest(to: lab.base.cluster.pods))
        #expect(try lab.answers(web, .ipv4, with: ["web-1", "web-2"]))
    }
}
