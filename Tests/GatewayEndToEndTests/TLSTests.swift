import LabKit
import Testing

/// TLS as clients see it: which certificate, which version, and how connections begin again and end (A.5).
@Suite(.needsLab)
struct TLSTests {
    /// What `openssl s_client` tells of a connection that asks for a host and sends one request.
    private func handshake(
        _ gateway: GatewayLab,
        _ name: String?,
        _ options: [String] = [],
        host: String? = nil
    ) throws -> CommandResult {
        try gateway.lab.run(
            ["openssl", "s_client", "-connect", "\(GatewayLab.address):443", "-ign_eof"]
                + (name.map { ["-servername", $0] } ?? ["-noservername"]) + options,
            in: gateway.namespace,
            input: GatewayLab.request(host: host ?? name ?? "none", ["Connection: close"])
        )
    }

    /// A gateway with a certificate for `exact`, one for a wildcard, and hosts whose Secrets are of no use.
    private func gatewayWithCertificates() throws -> GatewayLab {
        let gateway = try GatewayLab(options: ["--workers", "1", "--default-ssl-certificate", "default/default"])
        try gateway.service("web", 1)
        func ingress(_ name: String, _ host: String, _ secret: String) -> String {
            Manifest.ingress(name, host: host, [.prefix("/", to: "web")], secret: secret)
        }
        let files = try gateway.certificate("mixed", names: ["mixed.example"])
        let other = try gateway.certificate("other", names: ["other.example"])
        _ = files
        try gateway.put([
            Manifest.ingressClass("nginx"),
            try gateway.tlsSecret("default", names: ["default.example"], subject: "the-default"),
            try gateway.tlsSecret("wild", names: ["*.wild.example"], subject: "the-wild"),
            try gateway.tlsSecret("stranger", names: ["stranger.example"], subject: "the-stranger"),
            try gateway.tlsSecret("mixed", certificate: files.certificate, key: other.key),
            ingress("exact", "exact.example", "exact"), ingress("wild", "*.wild.example", "wild"),
            ingress("missing", "missing.example", "nowhere"), ingress("mixed", "mixed.example", "mixed"),
            ingress("empty", "empty.example", ""), ingress("foreign", "foreign.example", "stranger"),
        ])
        try gateway.put(gateway.tlsSecret("exact", names: ["exact.example"], subject: "the-exact"), in: "exact.yaml")
        try gateway.start()
        return gateway
    }

