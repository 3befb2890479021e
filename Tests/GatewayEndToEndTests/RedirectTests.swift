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

    @Test func `Redirects may name what was asked for, and nothing in it ends the line`() throws {
        let gateway = try GatewayLab()
        try gateway.service("web", 1)
        let path = [Manifest.Path.prefix("/", to: "web")]
        func redirect(_ name: String, to location: String, _ more: [String: String] = [:]) -> String {
            Manifest.ingress(
                name,
                host: name,
                path,
                annotations: ["permanent-redirect": location].merging(more) { first, _ in first }
            )
        }
        try gateway.put([
            Manifest.ingressClass("nginx"), redirect("moved", to: "https://new.example$request_uri"),
            redirect("www", to: "$scheme://www.$host$uri$is_args$args"),
            redirect("parts", to: "https://x/$request_method/$http_host/$remote_addr/$server_port?a=$arg_a&u=$uri"),
            redirect("field", to: "https://x/$http_x_place/$cookie_Spot!$service_name-$service_port.$namespace"),
            redirect("id", to: "https://x/$req_id"),
            Manifest.ingress(
                "old",
                host: "old",
                [.pattern("/old/([^/]+)/(.*)", to: "web")],
                annotations: ["use-regex": "true", "temporal-redirect": "https://new.example/$2/$1?from=$2"]
            ),
            Manifest.ingress(
                "wild",
                host: "*.wild",
                path,
                annotations: ["permanent-redirect": "https://$subdomain.new.example/"]
            ),
            Manifest.ingress("root", host: "root", path, annotations: ["app-root": "/app/$arg_lang?via=$host"]),
            redirect("bad", to: "https://x/$nothing"),
        ])
        try gateway.start()
        let long = "/" + String(repeating: "l", count: 12_000)
        try expect(
            [
                Case("moved", "/", 301, "https://new.example/"),
                Case("moved", "/a%20b/../c%0d%0aX?q=%0d%0a&r", 301, "https://new.example/a%20b/../c%0d%0aX?q=%0d%0a&r"),
                Case("moved", "http://moved/p?q", 301, "https://new.example/p?q"),
                Case("moved", "http://moved", 301, "https://new.example/"),
                Case("moved", long, 301, "https://new.example\(long)"),
                Case("www", "/a//b%0D%0ASet-Cookie:x%3f?", 301, "http://www.www/a/b%0D%0ASet-Cookie:x%3F"),
                Case("WWW:80", "/a?b", 301, "http://www.www/a?b"),
                Case("parts", "/x%26y?b=1&A=%20z&a=2", 301, "https://x/GET/parts/10.0.0.1/80?a=%20z&u=/x%26y"),
                Case("old", "/old/a%0ab/c%20d&e", 302, "https://new.example/c%20d&e/a%0Ab?from=c%20d%26e"),
                Case("a.wild", "/", 301, "https://a.new.example/"),
                Case("root", "/?lang=de", 302, "http://root/app/de?via=root"), Case("bad", "/", 503),
            ],
            from: gateway
        )
        let fields = ["X-Place: a b\tc\u{e9}", "Cookie: spot=no; Spot=it%0a\u{fc}"]
        let response = try gateway.ask(host: "field", fields)
        #expect(response["Location"] == "https://x/a%20b%09c%C3%A9/it%0a%C3%BC!web-80.default")
        #expect(try gateway.ask(host: "field")["Location"] == "https://x//!web-80.default")
        #expect(try gateway.ask(host: "id", ["X-Request-ID: abc"])["Location"] == "https://x/abc")
        let secure = try gateway.curl(["-k", "-o", "/dev/null", "-w", "%{redirect_url}", "https://www/a"])
        #expect(secure.output == "https://www.www/a")
        let output = try gateway.gateway.output
        #expect(output.contains("default/bad") && output.contains("$nothing, which is no variable"), "\(output)")
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
