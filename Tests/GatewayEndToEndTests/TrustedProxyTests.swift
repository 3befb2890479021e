import LabKit
import Testing

/// What proxies in front of the gateway say of clients, where the operator trusts them (B.1 and B.8).
@Suite(.needsLab)
struct TrustedProxyTests {
    private static let options = ["use-forwarded-headers": "true", "proxy-real-ip-cidr": "10.2.0.0/16"]
    private static let said = [
        "X-Forwarded-For: 10.7.0.1, 192.0.2.7, 10.2.0.5", "X-Forwarded-Host: shop.example, other",
        "X-Forwarded-Port: 8443",
        "X-Forwarded-Proto: https",
    ]

    private func fields(_ message: HTTPMessage?, _ names: [String]) -> [String] { names.map { message?[$0] ?? "-" } }

    @Test func `A trusted proxy is believed, and so is nobody else`() throws {
        let (gateway, pod) = try GatewayLab.web(options: Self.options)
        let names = [
            "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Scheme",
            "Host",
        ]
        #expect(try gateway.ask(host: "web", Self.said, from: "10.2.0.9").status == 200)
        // The nearest address that is no trusted proxy's is the client's.
        #expect(
            fields(pod.requests.last, names) == [
                "192.0.2.7", "192.0.2.7", "shop.example", "8443", "https", "https", "shop.example",
            ]
        )
        #expect(try gateway.ask(host: "web", Self.said, from: "10.3.0.9").status == 200)
        #expect(fields(pod.requests.last, names) == ["10.3.0.9", "10.3.0.9", "web", "80", "http", "http", "web"])
        // Who says nothing is the client itself.
        #expect(try gateway.ask(host: "web", from: "10.2.0.9").status == 200)
        #expect(fields(pod.requests.last, names) == ["10.2.0.9", "10.2.0.9", "web", "80", "http", "http", "web"])
        // What cannot be read is not passed over: nobody is hidden behind it.
        #expect(
            try gateway.ask(host: "web", ["X-Forwarded-For: 192.0.2.7, nobody, 10.2.0.5"], from: "10.2.0.9").status
                == 200
        )
        #expect(pod.requests.last?["X-Real-IP"] == "10.2.0.5")
        var lines: [Substring] = []
        #expect(
            try eventually {
                lines = try gateway.accessLog()
                return lines.count == 4
            }
        )
        #expect(lines.map { String($0.prefix { $0 != " " }) } == ["192.0.2.7", "10.3.0.9", "10.2.0.9", "10.2.0.5"])
    }

    @Test func `Addresses are read in every form that proxies write`() throws {
        let (gateway, pod) = try GatewayLab.web(options: Self.options)
        for (text, client) in [
            ("192.0.2.7", "192.0.2.7"), ("192.0.2.7:1234", "192.0.2.7"), (" 192.0.2.7 ,, ", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:DB8:0:0:1:2:3:4", "2001:db8::1:2:3:4"), ("::1", "::1"), ("1::", "1::"), ("::", "::"),
            ("64:ff9b::192.0.2.7", "64:ff9b::c000:207"),
            // What cannot be read leaves the proxy itself.
            ("", nil), ("nobody", nil), ("1.2.3", nil), ("1.2.3.4.5", nil), ("01.2.3.4", nil), ("256.1.1.1", nil),
            ("1.2.3.", nil), ("1:2:3:4:5:6:7:8:9", nil), ("1:2:3:4:5:6:7", nil), (":::", nil), ("1::2::3", nil),
            ("12345::", nil), ("1:", nil), ("::1.2.3", nil), ("[::1", nil), ("g::", nil), ("1:2:3:4:5:6:7:8::", nil),
        ] as [(String, String?)] {
            #expect(try gateway.ask(host: "web", ["X-Forwarded-For: \(text)"], from: "10.2.0.9").status == 200)
            #expect(pod.requests.last?["X-Real-IP"] == client ?? "10.2.0.9", "'\(text)'")
        }
    }

    @Test func `The whole way is told where the operator wants it`() throws {
        let (gateway, pod) = try GatewayLab.web(
            options: Self.options.merging(["compute-full-forwarded-for": "true"]) { $1 }
        )
        #expect(try gateway.ask(host: "web", Self.said, from: "10.2.0.9").status == 200)
        #expect(pod.requests.last?["X-Forwarded-For"] == "10.7.0.1, 192.0.2.7, 10.2.0.5, 10.2.0.9")
        #expect(try gateway.ask(host: "web", from: "10.2.0.9").status == 200)
        #expect(pod.requests.last?["X-Forwarded-For"] == "10.2.0.9")
    }

    @Test func `Redirects and addresses that are let in go by what a trusted proxy says`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1", "--configmap", "default/options"])
        try gateway.service("web", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.configMap("options", Self.options),
            Manifest.ingress(
                "force",
                host: "force",
                [.prefix("/", to: "web")],
                annotations: ["force-ssl-redirect": "true"]
            ),
            Manifest.ingress(
                "allow",
                host: "allow",
                [.prefix("/", to: "web")],
                annotations: ["whitelist-source-range": "192.0.2.0/24"]
            ),
        ])
        try gateway.start()
        #expect(try gateway.ask("/a", host: "force", ["X-Forwarded-Proto: https"], from: "10.2.0.9").status == 200)
        #expect(try gateway.ask("/a", host: "force", ["X-Forwarded-Proto: https"], from: "10.3.0.9").status == 308)
        let led = try gateway.ask("/a", host: "force", ["X-Forwarded-Host: shop.example:8080"], from: "10.2.0.9")
        #expect(led.status == 308 && led["Location"] == "https://shop.example/a")
        #expect(try gateway.ask(host: "allow", Self.said, from: "10.2.0.9").status == 200)
        #expect(try gateway.ask(host: "allow", Self.said, from: "10.3.0.9").status == 403)
        #expect(try gateway.ask(host: "allow", from: "10.2.0.9").status == 403)
    }
}