    @Test func `The certificate is that of the name that the client asks for, else the default`() throws {
        let gateway = try gatewayWithCertificates()
        for (name, subject) in [
            ("exact.example", "the-exact"), ("EXACT.example", "the-exact"), ("a.wild.example", "the-wild"),
            ("a.b.wild.example", "the-default"), ("unknown.example", "the-default"), (nil, "the-default"),
            ("missing.example", "the-default"), ("mixed.example", "the-default"), ("empty.example", "the-default"),
            ("foreign.example", "the-default"),
        ] as [(String?, String)] {
            let result = try handshake(gateway, name)
            #expect(result.output.contains("CN = \(subject)"), "\(name ?? "no name"): \(result.output.prefix(600))")
            let isKnown = name.map { !$0.hasPrefix("a.b.") && !$0.hasPrefix("unknown") } ?? false
            #expect(result.output.contains(isKnown ? "HTTP/1.1 200" : "HTTP/1.1 404"), "\(name ?? "no name")")
        }
        for (object, word) in [
            ("default/missing", "default/nowhere"), ("default/mixed", "key"), ("default/foreign", "foreign.example"),
        ] {
            let output = try gateway.gateway.output
            #expect(
                output.split(separator: "\n").contains { $0.contains(object) && $0.contains(word) },
                "\(object): \(output)"
            )
        }
    }

    @Test func `A connection is for the hosts of its certificate, and others are sent away with 421`() throws {
        let gateway = try gatewayWithCertificates()
        try gateway.awaitTables {
            try gateway.put(
                [
                    try gateway.tlsSecret("shared", names: ["one.example", "two.example", "*.more.example"]),
                    Manifest.ingress("one", host: "one.example", [.prefix("/", to: "web")], secret: "shared"),
                    Manifest.ingress("two", host: "two.example", [.prefix("/", to: "web")], secret: "shared"),
                    Manifest.ingress("more", host: "a.more.example", [.prefix("/", to: "web")]),
                ].joined(separator: "---\n"),
                in: "shared.yaml"
            )
        }
        for (name, host, status) in [
            ("exact.example", "EXACT.example.:443", 200), ("one.example", "two.example", 200),
            ("two.example", "one.example:443", 200), ("one.example", "a.more.example", 200),
            ("a.wild.example", "b.wild.example", 200), ("a.wild.example", "a.b.wild.example", 421),
            ("exact.example", "one.example", 421), ("one.example", "exact.example", 421),
            ("exact.example", "unknown.example", 421), ("exact.example", "10.0.0.1", 421),
            // Clients that do not say what they want, or want what is not there, do not look at certificates either.
            (nil, "exact.example", 200), (nil, "one.example", 200), (nil, "10.0.0.1", 404),
            ("unknown.example", "exact.example", 200), ("missing.example", "one.example", 200),
        ] as [(String?, String, Int)] {
            for version in ["-tls1_2", "-tls1_3"] {
                let result = try handshake(gateway, name, [version], host: host)
                #expect(
                    result.output.contains("HTTP/1.1 \(status) "),
                    "\(name ?? "no name") \(host): \(result.output.suffix(400))"
                )
            }
        }
        // The connection is as good as before, and a resumed one knows its name too.
        let session = "\(gateway.lab.directory)/session"
        for option in ["-sess_out", "-sess_in"] {
            let result = try gateway.lab.run(
                [
                    "openssl", "s_client", "-connect", "\(GatewayLab.address):443", "-servername", "exact.example",
                    "-ign_eof", option, session,
                ],
                in: gateway.namespace,
                input: GatewayLab.request(host: "exact.example") + GatewayLab.request(host: "one.example")
                    + GatewayLab.request(host: "exact.example", ["Connection: close"])
            )
            let statuses = result.output.split(whereSeparator: \.isNewline).compactMap { line in
                line.contains("HTTP/1.1 ") ? line.split(separator: " ").dropFirst().first.flatMap { Int($0) } : nil
            }
            #expect(statuses == [200, 421, 200], "\(option): \(result.output)")
            #expect(result.output.contains(option == "-sess_in" ? "Reused, " : "New, "))
        }
        #expect(gateway.pods[0].requests.allSatisfy { $0["Host"] != "unknown.example" })
        let metrics = try gateway.status("/metrics").text
        let counted = metrics.split(separator: "\n").first { $0.contains("fault=\"misdirected\"") }
        #expect(counted?.hasSuffix(" 12") == true, "\(counted ?? "")")
        #expect(try eventually { try gateway.accessLog().count { $0.contains(" 421 ") } == 12 })
    }

    @Test func `Both versions are spoken, older ones are not, and sessions are taken up again`() throws {
        let gateway = try gatewayWithCertificates()
        for (option, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
            let file = "\(gateway.lab.directory)/session\(option)"
            let first = try handshake(gateway, "exact.example", [option, "-sess_out", file])
            #expect(first.output.contains("New, \(version)"), "\(first.output.suffix(2000))")
            #expect(first.output.contains("HTTP/1.1 200"))
            let second = try handshake(gateway, "exact.example", [option, "-sess_in", file])
            #expect(second.output.contains("Reused, \(version)"), "\(second.output.suffix(2000))")
            #expect(second.output.contains("HTTP/1.1 200"))
        }
        let old = try handshake(gateway, "exact.example", ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        #expect(!old.isSuccess && !old.output.contains("HTTP/1.1"))
    }

    @Test func `HTTP is agreed upon by name, and a client that speaks nothing of ours is told so`() throws {
        let gateway = try gatewayWithCertificates()
        let both = try handshake(gateway, "exact.example", ["-alpn", "h2,http/1.1"])
        #expect(both.output.contains("ALPN protocol: http/1.1") && both.output.contains("HTTP/1.1 200"))
        let none = try handshake(gateway, "exact.example")
        #expect(none.output.contains("No ALPN negotiated") && none.output.contains("HTTP/1.1 200"))
        let foreign = try handshake(gateway, "exact.example", ["-alpn", "spdy/1"])
        #expect(foreign.error.contains("no application protocol"), "\(foreign.error)")
    }

    @Test func `The end of a connection is told in TLS too`() throws {
        let gateway = try gatewayWithCertificates()
        for version in ["-tls1_2", "-tls1_3"] {
            let result = try handshake(gateway, "exact.example", ["-msg", version])
            #expect(result.isSuccess)
            let alerts = result.output.split(separator: "\n").filter {
                $0.hasPrefix("<<<") && $0.contains("close_notify")
            }
            #expect(alerts.count == 1, "\(version)")
        }
    }

    @Test func `Responses over TLS ask clients to stay with it, whatever the endpoint says`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.service("web", 1) { visit in
            while try visit.next() != nil {
                try visit.answer(200, ["Strict-Transport-Security: max-age=1"], body: "web")
            }
        }
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("web", host: "web", [.prefix("/", to: "web")], annotations: ["ssl-redirect": "false"]),
        ])
        try gateway.start()
        let secure = try gateway.curl(["-k", "-i", "https://web/"])
        let lines = secure.output.lowercased().split(separator: "\r\n").filter {
            $0.hasPrefix("strict-transport-security")
        }
        #expect(lines == ["strict-transport-security: max-age=31536000; includesubdomains"])
        #expect(gateway.pods[0].requests.last?["X-Forwarded-Proto"] == "https")
        #expect(gateway.pods[0].requests.last?["X-Forwarded-Port"] == "443")
        #expect(gateway.pods[0].requests.last?["X-Scheme"] == "https")
        // In clear such a field says nothing, and passes.
        #expect(try gateway.ask(host: "web")["Strict-Transport-Security"] == "max-age=1")
    }

    @Test func `A request in clear on the port of TLS is told of its mistake`() throws {
        let gateway = try gatewayWithCertificates()
        let stream = try gateway.connect(port: GatewayLab.httpsPort)
        try stream.send(GatewayLab.request(host: "exact.example"))
        let response = try #require(try stream.readResponse())
        #expect(response.status == 400 && response.text.contains("plain HTTP request was sent to HTTPS port"))
        #expect(try stream.readToEnd().isEmpty)
        // What is neither is let go, and harms nobody.
        let noise = try gateway.connect(port: GatewayLab.httpsPort)
        try noise.send([0x16, 0x03, 0x01, 0xff, 0xff] + [UInt8](repeating: 0x41, count: 2000))
        _ = try noise.readToEnd()
        #expect(try handshake(gateway, "exact.example").output.contains("HTTP/1.1 200"))
    }

    @Test func `Bodies of any size pass through TLS in both directions`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        let block = LargeBodyTests.block
        try gateway.service("web", 1) { visit in
            while let request = try visit.next() {
                try visit.stream.send(
                    "HTTP/1.1 200 OK\r\nX-Got: \(request.bodyLength)\r\nContent-Length: \(16 << 20)\r\n\r\n"
                )
                for _ in 0..<16 { try visit.stream.send(block) }
            }
        }
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("web", host: "web", [.prefix("/", to: "web")], annotations: ["proxy-body-size": "0"]),
        ])
        try gateway.start()
        let file = "\(gateway.lab.directory)/body"
        try gateway.lab.runSuccessfully(["dd", "if=/dev/urandom", "of=\(file)", "bs=1M", "count=8", "status=none"])
        for framing in ["Content-Length: \(8 << 20)", "Transfer-Encoding: chunked"] {
            let result = try gateway.curl([
                "-k", "-T", file, "-H", framing, "-H", "Expect:", "-o", "\(file).out", "-D", "-", "-w",
                "%{size_download}",
                "https://web/",
            ])
            #expect(result.output.contains("X-Got: \(8 << 20)"), "\(framing): \(result)")
            #expect(result.output.hasSuffix("\(16 << 20)"), "\(framing): \(result)")
        }
        let received = try gateway.lab.run([
            "sh", "-c", "head -c 251 '\(file).out' | od -An -tu1 -v | tr -s ' \\n' ' '",
        ])
        #expect(received.output == " " + (0..<251).map(String.init).joined(separator: " ") + " ")
    }

    @Test func `Bodies of any size pass through TLS to endpoints too`() throws {
        let gateway = try GatewayLab(options: ["--workers", "2"])
        let block = LargeBodyTests.block
        try gateway.service("web", 1) { visit in
            while let request = try visit.next() {
                try visit.stream.send("HTTP/1.1 200 OK\r\nX-Got: \(request.bodyLength)\r\n")
                try visit.stream.send("Content-Length: \(16 << 20)\r\n\r\n")
                for _ in 0..<16 { try visit.stream.send(block) }
            }
        }
        // The endpoint that speaks TLS is the gateway itself, under another host.
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.service("own"),
            Manifest.endpoints("own", [GatewayLab.address], port: GatewayLab.httpsPort),
            Manifest.ingress(
                "front",
                host: "front",
                [.prefix("/", to: "own")],
                annotations: ["backend-protocol": "HTTPS", "upstream-vhost": "web", "proxy-body-size": "0"]
            ),
            Manifest.ingress("web", host: "web", [.prefix("/", to: "web")], annotations: ["proxy-body-size": "0"]),
        ])
        try gateway.start()
        let stream = try gateway.connect()
        for isChunked in [false, true] {
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(8 << 20)"
            try stream.send(GatewayLab.request(host: "front", method: "PUT", [framing]))
            for _ in 0..<8 {
                try stream.send((isChunked ? Array("100000\r\n".utf8) : []) + block + (isChunked ? [13, 10] : []))
            }
            if isChunked { try stream.send("0\r\n\r\n") }
            let head = try #require(try stream.readHead())
            #expect(head.status == 200 && head["X-Got"] == "\(8 << 20)", "\(framing)")
            #expect(try stream.readRepeated(block, count: 16 << 20) == 0, "\(framing)")
        }
        #expect(gateway.pods[0].requests.allSatisfy { $0["X-Forwarded-Proto"] == "https" && $0.body == block })
        // The second request took the connections of the first: that to itself, and with it that to the pod.
        #expect(gateway.pods[0].connectionCount == 1)
        let metrics = try gateway.status("/metrics").text.split(whereSeparator: \.isNewline)
        for name in ["upstream_connections_total", "upstream_connection_reuses_total"] {
            let line = metrics.first { $0.hasPrefix("fairlead_gateway_\(name)") }
            #expect(line?.hasSuffix(" 2") == true, "\(line ?? "no \(name)")")
        }
    }

    @Test func `A certificate is replaced while clients come and stay, and none of them fails`() throws {
        let gateway = try gatewayWithCertificates()
        let next = try gateway.tlsSecret("exact", names: ["exact.example"], subject: "the-next")
        func clients(_ fields: [String]) throws -> LabProcess {
            try gateway.lab.start(
                [
                    "curl", "-k", "-s", "-S", "--connect-to", "::\(GatewayLab.address):", "--max-time", "60", "-o",
                    "/dev/null",
                    "-w", "%{http_code} %{num_connects}\\n",
                ] + fields + ["https://exact.example/[1-400]"],
                in: gateway.namespace
            )
        }
        let staying = try clients([])
        let coming = try clients(["-H", "Connection: close"])
        try coming.waitForLine(containing: "200")
        try gateway.awaitTables { try gateway.put(next, in: "exact.yaml") }
        #expect(try handshake(gateway, "exact.example").output.contains("CN = the-next"))
        for process in [staying, coming] { #expect(process.waitForEnd(timeout: .seconds(60)) == 0) }
        #expect(staying.lines.count == 400 && coming.lines.count == 400)
        #expect(coming.lines.allSatisfy { $0 == "200 1" })
        // The connection that stood stays.
        #expect(staying.lines.first == "200 1" && staying.lines.dropFirst().allSatisfy { $0 == "200 0" })
        // A key that does not fit takes nothing away, and is told.
        let stray = try gateway.certificate("stray", names: ["exact.example"])
        let other = try gateway.certificate("other", names: ["exact.example"])
        let process = try gateway.gateway
        let start = process.lines.count
        try gateway.put(gateway.tlsSecret("exact", certificate: stray.certificate, key: other.key), in: "exact.yaml")
        try process.waitForLine(containing: "OutdatedCertificate", after: start)
        #expect(try handshake(gateway, "exact.example").output.contains("CN = the-next"))
        let metrics = try gateway.status("/metrics").text
        #expect(metrics.contains("fairlead_gateway_problems{") && metrics.contains("reason=\"OutdatedCertificate\"} 1"))
        // Without its Secret the host falls back to the default, and says so.
        try gateway.awaitTables { gateway.remove("exact.yaml") }
        #expect(try handshake(gateway, "exact.example").output.contains("CN = the-default"))
    }
}
