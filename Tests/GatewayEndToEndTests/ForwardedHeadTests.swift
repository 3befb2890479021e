import LabKit
import Testing

/// What an endpoint gets to see of a request (B.1).
@Suite(.needsLab)
struct ForwardedHeadTests {
    @Test func `An endpoint sees the client's fields, and what the gateway says of the client`() throws {
        let (gateway, pod) = try GatewayLab.web()
        let response = try gateway.ask(
            "/a/b?c=d&e",
            host: "web:8443",
            method: "OPTIONS",
            [
                "User-Agent: test/1", "Accept: */*", "Cookie: a=1", "X-Twice: 1", "x-twice: 2", "X-Empty:",
                "Authorization: B",
            ],
            from: "10.2.0.9"
        )
        #expect(response.status == 200)
        let request = try #require(pod.requests.first)
        #expect(request.startLine == "OPTIONS /a/b?c=d&e HTTP/1.1")
        let id = try #require(request["X-Request-ID"])
        #expect(id.count == 32 && id.allSatisfy { "0123456789abcdef".contains($0) }, "\(id)")
        let expected = [
            "Host: web:8443", "X-Request-ID: \(id)", "X-Real-IP: 10.2.0.9", "X-Forwarded-For: 10.2.0.9",
            "X-Forwarded-Host: web:8443", "X-Forwarded-Port: 80", "X-Forwarded-Proto: http", "X-Forwarded-Scheme: http",
            "X-Scheme: http", "User-Agent: test/1", "Accept: */*", "Cookie: a=1", "X-Twice: 1", "x-twice: 2",
            "X-Empty: ",
            "Authorization: B",
        ]
        #expect(request.fields.map { "\($0.name): \($0.value)" }.sorted() == expected.sorted())
        #expect(request.fields.filter { $0.name.lowercased() == "x-twice" }.map(\.value) == ["1", "2"])
    }

    @Test func `What a client says of itself is not believed, and its own words are kept apart`() throws {
        let (gateway, pod) = try GatewayLab.web()
        _ = try gateway.ask(
            "/",
            host: "web",
            [
                "X-Forwarded-For: 1.1.1.1, 2.2.2.2", "X-Forwarded-Host: evil", "X-Forwarded-Proto: https",
                "X-Forwarded-Port: 1", "X-Forwarded-Scheme: https", "X-Scheme: https", "X-Real-IP: 3.3.3.3",
                "X-Original-Forwarded-For: 4.4.4.4", "X-Original-Forwarded-Host: e", "X-Request-ID: mine-1",
                "Proxy: http://evil", "ssl-client-verify: SUCCESS", "ssl-client-subject-dn: CN=root",
            ],
            from: "10.2.0.9"
        )
        let request = try #require(pod.requests.first)
        let expected = [
            "Host: web", "X-Request-ID: mine-1", "X-Real-IP: 10.2.0.9", "X-Forwarded-For: 10.2.0.9",
            "X-Forwarded-Host: web", "X-Forwarded-Port: 80", "X-Forwarded-Proto: http", "X-Forwarded-Scheme: http",
            "X-Scheme: http", "X-Original-Forwarded-For: 1.1.1.1, 2.2.2.2", "X-Original-Forwarded-Host: evil",
        ]
        #expect(request.fields.map { "\($0.name): \($0.value)" }.sorted() == expected.sorted())
    }

    @Test func `Fields between two neighbours go no further, and cannot take others with them`() throws {
        let (gateway, pod) = try GatewayLab.web()
        let stream = try gateway.connect()
        try stream.send(
            GatewayLab.request(
                host: "web",
                [
                    "Connection: X-Hop, X-Real-IP, X-Forwarded-For, Host, Authorization, keep-alive", "X-Hop: 1",
                    "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers, deflate",
                    "Upgrade: websocket",
                    "Authorization: Basic eA==", "X-Kept: 1",
                ]
            )
        )
        #expect(try stream.readResponse()?.status == 200)
        let request = try #require(pod.requests.first)
        for name in ["X-Hop", "Keep-Alive", "Proxy-Connection", "Upgrade", "Connection"] {
            #expect(request[name] == nil, "\(name): \(request[name] ?? "")")
        }
        #expect(request["Host"] == "web")
        #expect(request["Authorization"] == "Basic eA==")
        #expect(request["X-Kept"] == "1")
        #expect(request["X-Real-IP"] != nil && request["X-Forwarded-For"] != nil)
        #expect(try stream.isQuiet(for: .milliseconds(20)))
    }

