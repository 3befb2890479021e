import LabKit
import NetworkAddress
import Testing

/// Which endpoint a request goes to, and what happens when it does not answer (A.3 and B.3).
@Suite(.needsLab)
struct EndpointTests {
    /// Puts a Service with these endpoints and an Ingress of the same name and host in place.
    private func route(
        _ gateway: GatewayLab,
        _ name: String,
        _ addresses: [String],
        _ annotations: [String: String] = [:]
    ) throws {
        try gateway.put([
            Manifest.service(name), Manifest.endpoints(name, addresses),
            Manifest.ingress(name, host: name, [.prefix("/", to: name)], annotations: annotations),
        ])
    }

    private func newGateway() throws -> GatewayLab {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.put([Manifest.ingressClass("nginx")])
        return gateway
    }

    @Test func `Where nobody listens another endpoint is asked, and 502 says that there was none`() throws {
        let gateway = try newGateway()
        try gateway.pod("live", 1)
        let (live, dead) = (GatewayLab.podAddress(1), [GatewayLab.podAddress(2), GatewayLab.podAddress(3)])
        try route(gateway, "some", [dead[0], live])
        try route(gateway, "dead", dead)
        try route(gateway, "never", [dead[0], live], ["proxy-next-upstream": "off"])
        try route(gateway, "one", dead + [live], ["proxy-next-upstream-tries": "1"])
        try route(gateway, "slow", ["10.9.0.7"], ["proxy-connect-timeout": "1"])
        try route(gateway, "slow-some", ["10.9.0.7", live], ["proxy-connect-timeout": "1"])
        try gateway.start()
        for number in 0..<20 {
            // A body is no hindrance as long as nothing was sent.
            let response = try gateway.ask(host: "some", method: number % 2 == 0 ? "GET" : "PUT", body: "x")
            #expect(response.status == 200)
        }
        #expect(gateway.pods[0].requests.count == 20)
        let failed = try gateway.ask(host: "dead")
        #expect(failed.startLine == "HTTP/1.1 502 Bad Gateway" && failed.text.contains("<h1>502 Bad Gateway</h1>"))
        for host in ["never", "one"] {
            let statuses = try (0..<6).map { _ in try gateway.ask(host: host).status }
            #expect(Set(statuses).isSubset(of: [200, 502]) && statuses.contains(502), "\(host): \(statuses)")
        }
        #expect(try gateway.ask(host: "slow").status == 504)
        for _ in 0..<2 { #expect(try gateway.ask(host: "slow-some").status == 200) }
    }

    @Test func `An endpoint that takes too long is answered for with 504`() throws {
        let gateway = try newGateway()
        try gateway.pod("mute", 1) { visit in
            if try visit.next() != nil { _ = try visit.stream.readToEnd() }
        }
        try gateway.pod("deaf", 2) { visit in
            // It reads nothing until the gateway has given up.
            while try !visit.stream.hasEnded(within: .seconds(10)) {}
        }
        try route(gateway, "mute", [GatewayLab.podAddress(1)], ["proxy-read-timeout": "1"])
        try route(gateway, "deaf", [GatewayLab.podAddress(2)], ["proxy-send-timeout": "1", "proxy-body-size": "0"])
        try gateway.start()
        #expect(try gateway.ask(host: "mute").status == 504)
        #expect(gateway.pods[0].requests.count == 1)
        let stream = try gateway.connect()
        stream.wait(atMost: .milliseconds(2500))
        try stream.send(GatewayLab.request(host: "deaf", method: "PUT", ["Content-Length: \(64 << 20)"]))
        var sent = 0
        while sent < 64, (try? stream.send(LargeBodyTests.block)) != nil { sent += 1 }
        #expect(try stream.readResponse()?.status == 504)
        gateway.pods[1].stop()
    }

    @Test func `Only what does no harm is asked for twice`() throws {
        let gateway = try newGateway()
        // Whoever comes first is cut off after its request was read; the next is answered.
        try gateway.pod("bad", 1) { visit in _ = try visit.next() }
        try gateway.pod("good", 2)
        let addresses = [GatewayLab.podAddress(1), GatewayLab.podAddress(2)]
        try route(gateway, "plain", addresses)
        try route(gateway, "any", addresses, ["proxy-next-upstream": "error timeout non_idempotent"])
        try gateway.start()
        let bad = gateway.pods[0]
        for method in ["GET", "PUT", "DELETE"] {
            for _ in 0..<4 {
                #expect(try gateway.ask(host: "plain", method: method, body: "x").status == 200, "\(method)")
            }
        }
        let count = bad.requests.count
        #expect(count > 0)
        let posts = try (0..<6).map { _ in try gateway.ask(host: "plain", method: "POST", body: "x").status }
        let failures = posts.filter { $0 == 502 }.count
        #expect(Set(posts).isSubset(of: [200, 502]))
        #expect(bad.requests.count - count == failures)
        for _ in 0..<6 { #expect(try gateway.ask(host: "any", method: "POST", body: "x").status == 200) }
    }

    @Test func `Statuses lead to another endpoint where the Ingress says so`() throws {
        let gateway = try newGateway()
        for (number, status) in [503, 404, 500].enumerated() {
            try gateway.pod("p\(status)", number + 1) { visit in
                while try visit.next() != nil { try visit.answer(status, body: "\(status)") }
            }
        }
        try gateway.pod("good", 9)
        let good = GatewayLab.podAddress(9)
        try route(gateway, "a", [GatewayLab.podAddress(1), good], ["proxy-next-upstream": "error http_503"])
        try route(gateway, "b", [GatewayLab.podAddress(2), good], ["proxy-next-upstream": "http_404 http_500"])
        try route(gateway, "c", [GatewayLab.podAddress(3), good], ["proxy-next-upstream": "error http_503"])
        try route(gateway, "d", [GatewayLab.podAddress(1)], ["proxy-next-upstream": "http_503"])
        try gateway.start()
        for _ in 0..<6 {
            #expect(try gateway.ask(host: "a").status == 200)
            #expect(try gateway.ask(host: "b").status == 200)
        }
        let mixed = try (0..<6).map { _ in try gateway.ask(host: "c").status }
        #expect(mixed.contains(500) && mixed.contains(200), "\(mixed)")
        // With nobody left to ask, the endpoint's own words reach the client.
        let last = try gateway.ask(host: "d")
        #expect(last.status == 503 && last.text == "503")
    }

    @Test func `Connections that an endpoint closed while idle harm nobody`() throws {
        let (gateway, pod) = try GatewayLab.web { visit in
            // Says nothing of the end that comes.
            if try visit.next() != nil { try visit.answer(body: "web") }
        }
        for number in 0..<30 {
            #expect(try gateway.ask(host: "web", method: number % 2 == 0 ? "GET" : "PUT", body: "x").status == 200)
        }
        #expect(pod.connectionCount == 30)
        #expect(pod.requests.count == 30)
    }

    @Test func `Connections to endpoints are used again`() throws {
        let (gateway, pod) = try GatewayLab.web()
        for _ in 0..<30 { #expect(try gateway.ask(host: "web", method: "POST", body: "x").status == 200) }
        #expect(pod.connectionCount == 1)
    }

    @Test func `A Service that is not there or has nobody answers 503`() throws {
        let gateway = try newGateway()
        try gateway.pod("leaving", 1)
        try gateway.pod("ready", 2)
        try route(gateway, "empty", [])
        try gateway.put([
            Manifest.ingress("none", host: "none", [.prefix("/", to: "none")]),
            Manifest.ingress("port", host: "port", [Manifest.Path("/", to: "empty", port: "number: 81")]),
            Manifest.service("leaving"),
            Manifest.endpoints(
                "leaving",
                [GatewayLab.podAddress(1)],
                conditions: "{ready: false, serving: true, terminating: true}"
            ),
            Manifest.ingress("leaving", host: "leaving", [.prefix("/", to: "leaving")]),
            Manifest.service("unready"),
            Manifest.endpoints("unready", [GatewayLab.podAddress(1)], conditions: "{ready: false, serving: false}"),
            Manifest.ingress("unready", host: "unready", [.prefix("/", to: "unready")]),
        ])
        try gateway.start()
        for host in ["empty", "none", "port", "unready"] {
            let response = try gateway.ask(host: host)
            #expect(response.status == 503, "\(host)")
            #expect(
                response.text.contains("503 Service Temporarily Unavailable")
                    || response.text.contains("503 Service Unavailable")
            )
        }
        // Those that still serve while they end stand in, until somebody is ready.
        #expect(try gateway.ask(host: "leaving").text == "leaving")
        try gateway.awaitTables {
            try gateway.put(
                Manifest.endpoints("leaving", [GatewayLab.podAddress(2)]).replacing("leaving-http", with: "more"),
                in: "more.yaml"
            )
        }
        for _ in 0..<4 { #expect(try gateway.ask(host: "leaving").text == "ready") }
    }

    @Test func `Ports are found by number and by name, whatever number the pods give them`() throws {
        let gateway = try newGateway()
        try gateway.pod("one", 1, port: 8001)
        try gateway.pod("two", 1, port: 8002)
        try gateway.put([
            """
            apiVersion: v1
            kind: Service
            metadata: {name: two-ports, namespace: default}
            spec:
              ports:
              - {name: one, port: 80, targetPort: first}
              - {name: two, port: 81, targetPort: 8002}

            """,
            """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: two-ports-1, namespace: default, labels: {kubernetes.io/service-name: two-ports}}
            addressType: IPv4
            ports: [{name: one, port: 8001}, {name: two, port: 8002}]
            endpoints: [{addresses: ["\(GatewayLab.podAddress(1))"]}]

            """,
            Manifest.ingress(
                "ports",
                host: "ports",
                [
                    Manifest.Path("/n1", to: "two-ports", port: "number: 80"),
                    Manifest.Path("/n2", to: "two-ports", port: "number: 81"),
                    Manifest.Path("/one", to: "two-ports", port: "name: one"),
                    Manifest.Path("/two", to: "two-ports", port: "name: two"),
                    Manifest.Path("/bad", to: "two-ports", port: "name: three"),
                ]
            ),
        ])
        try gateway.start()
        for (path, pod) in [("/n1", "one"), ("/n2", "two"), ("/one", "one"), ("/two", "two")] {
            #expect(try gateway.ask(path, host: "ports").text == pod, "\(path)")
        }
        #expect(try gateway.ask("/bad", host: "ports").status == 503)
    }

    @Test func `Names outside the cluster are asked, but not those of the gateway itself`() throws {
        let gateway = try newGateway()
        try gateway.pod("outside", 1)
        for (name, target) in [
            ("address", GatewayLab.podAddress(1)), ("loop", "127.0.0.1"), ("local", "localhost"),
            ("meta", "169.254.169.254"),
        ] {
            try gateway.put([
                """
                apiVersion: v1
                kind: Service
                metadata: {name: \(name), namespace: default}
                spec: {type: ExternalName, externalName: "\(target)", ports: [{port: 8080}]}

                """,
                Manifest.ingress(name, host: name, [Manifest.Path("/", to: name, port: "number: 8080")]),
            ])
        }
        try gateway.start()
        #expect(try gateway.ask(host: "address").text == "outside")
        for name in ["loop", "local", "meta"] { #expect(try gateway.ask(host: name).status == 503, "\(name)") }
    }

    @Test func `Endpoints may have addresses of the sixth version`() throws {
        let gateway = try newGateway()
        let pod = try ScriptedBackend(
            "six",
            in: gateway.namespace,
            at: try #require(.init(parsing: "[fd00:1::5]:8080"))
        )
        defer { pod.stop() }
        try route(gateway, "six", ["fd00:1::5"])
        try gateway.start()
        #expect(try gateway.ask(host: "six").text == "six")
    }

    @Test func `Endpoints that speak TLS are spoken to in TLS`() throws {
        let gateway = try newGateway()
        let files = try gateway.certificate("pod", names: ["anything"])
        _ = try gateway.lab.start(
            [
                "openssl", "s_server", "-accept", "\(GatewayLab.podAddress(1)):\(GatewayLab.podPort)", "-cert",
                files.certificate, "-key", files.key, "-www",
            ],
            in: gateway.namespace,
            ready: "ACCEPT"
        )
        try route(gateway, "secure", [GatewayLab.podAddress(1)], ["backend-protocol": "HTTPS"])
        try route(gateway, "grpc", [GatewayLab.podAddress(1)], ["backend-protocol": "GRPC"])
        try gateway.start()
        for _ in 0..<3 {
            let response = try gateway.ask(host: "secure")
            #expect(response.status == 200 && response.text.contains("TLSv1.3"), "\(response.startLine)")
        }
        #expect(try gateway.ask(host: "grpc").status == 503)
        // In clear such an endpoint answers nothing that could be passed on.
        try gateway.awaitTables { try route(gateway, "clear", [GatewayLab.podAddress(1)]) }
        #expect(try gateway.ask(host: "clear").status == 502)
    }

    @Test func `Ten endpoints share a hundred requests evenly`() throws {
        let gateway = try newGateway()
        for number in 0..<10 { try gateway.pod("pod-\(number)", number) }
        try route(gateway, "even", (0..<10).map(GatewayLab.podAddress))
        try route(gateway, "ewma", (0..<10).map(GatewayLab.podAddress), ["load-balance": "ewma"])
        try gateway.start()
        for _ in 0..<100 { #expect(try gateway.ask(host: "even").status == 200) }
        #expect(gateway.pods.map(\.requests.count) == [Int](repeating: 10, count: 10))
        for pod in gateway.pods { pod.forget() }
        for _ in 0..<100 { #expect(try gateway.ask(host: "ewma").status == 200) }
        #expect(gateway.pods.filter { !$0.requests.isEmpty }.count >= 8)
    }

    @Test func `An endpoint may be asked under another host`() throws {
        let (gateway, pod) = try GatewayLab.web(annotations: ["upstream-vhost": "inner.example"])
        #expect(try gateway.ask(host: "web:81").status == 200)
        #expect(pod.requests[0]["Host"] == "inner.example")
        #expect(pod.requests[0]["X-Forwarded-Host"] == "web:81")
    }

    @Test func `Bytes behind a response, and responses that are none, stay with their endpoint`() throws {
        let (gateway, pod) = try GatewayLab.web { visit in
            while let request = try visit.next() {
                switch request.target {
                case "/more":
                    try visit.stream.send(
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX: evil\r\n\r\n"
                    )
                case "/noise": try visit.stream.send("hello\r\n\r\n")
                case "/switch": try visit.stream.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
                case "/both":
                    try visit.stream.send(
                        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
                    )
                default: try visit.answer(body: "fine")
                }
            }
        }
        let stream = try gateway.connect()
        try stream.send(GatewayLab.request("/more", host: "web") + GatewayLab.request("/", host: "web"))
        #expect(try stream.readResponse()?.text == "ok")
        #expect(try stream.readResponse()?.text == "fine")
        #expect(pod.connectionCount == 2)
        for target in ["/noise", "/switch"] { #expect(try gateway.ask(target, host: "web").status == 502, "\(target)") }
        let both = try gateway.ask("/both", host: "web")
        #expect(both.status == 502 || both.text == "ok" && both["Content-Length"] == nil)
    }
}
