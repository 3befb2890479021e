import LabKit
import Testing

/// Which Service gets a request, by its host and path (A.1, A.2 and A.10 of the specification).
@Suite(.needsLab)
struct HostAndPathTests {
    /// A request, and the Service that must answer it; none for 404.
    struct Case: CustomStringConvertible {
        let host: String?
        let target: String
        let service: String?

        init(_ host: String?, _ target: String, _ service: String?) {
            self.host = host
            self.target = target
            self.service = service
        }

        var description: String { "\(host ?? "no host") \(target) → \(service ?? "404")" }
    }

    private func expect(_ cases: [Case], from gateway: GatewayLab) throws {
        for test in cases {
            let response = try gateway.ask(test.target, host: test.host)
            if let service = test.service {
                #expect(response.status == 200, "\(test)")
                #expect(response.text == service, "\(test)")
            } else {
                #expect(response.status == 404, "\(test)")
            }
        }
    }

    @Test func `Hosts are matched exactly, by one label of a wildcard, or not at all`() throws {
        let gateway = try GatewayLab()
        for (number, name) in ["exact", "wild", "under", "sub"].enumerated() { try gateway.service(name, number) }
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("exact", host: "foo.bar.com", [.prefix("/", to: "exact")]),
            Manifest.ingress("wild", host: "*.foo.com", [.prefix("/", to: "wild")]),
            Manifest.ingress("under", host: "a.foo.com", [.prefix("/only", to: "under")]),
            Manifest.ingress("sub", host: "Case.Example", [.prefix("/", to: "sub")]),
        ])
        try gateway.start()
        try expect(
            [
                Case("foo.bar.com", "/", "exact"), Case("FOO.Bar.Com", "/", "exact"),
                Case("foo.bar.com:80", "/", "exact"),
                Case("foo.bar.com:8080", "/x", "exact"), Case("foo.bar.com.", "/", "exact"),
                Case("subdomain.bar.com", "/", nil), Case("bar.com", "/", nil),
                Case("bar.foo.com", "/", "wild"), Case("BAR.foo.com", "/", "wild"), Case("x-1_y.foo.com", "/", "wild"),
                Case("baz.bar.foo.com", "/", nil), Case("foo.com", "/", nil),
                // The most specific host owns the request, also where none of its paths takes it.
                Case("a.foo.com", "/only", "under"), Case("a.foo.com", "/", nil),
                Case("case.example", "/", "sub"), Case("unknown.example", "/", nil),
            ],
            from: gateway
        )
    }

    @Test func `A host that nobody knows gets the page that people know, and the health check is answered`() throws {
        let gateway = try GatewayLab()
        try gateway.service("web", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.ingress("web", host: "web.example", [.prefix("/", to: "web")]),
        ])
        try gateway.start()
        let unknown = try gateway.ask("/", host: "unknown.example")
        #expect(unknown.startLine == "HTTP/1.1 404 Not Found")
        #expect(unknown["Content-Type"] == "text/html")
        #expect(unknown["Content-Length"] == "\(unknown.bodyLength)")
        #expect(unknown.text.contains("<center><h1>404 Not Found</h1></center>\r\n<hr>"))
        #expect(unknown["Date"]?.hasSuffix("GMT") == true)
        // The same without the page.
        let head = try gateway.connect()
        try head.send(
            GatewayLab.request(host: "unknown.example", method: "HEAD") + GatewayLab.request(host: "web.example")
        )
        #expect(try head.readResponse(to: "HEAD")?["Content-Length"] == unknown["Content-Length"])
        #expect(try head.readResponse()?.text == "web")
        for host in ["10.0.0.1", "unknown.example"] {
            #expect(try gateway.ask("/healthz", host: host).status == 200, "\(host)")
        }
        // On a host of its own the path belongs to the Service.
        #expect(try gateway.ask("/healthz", host: "web.example").text == "web")
        #expect(try gateway.status("/healthz").status == 200)
    }

    @Test func `Paths are matched as the table of the Kubernetes documentation says`() throws {
        let gateway = try GatewayLab()
        let names = ["all", "foo-exact", "foo-prefix", "foo-slash", "aaa", "aaa-bbb", "bbb-slash", "unspecific"]
        for (number, name) in names.enumerated() { try gateway.service(name, number) }
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("all", host: "all", [.prefix("/", to: "all")]),
            Manifest.ingress("exact", host: "exact", [.exact("/foo", to: "foo-exact")]),
            Manifest.ingress("exact-slash", host: "exact-slash", [.exact("/foo/", to: "foo-slash")]),
            Manifest.ingress("prefix", host: "prefix", [.prefix("/foo", to: "foo-prefix")]),
            Manifest.ingress("prefix-slash", host: "prefix-slash", [.prefix("/foo/", to: "foo-slash")]),
            Manifest.ingress("two", host: "two", [.prefix("/aaa/bbb", to: "aaa-bbb"), .prefix("/aaa", to: "aaa")]),
            Manifest.ingress(
                "three",
                host: "three",
                [.prefix("/", to: "all"), .prefix("/aaa", to: "aaa"), .prefix("/aaa/bbb", to: "aaa-bbb")]
            ),
            Manifest.ingress(
                "mixed",
                host: "mixed",
                [.prefix("/foo", to: "foo-prefix"), .exact("/foo", to: "foo-exact")]
            ),
            Manifest.ingress("nested", host: "nested", [.prefix("/aaa/bbb/", to: "bbb-slash")]),
            Manifest.ingress("any", host: "any", [.pattern("/foo", to: "unspecific")]),
        ])
        try gateway.start()
        try expect(
            [
                Case("all", "/", "all"), Case("all", "/any/thing?q=1", "all"),
                Case("exact", "/foo", "foo-exact"), Case("exact", "/foo?q", "foo-exact"), Case("exact", "/bar", nil),
                Case("exact", "/foo/", nil), Case("exact", "/FOO", nil), Case("exact-slash", "/foo", nil),
                Case("exact-slash", "/foo/", "foo-slash"),
                Case("prefix", "/foo", "foo-prefix"), Case("prefix", "/foo/", "foo-prefix"),
                Case("prefix", "/foo/x", "foo-prefix"), Case("prefix", "/foobar", nil), Case("prefix", "/FOO", nil),
                Case("prefix", "/fo", nil), Case("prefix", "/", nil),
                Case("prefix-slash", "/foo", "foo-slash"), Case("prefix-slash", "/foo/", "foo-slash"),
                Case("prefix-slash", "/foo/x", "foo-slash"), Case("prefix-slash", "/foobar", nil),
                Case("two", "/aaa/bbb", "aaa-bbb"), Case("two", "/aaa/bbb/", "aaa-bbb"),
                Case("two", "/aaa/bbb/ccc", "aaa-bbb"), Case("two", "/aaa/ccc", "aaa"),
                Case("two", "/aaa/bbbxyz", "aaa"),
                Case("two", "/aaaccc", nil), Case("two", "/ccc", nil),
                Case("three", "/aaa/ccc", "aaa"), Case("three", "/aaa/bbb", "aaa-bbb"), Case("three", "/ccc", "all"),
                Case("mixed", "/foo", "foo-exact"), Case("mixed", "/foo/x", "foo-prefix"),
                Case("nested", "/aaa/bbb", "bbb-slash"), Case("nested", "/aaa/bbb/", "bbb-slash"),
                Case("any", "/foo/bar", "unspecific"), Case("any", "/foobar", nil),
                // What is matched is the normalised path.
                Case("prefix", "/%66oo", "foo-prefix"), Case("prefix", "//foo", "foo-prefix"),
                Case("prefix", "/x/../foo/y", "foo-prefix"), Case("prefix", "/foo/../bar", nil),
                Case("prefix", "/./foo", "foo-prefix"),
            ],
            from: gateway
        )
        for (target, status) in [("/%zz", 400), ("/..", 400), ("/a%00b", 400), ("/%2", 400)] {
            #expect(try gateway.ask(target, host: "all").status == status, "\(target)")
        }
    }

    @Test func `Requests that no rule takes go to the default backend that is nearest`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1", "--default-backend-service", "default/last"])
        for (number, name) in ["own", "web", "any", "last"].enumerated() { try gateway.service(name, number) }
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("own", host: "own", [.prefix("/web", to: "web")], defaultBackend: "own"),
            Manifest.ingress("plain", host: "plain", [.prefix("/web", to: "web")]),
        ])
        try gateway.start()
        try expect(
            [
                Case("own", "/web", "web"), Case("own", "/other", "own"), Case("plain", "/other", "last"),
                Case("unknown", "/sub-path", "last"),
            ],
            from: gateway
        )
        try gateway.awaitTables {
            try gateway.put(
                Manifest.ingress("any", [], created: "2025-01-01T00:00:00Z", defaultBackend: "any"),
                in: "any.yaml"
            )
        }
        try expect([Case("unknown", "/", "any"), Case("own", "/other", "own")], from: gateway)
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let response = try gateway.ask("/sub-path", host: "my-host", method: method)
            #expect(response.status == 200, "\(method)")
            #expect(gateway.pods[2].requests.last?.startLine == "\(method) /sub-path HTTP/1.1")
        }
    }

    @Test func `Only Ingresses of the gateway's class are served`() throws {
        let gateway = try GatewayLab()
        try gateway.service("web", 1)
        let paths = [Manifest.Path.prefix("/", to: "web")]
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.ingressClass("other", controller: "example.com/other"),
            Manifest.ingressClass("own", controller: "fairlead.io/ingress"),
            Manifest.ingress("a", host: "nginx", paths, className: "nginx"),
            Manifest.ingress("b", host: "own", paths, className: "own"),
            Manifest.ingress("c", host: "other", paths, className: "other"),
            Manifest.ingress("d", host: "missing", paths, className: "missing"),
            Manifest.ingress("e", host: "none", paths, className: nil),
            Manifest.ingress(
                "f",
                host: "annotated",
                paths,
                annotations: ["kubernetes.io/ingress.class": "nginx"],
                className: nil
            ),
            Manifest.ingress(
                "g",
                host: "both",
                paths,
                annotations: ["kubernetes.io/ingress.class": "nginx"],
                className: "x"
            ),
        ])
        try gateway.start()
        try expect(
            [
                Case("nginx", "/", "web"), Case("own", "/", "web"), Case("other", "/", nil), Case("missing", "/", nil),
                Case("none", "/", nil), Case("annotated", "/", "web"), Case("both", "/", nil),
            ],
            from: gateway
        )
        // A class that comes later brings its Ingresses.
        try gateway.awaitTables { try gateway.put([Manifest.ingressClass("missing")]) }
        try expect([Case("missing", "/", "web")], from: gateway)
    }

    @Test func `Of two Ingresses with the same path the older one wins, and the other is told`() throws {
        let gateway = try GatewayLab()
        try gateway.service("old", 1)
        try gateway.service("new", 2)
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress(
                "late",
                host: "web",
                [.prefix("/", to: "new"), .prefix("/late", to: "new")],
                created: "2026-03-01T00:00:00Z"
            ),
            Manifest.ingress("early", host: "web", [.prefix("/", to: "old")], created: "2026-02-01T00:00:00Z"),
        ])
        try gateway.start()
        try expect([Case("web", "/", "old"), Case("web", "/late", "new")], from: gateway)
        let complaint = try gateway.gateway.waitForLine(containing: "default/late")
        #expect(complaint.contains("default/early"), "\(complaint)")
    }

    @Test func `Hosts may be shared by namespaces, backends may not`() throws {
        let gateway = try GatewayLab()
        try gateway.service("web", 1)
        let pod = try gateway.pod("there", 2)
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.service("there", namespace: "far"),
            Manifest.endpoints("there", [GatewayLab.podAddress(2)], namespace: "far"),
            Manifest.ingress("here", host: "web", [.prefix("/", to: "web"), .prefix("/there", to: "there")]),
            Manifest.ingress("there", host: "web", [.prefix("/far", to: "there")], namespace: "far"),
        ])
        try gateway.start()
        try expect([Case("web", "/", "web"), Case("web", "/far", "there")], from: gateway)
        #expect(try gateway.ask("/there", host: "web").status == 503)
        #expect(pod.requests.count == 1)
    }
}