    @Test func `Names that could be taken for others are dropped`() throws {
        let (gateway, pod) = try GatewayLab.web()
        _ = try gateway.ask(host: "web", ["X_Forwarded_For: 1.1.1.1", "X_Under: 1", "X.Dot: 1", "X-Fine: 1"])
        let request = try #require(pod.requests.first)
        #expect(request.fields.allSatisfy { !$0.name.contains("_") && !$0.name.contains(".") })
        #expect(request["X-Fine"] == "1")
    }

    @Test func `Response fields of one hop stay there, and the rest reaches the client`() throws {
        let (gateway, _) = try GatewayLab.web { visit in
            while try visit.next() != nil {
                try visit.answer(
                    418,
                    [
                        "Connection: X-Hop, keep-alive", "X-Hop: 1", "Keep-Alive: timeout=9", "Server: pod/1",
                        "X-Accel-Redirect: /secret", "Set-Cookie: a=1", "Set-Cookie: b=2", "X-Kept: 1",
                        "Proxy-Authenticate: Basic",
                    ],
                    body: "tea"
                )
            }
        }
        let stream = try gateway.connect()
        try stream.send(GatewayLab.request(host: "web"))
        let response = try #require(try stream.readResponse())
        #expect(response.status == 418 && response.text == "tea")
        #expect(response.values(of: "Set-Cookie") == ["a=1", "b=2"])
        #expect(response["X-Kept"] == "1")
        #expect(response["Date"] != nil)
        for name in ["X-Hop", "Keep-Alive", "Server", "X-Accel-Redirect", "Connection"] {
            #expect(response[name] == nil, "\(name)")
        }
    }

