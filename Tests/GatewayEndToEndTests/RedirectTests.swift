import LabKit
import Testing

/// Redirects by annotation and to HTTPS, to the byte (B.2 and B.3).
@Suite(.needsLab)
struct RedirectTests {
    /// A request, and the redirect that it must get; none for the Service's answer.
    struct Case: CustomStringConvertible {
        let host: String
        let target: String
        let status: Int
        let location: String?
        var description: String { "\(host) \(target)" }

        init(_ host: String, _ target: String, _ status: Int = 200, _ location: String? = nil) {
            (self.host, self.target, self.status, self.location) = (host, target, status, location)
        }
    }

    private func expect(_ cases: [Case], from gateway: GatewayLab) throws {
        for test in cases {
            let response = try gateway.ask(test.target, host: test.host)
            #expect(response.status == test.status, "\(test)")
            #expect(response["Location"] == test.location, "\(test)")
        }
    }

    @Test func `A host with a certificate is led to HTTPS, whoever gave it the certificate`() throws {
        let gateway = try GatewayLab()
        try gateway.service("web", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"),
            try gateway.tlsSecret("tls", names: ["tls", "*.wild"]),
            Manifest.ingress("tls", host: "tls", [.prefix("/", to: "web")], secret: "tls"),
            // Another Ingress of the same host.
            Manifest.ingress("more", host: "tls", [.prefix("/more", to: "web")]),
            Manifest.ingress("off", host: "tls", [.prefix("/off", to: "web")], annotations: ["ssl-redirect": "false"]),
            Manifest.ingress("lost", host: "lost", [.prefix("/", to: "web")], secret: "missing"),
            Manifest.ingress("plain", host: "plain", [.prefix("/", to: "web")]),
            Manifest.ingress(
                "force",
                host: "force",
                [.prefix("/", to: "web")],
                annotations: ["force-ssl-redirect": "true"]
            ),
        ])
        try gateway.start()
        try expect(
            [
                Case("tls", "/", 308, "https://tls"), Case("tls", "/a", 308, "https://tls/a"),
                Case("tls", "/a/", 308, "https://tls/a"), Case("tls", "/a?x=/", 308, "https://tls/a?x="),
                Case("tls", "/a%20b?c=%2F&d", 308, "https://tls/a%20b?c=%2F&d"),
                Case("tls:80", "/a", 308, "https://tls/a"),
                Case("TLS", "/a", 308, "https://TLS/a"),
                Case("tls", "/more/x", 308, "https://tls/more/x"), Case("tls", "/off", 200),
                Case("tls", "/.well-known/acme-challenge/token", 200),
                // HTTPS is served there too, by the certificate of last resort.
                Case("lost", "/a", 308, "https://lost/a"),
                Case("plain", "/a", 200), Case("force", "/a", 308, "https://force/a"),
            ],
            from: gateway
        )
        let post = try gateway.ask("/a", host: "tls", method: "POST", body: "x")
        #expect(post.status == 308 && post["Location"] == "https://tls/a")
        // Over TLS there is nothing to lead to.
        for host in ["tls", "force"] {
            let result = try gateway.curl(["-k", "-o", "/dev/null", "-w", "%{http_code}", "https://\(host)/a"])
            #expect(result.output == "200", "\(host)")
        }
    }

    @Test func `The status and port of redirects to HTTPS are the operator's`() throws {
        let (gateway, _) = try GatewayLab.web(
            annotations: ["force-ssl-redirect": "true"],
            options: ["http-redirect-code": "301", "use-port-in-redirects": "true"]
        )
        try expect([Case("web", "/a/b", 301, "https://web:443/a/b")], from: gateway)
    }

    @Test func `Redirects by annotation act in the order of ingress-nginx`() throws {
        let gateway = try GatewayLab()
        try gateway.service("web", 1)
        let path = [Manifest.Path.prefix("/", to: "web")]
        let elsewhere = "https://elsewhere.example/there?x=1"
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("perm", host: "perm", path, annotations: ["permanent-redirect": elsewhere]),
            Manifest.ingress(
                "code",
                host: "code",
                path,
                annotations: ["permanent-redirect": elsewhere, "permanent-redirect-code": "308"]
            ),
            Manifest.ingress(
                "odd",
                host: "odd",
                path,
                annotations: ["permanent-redirect": elsewhere, "permanent-redirect-code": "200"]
            ),
            Manifest.ingress("temp", host: "temp", path, annotations: ["temporal-redirect": elsewhere]),
            Manifest.ingress(
                "both",
                host: "both",
                path,
                annotations: ["temporal-redirect": "http://temp.example/", "permanent-redirect": elsewhere]
            ),
            Manifest.ingress(
                "tempcode",
                host: "tempcode",
                path,
                annotations: ["temporal-redirect": elsewhere, "temporal-redirect-code": "307"]
            ),
            Manifest.ingress("root", host: "root", path, annotations: ["app-root": "/app"]),
            Manifest.ingress(
                "all",
                host: "all",
                path,
                annotations: ["app-root": "/app", "permanent-redirect": elsewhere, "force-ssl-redirect": "true"]
            ),
            // A missing backend is found out later.
            Manifest.ingress(
                "none",
                host: "none",
                [.prefix("/", to: "none")],
                annotations: ["force-ssl-redirect": "true"]
            ),
            Manifest.ingress(
                "gone",
                host: "gone",
                [.prefix("/", to: "none")],
                annotations: ["temporal-redirect": elsewhere]
            ),
            Manifest.ingress(
                "walled",
                host: "walled",
                path,
                annotations: ["whitelist-source-range": "192.0.2.0/24", "permanent-redirect": elsewhere]
            ),
        ])
        try gateway.start()
        try expect(
            [
                Case("perm", "/any/path?q", 301, elsewhere), Case("code", "/", 308, elsewhere),
                Case("odd", "/", 301, elsewhere), Case("temp", "/", 302, elsewhere),
                Case("both", "/", 302, "http://temp.example/"), Case("tempcode", "/", 307, elsewhere),
                Case("root", "/", 302, "http://root/app"), Case("root", "/?a=b", 302, "http://root/app"),
                Case("root:8080", "/", 302, "http://root:8080/app"), Case("root", "//", 302, "http://root/app"),
                Case("root", "/app", 200), Case("root", "/x", 200),
                Case("all", "/", 302, "http://all/app"), Case("all", "/x", 301, elsewhere),
                Case("none", "/x", 308, "https://none/x"), Case("gone", "/x", 302, elsewhere),
                Case("walled", "/", 301, elsewhere),
            ],
            from: gateway
        )
    }
}
