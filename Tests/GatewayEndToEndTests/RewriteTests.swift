import LabKit
import Testing

/// Paths as patterns, and what endpoints are asked for in their place (A.2 and B.4).
@Suite(.needsLab)
struct RewriteTests {
    /// A request, the Service that answers it, and what that was asked for; no Service for 404.
    struct Case: CustomStringConvertible {
        let host: String
        let target: String
        let service: String?
        let seen: String?
        var description: String { "\(host) \(target)" }

        init(_ host: String, _ target: String, _ service: String?, _ seen: String? = nil) {
            (self.host, self.target, self.service, self.seen) = (host, target, service, seen)
        }
    }

    private func expect(_ cases: [Case], from gateway: GatewayLab) throws {
        for test in cases {
            let response = try gateway.ask(test.target, host: test.host)
            guard let service = test.service else {
                #expect(response.status == 404, "\(test)")
                continue
            }
            #expect(response.text == service, "\(test)")
            guard let seen = test.seen else { continue }
            #expect(gateway.pods.first { $0.name == service }?.requests.last?.target == seen, "\(test)")
        }
    }

    @Test func `A rewrite puts its target in the place of the whole path`() throws {
        let gateway = try GatewayLab()
        try gateway.service("web", 1)
        func rewrite(_ host: String, _ path: String, _ target: String) -> String {
            Manifest.ingress(host, host: host, [.pattern(path, to: "web")], annotations: ["rewrite-target": target])
        }
        try gateway.put([
            Manifest.ingressClass("nginx"),
            rewrite("captures", "/something(/|$)(.*)", "/$2"), rewrite("whole", "/v1/", "/"),
            rewrite("query", "/q/(.*)", "/search?term=$1"), rewrite("same", "/same", "/same"),
            rewrite("bare", "/bare/(.*)", "$1"), rewrite("named", "/u/(?<who>[a-z]+)/(?<what>.*)", "/$what/$who"),
            rewrite("unset", "/o(/(a))?(/(b))?$", "/x$2-$4"),
        ])
        try gateway.start()
        try expect(
            [
                Case("captures", "/something", "web", "/"), Case("captures", "/something/", "web", "/"),
                Case("captures", "/something/new?a=b", "web", "/new?a=b"),
                Case("captures", "/SOMETHING/New", "web", "/New"), Case("captures", "/other", nil),
                Case("captures", "/something/a%20b", "web", "/a%20b"),
                Case("whole", "/v1/users", "web", "/"), Case("query", "/q/tea?x=1", "web", "/search?term=tea&x=1"),
                Case("same", "/same", "web", "/same"), Case("bare", "/bare/x/y", "web", "/x/y"),
                Case("bare", "/bare/", "web", "/"), Case("named", "/u/ann/mail/1", "web", "/mail/1/ann"),
                Case("unset", "/o/a", "web", "/xa-"), Case("unset", "/o/b", "web", "/x-b"),
            ],
            from: gateway
        )
    }

    @Test func `One pattern on a host makes patterns of all its paths`() throws {
        let gateway = try GatewayLab()
        for (number, name) in ["long", "bar", "exact", "prefix", "plain"].enumerated() {
            try gateway.service(name, number)
        }
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress(
                "regex",
                host: "regex",
                [.pattern("/foo/bar/[A-Z0-9]{3}", to: "long"), .pattern("/foo/bar/bar", to: "bar")],
                annotations: ["use-regex": "true"]
            ),
            Manifest.ingress("beside", host: "regex", [.exact("/exact", to: "exact"), .prefix("/pre", to: "prefix")]),
            Manifest.ingress("plain", host: "plain", [.exact("/exact", to: "plain")]),
        ])
        try gateway.start()
        try expect(
            [
                Case("regex", "/foo/bar/bar", "long"), Case("regex", "/foo/bar/BAR", "long"),
                Case("regex", "/foo/bar/ba", nil), Case("regex", "/x/foo/bar/bar", nil),
                Case("regex", "/exact", "exact"), Case("regex", "/EXACT/more", "exact"),
                Case("regex", "/prefixed", "prefix"),
                Case("regex", "/PRE/x", "prefix"),
                Case("plain", "/exact", "plain"), Case("plain", "/EXACT", nil), Case("plain", "/exact/", nil),
            ],
            from: gateway
        )
    }

    @Test func `Where the operator is strict, a pattern leaves other paths of its host alone`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1", "--strict-path-regex"])
        for (number, name) in ["regex", "exact"].enumerated() { try gateway.service(name, number) }
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress(
                "regex",
                host: "h",
                [.pattern("/r[0-9]+", to: "regex")],
                annotations: ["use-regex": "true"]
            ),
            Manifest.ingress("beside", host: "h", [.exact("/exact", to: "exact")]),
        ])
        try gateway.start()
        try expect(
            [
                Case("h", "/R12/x", "regex"), Case("h", "/exact", "exact"), Case("h", "/exact/", nil),
                Case("h", "/EXACT", nil),
            ],
            from: gateway
        )
    }

    @Test func `A prefix of a path is told to the endpoint only where the gateway is asked to`() throws {
        let gateway = try GatewayLab()
        let pod = try gateway.service("web", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("r", host: "r", [.pattern("/p/(.*)", to: "web")], annotations: ["rewrite-target": "/$1"]),
        ])
        try gateway.start()
        #expect(try gateway.ask("/p/x", host: "r").status == 200)
        #expect(pod.requests.last?["X-Forwarded-Prefix"] == nil)
    }
}