    @Test func `A client of HTTP 1.0 is served, with or without a host`() throws {
        let (gateway, pod) = try GatewayLab.web()
        try gateway.awaitTables {
            try gateway.put([Manifest.ingress("any", [.prefix("/", to: "web")])])
        }
        for (text, host) in [("GET /old HTTP/1.0\r\nHost: web\r\n\r\n", "web"), ("GET /old HTTP/1.0\r\n\r\n", nil)] {
            let stream = try gateway.connect()
            try stream.send(text)
            let response = try #require(try stream.readResponse())
            #expect(response.status == 200 && response.text == "web")
            #expect(response["Connection"] == "close")
            #expect(try stream.readToEnd().isEmpty && stream.ending == .end)
            let request = try #require(pod.requests.last)
            #expect(request.startLine == "GET /old HTTP/1.1")
            #expect(request.values(of: "Host").count == 1)
            if let host { #expect(request["Host"] == host) }
        }
        // It may ask to go on.
        let stream = try gateway.connect()
        for _ in 0..<2 {
            try stream.send("GET /old HTTP/1.0\r\nHost: web\r\nConnection: keep-alive\r\n\r\n")
            #expect(try stream.readResponse()?["Connection"] == "keep-alive")
        }
    }

    /// What a client asks for, and what the endpoint is asked for.
    struct Target: CustomStringConvertible {
        let sent: String
        let seen: String
        var description: String { "\(sent) → \(seen)" }

        init(_ sent: String, _ seen: String) { (self.sent, self.seen) = (sent, seen) }
    }

    @Test func `The target reaches the endpoint as it was sent, unless it hid where it leads`() throws {
        let (gateway, pod) = try GatewayLab.web()
        for test in [
            Target("/", "/"), Target("/a%2Fb/%66oo", "/a%2Fb/%66oo"), Target("/a%20b?c=%20d", "/a%20b?c=%20d"),
            Target("/a?", "/a?"), Target("/a??b=/../c", "/a??b=/../c"), Target("/a;v=1/b", "/a;v=1/b"),
            Target("/a:b@c!$&'()*+,=", "/a:b@c!$&'()*+,="), Target("/%25", "/%25"),
            Target("/a/../b", "/b"), Target("/a//b", "/a/b"), Target("/a/./b/", "/a/b/"), Target("/a/%2e%2e/b", "/b"),
            Target("/a/..?q=/../x", "/?q=/../x"),
            Target("http://web/x?y", "/x?y"), Target("http://web", "/"), Target("http://web?y", "/?y"),
        ] {
            #expect(try gateway.ask(test.sent, host: "web").status == 200, "\(test)")
            #expect(pod.requests.last?.target == test.seen, "\(test)")
        }
    }

    @Test func `The raw path is forwarded where the operator says so`() throws {
        let (gateway, pod) = try GatewayLab.web(options: ["forward-raw-path": "true"])
        #expect(try gateway.ask("/a/../b//c", host: "web").status == 200)
        #expect(pod.requests.last?.target == "/a/../b//c")
    }

    @Test func `The authority of an absolute target wins over the Host field, and is what is forwarded`() throws {
        let (gateway, pod) = try GatewayLab.web()
        #expect(try gateway.ask("http://web/x", host: "other").status == 200)
        #expect(pod.requests.last?["Host"] == "web")
        #expect(pod.requests.last?["X-Forwarded-Host"] == "web")
        #expect(try gateway.ask("http://other/x", host: "web").status == 404)
    }

    /// A request that is answered without an endpoint.
    struct Refusal: CustomStringConvertible {
        let description: String
        let text: String
        let status: Int

        init(_ name: String, _ text: String, _ status: Int) {
            (description, self.text, self.status) = (name, text, status)
        }
    }

    @Test func `Requests that can be read in two ways are refused, and the connection ends`() throws {
        let (gateway, pod) = try GatewayLab.web()
        let rest = "\r\n\r\n"
        for test in [
            Refusal("no host", "GET / HTTP/1.1" + rest, 400),
            Refusal("two hosts", "GET / HTTP/1.1\r\nHost: web\r\nHost: web" + rest, 400),
            Refusal(
                "length and chunks",
                "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 1\r\nTransfer-Encoding: chunked" + rest,
                400
            ),
            Refusal(
                "two lengths",
                "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 1\r\nContent-Length: 2" + rest,
                400
            ),
            Refusal("a signed length", "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: +1" + rest, 400),
            Refusal("an unknown coding", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: zip, chunked" + rest, 501),
            Refusal("a folded field", "GET / HTTP/1.1\r\nHost: web\r\nA: b\r\n c" + rest, 400),
            Refusal("a blank before the colon", "GET / HTTP/1.1\r\nHost: web\r\nA : b" + rest, 400),
            Refusal("another version", "GET / HTTP/2.0\r\nHost: web" + rest, 505),
            Refusal("no HTTP", "SSH-2.0-client" + rest, 400),
            Refusal("CONNECT", "CONNECT web:443 HTTP/1.1\r\nHost: web" + rest, 405),
            Refusal("TRACE", "TRACE / HTTP/1.1\r\nHost: web" + rest, 405),
            Refusal("a fragment", "GET /a#b HTTP/1.1\r\nHost: web" + rest, 400),
            Refusal("a long line", "GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: web" + rest, 414),
            Refusal(
                "a long head",
                "GET / HTTP/1.1\r\nHost: web\r\nA: \(String(repeating: "a", count: 40_000))" + rest,
                400
            ),
        ] {
            let stream = try gateway.connect()
            try stream.send(test.text)
            let response = try #require(try stream.readResponse(), "\(test)")
            #expect(response.status == test.status, "\(test)")
            #expect(response["Connection"] == "close", "\(test)")
            #expect(try stream.readToEnd().isEmpty, "\(test)")
        }
        #expect(pod.requests.isEmpty)
        let response = try gateway.ask("*", host: "web", method: "OPTIONS")
        #expect(response.status == 200 && response["Allow"]?.contains("GET") == true)
    }
}
