import LabKit
import Testing

/// Clients that stay with an endpoint, and clients that try out another version (B.4 and B.6).
@Suite(.needsLab)
struct AffinityTests {
    private func newGateway(pods: Int) throws -> GatewayLab {
        let gateway = try GatewayLab(options: ["--workers", "2"])
        for number in 0..<pods { try gateway.pod("pod-\(number)", number) }
        try gateway.put([Manifest.ingressClass("nginx"), Manifest.service("web")])
        try gateway.put(Manifest.endpoints("web", (0..<pods).map(GatewayLab.podAddress)), in: "endpoints.yaml")
        return gateway
    }

    private func cookie(_ response: HTTPMessage) throws -> String {
        let text = try #require(response["Set-Cookie"], "\(response.head)")
        return String(text.prefix { $0 != ";" })
    }

    @Test(arguments: ["balanced", "persistent"])
    func `A client with the cookie stays with its endpoint`(mode: String) throws {
        let gateway = try newGateway(pods: 4)
        try gateway.put([
            Manifest.ingress(
                "web",
                host: "web",
                [.prefix("/app", to: "web")],
                annotations: ["affinity": "cookie", "affinity-mode": mode]
            )
        ])
        try gateway.start()
        var seen: Set<String> = []
        for _ in 0..<12 {
            let first = try gateway.ask("/app", host: "web")
            let set = try #require(first["Set-Cookie"])
            #expect(set.hasPrefix("INGRESSCOOKIE=") && set.contains("|"), "\(set)")
            #expect(set.contains("; Path=/app") && set.contains("; HttpOnly") && !set.contains("Secure"), "\(set)")
            seen.insert(first.text)
            let cookie = try cookie(first)
            for _ in 0..<4 {
                let again = try gateway.ask("/app/x", host: "web", ["Cookie: a=b; \(cookie); c=d"])
                #expect(again.text == first.text)
                #expect(again["Set-Cookie"] == nil)
            }
        }
        #expect(seen.count > 1)
        // A cookie that is none of ours is replaced.
        for value in ["x", "", "0123456789abcdef|ffffffffffffffff", String(repeating: "a", count: 3000)] {
            let response = try gateway.ask("/app", host: "web", ["Cookie: INGRESSCOOKIE=\(value)"])
            #expect(response.status == 200 && response["Set-Cookie"] != nil, "\(value.prefix(40))")
        }
        // When the endpoint leaves, the client gets another, and stays with that.
        let first = try gateway.ask("/app", host: "web")
        let gone = try #require(gateway.pods.firstIndex { $0.name == first.text })
        try gateway.awaitTables {
            try gateway.put(
                Manifest.endpoints("web", (0..<4).filter { $0 != gone }.map(GatewayLab.podAddress)),
                in: "endpoints.yaml"
            )
        }
        let moved = try gateway.ask("/app", host: "web", ["Cookie: \(try cookie(first))"])
        #expect(moved.status == 200 && moved.text != first.text)
        let kept = mode == "persistent" ? try cookie(moved) : try cookie(first)
        for _ in 0..<4 { #expect(try gateway.ask("/app", host: "web", ["Cookie: \(kept)"]).text == moved.text) }
    }

    @Test func `The cookie's attributes are those of the annotations`() throws {
        let gateway = try newGateway(pods: 1)
        try gateway.put([
            Manifest.ingress(
                "web",
                host: "web",
                [.prefix("/", to: "web")],
                annotations: [
                    "affinity": "cookie", "session-cookie-name": "route", "session-cookie-path": "/p",
                    "session-cookie-max-age": "60", "session-cookie-expires": "60", "session-cookie-samesite": "Strict",
                    "session-cookie-secure": "true", "session-cookie-domain": "example.com",
                ]
            )
        ])
        try gateway.start()
        let set = try #require(try gateway.ask(host: "web")["Set-Cookie"])
        for part in [
            "route=", "Path=/p", "Max-Age=60", "Expires=", "SameSite=Strict", "Secure", "HttpOnly",
            "Domain=example.com",
        ] {
            #expect(set.contains(part), "\(part) in \(set)")
        }
    }

    @Test func `A canary takes whom its rules name`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        for (number, name) in ["main", "new"].enumerated() { try gateway.service(name, number) }
        try gateway.put([Manifest.ingressClass("nginx")])
        func host(_ name: String, _ canary: [String: String], _ main: [String: String] = [:]) throws {
            try gateway.put([
                Manifest.ingress(name, host: name, [.prefix("/", to: "main")], annotations: main),
                Manifest.ingress(
                    "\(name)-canary",
                    host: name,
                    [.prefix("/", to: "new")],
                    annotations: canary.merging(["canary": "true"]) { $1 }
                ),
            ])
        }
        try host("zero", ["canary-weight": "0"])
        try host("full", ["canary-weight": "100"])
        try host("half", ["canary-weight": "50"])
        try host("total", ["canary-weight": "200", "canary-weight-total": "200"])
        try host("header", ["canary-by-header": "X-Canary"])
        try host("value", ["canary-by-header": "X-Canary", "canary-by-header-value": "yes"])
        try host("pattern", ["canary-by-header": "X-Canary", "canary-by-header-pattern": "^v[0-9]+$"])
        try host("cookie", ["canary-by-cookie": "try"])
        try host("mixed", ["canary-by-header": "X-Canary", "canary-by-cookie": "try", "canary-weight": "100"])
        // A canary alone makes no host.
        try gateway.put([
            Manifest.ingress("alone", host: "alone", [.prefix("/", to: "new")], annotations: ["canary": "true"])
        ])
        try gateway.start()
        let (main, new) = ("main", "new")
        for (host, fields, expected) in [
            ("zero", [], main), ("full", [], new), ("total", [], new),
            ("header", [], main), ("header", ["X-Canary: always"], new), ("header", ["X-Canary: never"], main),
            ("header", ["x-canary: other"], main), ("value", ["X-Canary: yes"], new),
            ("value", ["X-Canary: always"], main),
            ("pattern", ["X-Canary: v12"], new), ("pattern", ["X-Canary: w"], main),
            ("cookie", ["Cookie: try=always"], new), ("cookie", ["Cookie: try=never"], main),
            ("cookie", ["Cookie: try=x"], main),
            ("mixed", [], new), ("mixed", ["X-Canary: never"], main), ("mixed", ["Cookie: try=never"], main),
            ("mixed", ["X-Canary: always", "Cookie: try=never"], new),
        ] as [(String, [String], String)] {
            for _ in 0..<3 { #expect(try gateway.ask(host: host, fields).text == expected, "\(host) \(fields)") }
        }
        let half = try (0..<80).map { _ in try gateway.ask(host: "half").text }.filter { $0 == new }.count
        #expect((10...70).contains(half))
        #expect(try gateway.ask(host: "alone").status == 404)
    }

    @Test func `A canary without endpoints leaves its requests to the main backend`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.service("main", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.service("new"), Manifest.endpoints("new", []),
            Manifest.ingress("main", host: "h", [.prefix("/", to: "main")]),
            Manifest.ingress(
                "new",
                host: "h",
                [.prefix("/", to: "new")],
                annotations: ["canary": "true", "canary-weight": "100"]
            ),
        ])
        try gateway.start()
        #expect(try gateway.ask(host: "h").text == "main")
    }
}
