import APIServerTestKit
import LabKit
import Testing

/// The program itself, and a server that speaks list and watch.
@Suite(.serialized) struct `A gateway that follows an API server` {
    @Test func `serves what the server holds, and what changes there`() throws {
        let world = try APIWorld()
        defer { world.end() }
        world.putIngress("a", host: "a.example")
        try world.startReady()
        #expect(try world.isHealthy())
        #expect(try world.status(of: "a.example") == 200)
        #expect(try world.status(of: "b.example") == 404)
        world.putIngress("b", host: "b.example")
        #expect(try world.wait { try world.status(of: "b.example") == 200 })
        world.server.delete("a", from: APIWorld.Paths.ingresses)
        #expect(try world.wait { try world.status(of: "a.example") == 404 })
        #expect(try world.status(of: "b.example") == 200)
    }

    @Test func `is not ready before everything was received once`() throws {
        let world = try APIWorld()
        defer { world.end() }
        world.putIngress("a", host: "a.example")
        let refusal = #"{"kind":"Status","code":403,"message":"endpointslices is forbidden"}"#
        for _ in 0..<200 {
            world.server.fail(ServerFault(.answer(status: 403, body: refusal), collection: "/endpointslices"))
        }
        let gateway = try world.start()
        try gateway.waitForLine(containing: "endpointslices is forbidden")
        #expect(try world.isHealthy() == false)
        #expect(try world.status(of: "a.example") == nil)
        #expect(gateway.stop() == 0)
    }

    @Test func `goes on with what it knows while the server is away`() throws {
        let world = try APIWorld()
        defer { world.end() }
        world.putIngress("a", host: "a.example")
        world.putIngress("b", host: "b.example")
        try world.startReady()
        world.server.goDown(true)
        // Only then is it certain that no watch brings the deletion any more.
        try world.gateway?.waitForLine(containing: "cannot watch ingresses")
        world.server.delete("b", from: APIWorld.Paths.ingresses)
        #expect(try world.status(of: "a.example") == 200)
        #expect(try world.status(of: "b.example") == 200)
        #expect(try world.isHealthy())
        world.server.compact()
        world.server.goDown(false)
        #expect(try world.wait { try world.status(of: "b.example") == 404 })
        #expect(try world.status(of: "a.example") == 200)
    }

    @Test func `presents the certificate of a referenced Secret, and its next one`() throws {
        let world = try APIWorld()
        defer { world.end() }
        try world.putSecret("certificate", host: "a.example", subject: "first")
        try world.putSecret("other", host: "c.example", subject: "stranger")
        world.putIngress("a", host: "a.example", secret: "certificate")
        let gateway = try world.startReady()
        #expect(try world.subject(of: "a.example") == "subject=CN=first")
        // Nobody asked for the Secret that no Ingress names, and its absence was never complained of.
        let asked = world.server.requests.filter { $0.path.hasSuffix("/secrets") }
        #expect(Set(asked.map { $0.query["fieldSelector"] }) == ["metadata.name=certificate"])
        #expect(!gateway.output.contains("SecretNotFound"))
        try world.putSecret("certificate", host: "a.example", subject: "second")
        #expect(try world.wait { try world.subject(of: "a.example") == "subject=CN=second" })

        try world.putSecret("late", host: "b.example", subject: "late", type: "Opaque")
        world.putIngress("b", host: "b.example", secret: "late")
        #expect(try world.wait { try world.subject(of: "b.example") == "subject=CN=late" })
        #expect(!gateway.output.contains("SecretNotFound"))
    }

    @Test func `keeps certificates when many Secrets of a namespace are named`() throws {
        let world = try APIWorld()
        defer { world.end() }
        try world.putSecret("s0", host: "h0.example", subject: "n0")
        world.putIngress("i0", host: "h0.example", secret: "s0")
        try world.startReady()
        for number in 1...4 {
            let type = number == 4 ? "Opaque" : "kubernetes.io/tls"
            try world.putSecret("s\(number)", host: "h\(number).example", subject: "n\(number)", type: type)
            world.putIngress("i\(number)", host: "h\(number).example", secret: "s\(number)")
        }
        for number in 0...4 {
            #expect(try world.wait { try world.subject(of: "h\(number).example") == "subject=CN=n\(number)" })
        }
        let selectors = world.server.requests.filter { $0.path.hasSuffix("/secrets") }.map { $0.query["fieldSelector"] }
        #expect(selectors.contains("type=kubernetes.io/tls"))
        #expect(world.gateway?.output.contains("SecretNotFound") == false)
    }

