import LabKit
import Testing

/// Objects that ask for what cannot be: they alone suffer, and the operator is told which and why.
@Suite(.needsLab)
struct BadInputTests {
    /// An Ingress of one host with something wrong, what its path answers, and what the operator reads.
    struct Case: CustomStringConvertible {
        let name: String
        var annotations: [String: String] = [:]
        var path = Manifest.Path.prefix("/", to: "web")
        let status: Int
        let words: [String]

        var description: String { name }
    }

    static let cases = [
        Case(name: "service", path: .prefix("/", to: "nowhere"), status: 503, words: ["default/nowhere", "backend"]),
        Case(
            name: "port",
            path: Manifest.Path("/", to: "web", port: "name: other"),
            status: 503,
            words: ["other", "backend"]
        ),
        Case(
            name: "regex",
            annotations: ["use-regex": "true"],
            path: .pattern("/a(", to: "web"),
            status: 404,
            words: ["/a(", "paths[0].path"]
        ),
        Case(
            name: "timeout",
            annotations: ["proxy-read-timeout": "-5"],
            status: 200,
            words: ["proxy-read-timeout", "-5"]
        ),
        Case(
            name: "endless",
            annotations: ["proxy-send-timeout": "99999999999999999999"],
            status: 200,
            words: ["proxy-send-timeout"]
        ),
        Case(name: "size", annotations: ["proxy-body-size": "9999999999999g"], status: 200, words: ["proxy-body-size"]),
        Case(
            name: "ranges",
            annotations: ["whitelist-source-range": "10.0.0.0/33"],
            status: 503,
            words: ["10.0.0.0/33"]
        ),
        Case(
            name: "redirect",
            annotations: ["permanent-redirect": "javascript:alert(1)"],
            status: 503,
            words: ["permanent-redirect"]
        ),
        Case(
            name: "splitting",
            annotations: ["temporal-redirect": "http://a/\\r\\nSet-Cookie: b"],
            status: 503,
            words: ["temporal-redirect"]
        ),
        Case(
            name: "snippet",
            annotations: ["configuration-snippet": "return 418;"],
            status: 200,
            words: ["configuration-snippet"]
        ),
        Case(name: "auth", annotations: ["auth-type": "basic"], status: 503, words: ["auth-type"]),
        Case(
            name: "typo",
            annotations: ["proxy-bodysize": "1m"],
            status: 200,
            words: ["proxy-bodysize", "proxy-body-size"]
        ),
        Case(
            name: "canary",
            annotations: ["canary": "true", "canary-weight": "lots"],
            status: 404,
            words: ["canary-weight", "lots"]
        ),
        Case(name: "vhost", annotations: ["upstream-vhost": "a b"], status: 200, words: ["upstream-vhost"]),
        Case(name: "lb", annotations: ["load-balance": "magic"], status: 200, words: ["load-balance", "magic"]),
        Case(name: "root", annotations: ["app-root": "http://elsewhere/"], status: 200, words: ["app-root"]),
        Case(
            name: "cookie",
            annotations: ["affinity": "cookie", "session-cookie-name": "a=b;"],
            status: 200,
            words: ["session-cookie-name"]
        ),
        Case(
            name: "next",
            annotations: ["proxy-next-upstream": "error sometimes"],
            status: 200,
            words: ["proxy-next-upstream"]
        ),
    ]

    @Test func `A wrong Ingress harms its own path alone, and is named with its field`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.service("web", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.ingress("good", host: "good", [.prefix("/", to: "web")]),
        ])
        for test in Self.cases {
            try gateway.put([
                Manifest.ingress(test.name, host: "\(test.name).example", [test.path], annotations: test.annotations)
            ])
        }
        // What is no object at all, and half a file.
        try gateway.put("{ this is: [no yaml", in: "broken.yaml")
        try gateway.put(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shapeless}\nspec: 7\n",
            in: "odd.yaml"
        )
        try gateway.start()
        let log = try gateway.gateway.output
        let dryRun = try gateway.lab.run(gateway.command(["--dry-run"]), in: gateway.namespace).output
        for test in Self.cases {
            #expect(try gateway.ask(host: "\(test.name).example").status == test.status, "\(test)")
            for (where_, text) in [("log", log), ("dry run", dryRun)] {
                let lines = text.split(separator: "\n").filter { $0.contains("default/\(test.name)") }
                #expect(
                    lines.contains { line in test.words.allSatisfy(line.contains) },
                    "\(test) in the \(where_): \(lines)"
                )
            }
        }
        #expect(try gateway.ask(host: "good").text == "web")
        for word in ["broken.yaml", "shapeless"] { #expect(log.contains(word), "\(word)") }
        let metrics = try gateway.status("/metrics").text
        let counts = metrics.split(separator: "\n").filter { $0.hasPrefix("fairlead_gateway_problems{") }
        let sum = counts.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(sum >= Self.cases.count, "\(counts)")
    }

    @Test func `A mended Ingress serves, and one that goes bad falls back on nothing of its past`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.service("web", 1)
        try gateway.put([Manifest.ingressClass("nginx")])
        func ingress(_ ranges: String) -> String {
            Manifest.ingress("a", host: "a", [.prefix("/", to: "web")], annotations: ["whitelist-source-range": ranges])
        }
        try gateway.put(ingress("10.0.0.0/33"), in: "a.yaml")
        try gateway.start()
        #expect(try gateway.ask(host: "a").status == 503)
        try gateway.awaitTables { try gateway.put(ingress("10.0.0.0/8"), in: "a.yaml") }
        #expect(try gateway.ask(host: "a").status == 200)
        #expect(try gateway.gateway.output.contains("solved"))
        try gateway.awaitTables { try gateway.put(ingress("everybody"), in: "a.yaml") }
        #expect(try gateway.ask(host: "a").status == 503)
    }

    @Test func `Clients are let in and kept out by their addresses`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.service("web", 1)
        try gateway.put([Manifest.ingressClass("nginx")])
        for (name, annotations) in [
            ("allow", ["whitelist-source-range": "10.2.0.0/16, 2001:db8::/32"]),
            ("alias", ["allowlist-source-range": "10.2.0.1"]), ("deny", ["denylist-source-range": "10.2.0.0/24"]),
            ("both", ["whitelist-source-range": "10.2.0.0/16", "denylist-source-range": "10.2.0.9/32"]),
        ] {
            try gateway.put([Manifest.ingress(name, host: name, [.prefix("/", to: "web")], annotations: annotations)])
        }
        try gateway.start()
        for (host, client, status) in [
            ("allow", "10.2.0.9", 200), ("allow", "10.3.0.9", 403), ("alias", "10.2.0.1", 200),
            ("alias", "10.2.0.2", 403),
            ("deny", "10.2.0.9", 403), ("deny", "10.2.1.9", 200), ("both", "10.2.0.9", 403), ("both", "10.2.0.8", 200),
            ("both", "10.3.0.8", 403),
        ] {
            // What a client says of its address changes nothing.
            let response = try gateway.ask(host: host, ["X-Forwarded-For: 10.2.0.8"], from: client)
            #expect(response.status == status, "\(host) from \(client)")
        }
        #expect(try gateway.ask(host: "allow", from: "10.3.0.9").text.contains("<h1>403 Forbidden</h1>"))
    }
}