    @Test func `loses nothing else when it may not read one Secret, and says what it needs`() throws {
        let world = try APIWorld()
        defer { world.end() }
        try world.putSecret("mine", host: "a.example", subject: "mine")
        try world.putSecret("theirs", host: "b.example", subject: "theirs")
        world.server.behave { $0.forbiddenFields = ["metadata.name=theirs"] }
        world.putIngress("a", host: "a.example", secret: "mine")
        world.putIngress("b", host: "b.example", secret: "theirs")
        let gateway = try world.startReady()
        #expect(try world.isHealthy())
        #expect(try world.subject(of: "a.example") == "subject=CN=mine")
        #expect(try world.subject(of: "b.example") != "subject=CN=theirs")
        let lines = gateway.lines.filter { $0.contains("metadata.name=theirs") }
        #expect(lines.count == 1, "\(lines)")
        for words in [
            "cannot watch secrets in namespace default", "secrets is forbidden", "grant the verbs list and watch",
            #"on the resource "secrets""#, "a Role in the namespace default", "resourceNames [theirs]",
        ] {
            #expect(lines.first?.contains(words) == true, "\(words): \(lines)")
        }
        // All else is followed as before, and the Secret too once that is granted.
        try world.putSecret("mine", host: "a.example", subject: "next")
        world.putIngress("c", host: "c.example")
        #expect(try world.wait { try world.subject(of: "a.example") == "subject=CN=next" })
        #expect(try world.wait { try world.status(of: "c.example") == 200 })
        world.server.behave { $0.forbiddenFields = [] }
        #expect(try world.wait(.seconds(60)) { try world.subject(of: "b.example") == "subject=CN=theirs" })
    }

    @Test func `keeps its Secrets where it may read single ones alone, however many are named`() throws {
        let world = try APIWorld()
        defer { world.end() }
        for number in 0..<12 {
            try world.putSecret("s\(number)", host: "h\(number).example", subject: "n\(number)")
        }
        world.server.behave { $0.forbiddenFields = ["type=kubernetes.io/tls"] }
        for number in 0..<3 { world.putIngress("i\(number)", host: "h\(number).example", secret: "s\(number)") }
        let gateway = try world.startReady()
        let asked = { world.server.requests.filter { $0.query["fieldSelector"] == "metadata.name=s0" }.count }
        let before = asked()
        for number in 3..<12 { world.putIngress("i\(number)", host: "h\(number).example", secret: "s\(number)") }
        for number in 0..<12 {
            #expect(try world.wait { try world.subject(of: "h\(number).example") == "subject=CN=n\(number)" })
        }
        // What was there was never given up for what was not to be had.
        #expect(asked() == before)
        #expect(!gateway.output.contains("SecretNotFound"), "\(gateway.output)")
        #expect(gateway.output.contains("cannot watch secrets in namespace default with type=kubernetes.io/tls"))
    }

    @Test func `publishes the address of a Service, and its next one`() throws {
        let world = try APIWorld()
        defer { world.end() }
        world.putIngress("a", host: "a.example")
        world.putIngress("b", host: "b.example", published: "203.0.113.1")
        world.putPublishedService(#""loadBalancer":{"ingress":[{"ip":"203.0.113.1"}]}"#)
        try world.startReady(["--publish-service", "gateways/front"])
        func written() -> [String] { world.writes("PATCH", "/status").map { "\($0.path) \($0.body)" } }
        func write(_ name: String, _ address: String) -> String {
            APIWorld.statusPath(name) + #" {"status":{"loadBalancer":{"ingress":[\#(address)]}}}"#
        }
        // What says so already is not written again.
        #expect(world.wait { written() == [write("a", #"{"ip":"203.0.113.1"}"#)] }, "\(written())")
        world.putIngress("a", host: "a.example", published: "203.0.113.1")
        world.putPublishedService(#""loadBalancer":{"ingress":[{"hostname":"front.example"}]}"#)
        let next = ["a", "b"].map { write($0, #"{"hostname":"front.example"}"#) }
        #expect(world.wait { Set(written().dropFirst()) == Set(next) }, "\(written())")
        // One without an address has none to publish.
        world.putPublishedService(#""loadBalancer":{}"#)
        let none = ["a", "b"].map { APIWorld.statusPath($0) + #" {"status":{"loadBalancer":{"ingress":null}}}"# }
        // An object that comes late may have had its former address written twice.
        #expect(world.wait { Set(written().suffix(2)) == Set(none) }, "\(written())")
    }

    @Test(.enabled(if: Lab.isAvailable))
    func `lives in a pod by its account, whose token is read again`() throws {
        let scratch = try Lab()
        let account = try scratch.makeDirectory("account")
        let certificate = try APIWorld.issueCertificate(in: scratch, account: account)
        let world = try APIWorld(StandInAPIServer(security: .init(certificate: certificate)))
        defer { world.end() }
        try scratch.write("first", to: "account/token")
        world.server.behave { $0.tokens = ["first"] }
        world.putIngress("a", host: "a.example")
        let gateway = try world.startInPod(account: account)
        try gateway.waitForLine(containing: "ready")
        #expect(try world.status(of: "a.example") == 200)
        #expect(world.wait { !world.writes("POST", "/leases").isEmpty })
        // The Lease lies in the pod's own namespace, under its name.
        let lease = try #require(world.writes("POST", "/leases").first)
        #expect(lease.path == "/apis/coordination.k8s.io/v1/namespaces/edge/leases")
        #expect(lease.body.contains(#""holderIdentity":"gateway-0""#))
        world.server.behave { $0.tokens = ["second"] }
        try scratch.write("second", to: "account/token")
        world.server.hangUp()
        world.putIngress("b", host: "b.example")
        #expect(try world.wait { try world.status(of: "b.example") == 200 })
        #expect(world.server.requests.contains { $0.fields["authorization"] == "Bearer second" })
    }

    @Test func `leads, and writes the status of its own Ingresses alone`() throws {
        let world = try APIWorld()
        defer { world.end() }
        world.putIngress("a", host: "a.example")
        world.putIngress("done", host: "done.example", published: "203.0.113.7")
        world.putIngress("foreign", host: "foreign.example", className: "other")
        let gateway = try world.startReady(["--publish-status-address", "203.0.113.7"])
        #expect(world.wait { !world.writes("PATCH", "/status").isEmpty })
        let write = try #require(world.writes("PATCH", "/status").first)
        #expect(write.path == APIWorld.statusPath("a"))
        #expect(write.body == #"{"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.7"}]}}}"#)
        #expect(write.fields["content-type"] == "application/merge-patch+json")
        let lease = try #require(world.writes("POST", "/leases").first)
        #expect(lease.path == "/apis/coordination.k8s.io/v1/namespaces/gateways/leases")
        #expect(lease.body.contains(#""leaseDurationSeconds":30"#))
        // The watch confirms it; nothing else is written until the end takes it away.
        world.putIngress("a", host: "a.example", published: "203.0.113.7")
        world.putIngress("last", host: "last.example", published: "203.0.113.7")
        #expect(try world.wait { try world.status(of: "last.example") == 200 })
        gateway.signal(15)
        #expect(gateway.waitForEnd() == 0)
        let cleared = world.writes("PATCH", "/status").dropFirst()
        #expect(cleared.map(\.path).sorted() == ["a", "done", "last"].map(APIWorld.statusPath))
        #expect(cleared.allSatisfy { $0.body == #"{"status":{"loadBalancer":{"ingress":null}}}"# })
        #expect(world.writes("PUT", "/ingress-controller-leader").last?.body.contains(#""holderIdentity":"""#) == true)
    }

    @Test func `waits while another leads, and follows it`() throws {
        let world = try APIWorld()
        defer { world.end() }
        let first = try world.startReady(["--update-status=false"])
        try first.waitForLine(containing: "this gateway leads")
        let second = try world.startAnother(["--publish-status-address", "203.0.113.9"])
        try second.waitForLine(containing: "ready")
        world.putIngress("a", host: "a.example")
        #expect(world.wait { world.events.contains { $0.contains(#""uid":"uid-a""#) } })
        #expect(world.writes("PATCH", "/status").isEmpty)
        #expect(first.stop() == 0)
        try second.waitForLine(containing: "this gateway leads", timeout: .seconds(30))
        #expect(world.wait { world.writes("PATCH", "/status").map(\.path) == [APIWorld.statusPath("a")] })
    }

    @Test func `ends with a server that is away`() throws {
        let world = try APIWorld()
        defer { world.end() }
        world.putIngress("a", host: "a.example")
        let gateway = try world.startReady(["--publish-status-address", "203.0.113.7"])
        #expect(world.wait { !world.writes("PATCH", "/status").isEmpty })
        world.server.pause(true)
        gateway.signal(15)
        #expect(gateway.waitForEnd() == 0)
        world.server.pause(false)
    }

    @Test func `tells Events of what it takes on, and of what is missing`() throws {
        let world = try APIWorld()
        defer { world.end() }
        world.putIngress("a", host: "a.example")
        world.putIngress("b", host: "b.example", service: "nowhere", secret: "missing")
        try world.startReady(["--publish-status-address", "203.0.113.7"])
        #expect(world.wait { world.events.count >= 4 })
        let events = world.events
        #expect(events.contains { $0.contains(#""reason":"Sync""#) && $0.contains(#""uid":"uid-a""#) })
        #expect(events.contains { $0.contains(#""reason":"ServiceNotFound""#) && $0.contains(#""uid":"uid-b""#) })
        #expect(events.contains { $0.contains(#""reason":"SecretNotFound""#) && $0.contains(#""type":"Warning""#) })
        // A missing Service that is there a moment later is not worth an Event.
        world.putIngress("c", host: "c.example", service: "soon")
        world.putService("soon")
        #expect(try world.wait { try world.status(of: "c.example") == 200 })
        #expect(world.wait { world.events.contains { $0.contains(#""name":"c""#) } })
        #expect(!world.events.contains { $0.contains(#""name":"c""#) && $0.contains("NotFound") })
        #expect(Set(world.events).count == world.events.count)
    }
}
