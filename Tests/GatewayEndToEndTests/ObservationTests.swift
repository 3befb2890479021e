import Glibc
import LabKit
import Testing

/// The access log and the metrics, after requests whose fate is known (B.10).
@Suite(.needsLab)
struct ObservationTests {
    private func lines(_ gateway: GatewayLab, _ count: Int) throws -> [String] {
        var lines: [Substring] = []
        #expect(
            try eventually {
                lines = try gateway.accessLog()
                return lines.count >= count
            }
        )
        return lines.map(String.init)
    }

    private func gateway(_ options: [String] = []) throws -> GatewayLab {
        let gateway = try GatewayLab(options: ["--workers", "2"] + options)
        try gateway.service("web", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("web", host: "web", [.prefix("/", to: "web"), .prefix("/none", to: "none")]),
            Manifest.service("some"), Manifest.endpoints("some", [GatewayLab.podAddress(2), GatewayLab.podAddress(1)]),
            Manifest.ingress("some", host: "some", [.prefix("/", to: "some")]),
        ])
        try gateway.start()
        return gateway
    }

    @Test func `A line of the access log reads as that of ingress-nginx`() throws {
        let gateway = try gateway()
        _ = try gateway.ask(
            "/a?b=c",
            host: "web",
            method: "POST",
            ["User-Agent: te\"st", "Referer: http://r/", "X-Request-ID: id-1"],
            body: "12345",
            from: "10.2.0.9"
        )
        let line = try #require(try lines(gateway, 1).first)
        let pattern =
            /10\.2\.0\.9 - - \[\d\d\/\w\w\w\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "POST \/a\?b=c HTTP\/1\.1" 200 3 "http:\/\/r\/" "te\\x22st" (\d+) \d+\.\d{3} \[default-web-80\] \[\] 10\.1\.0\.2:8080 3 \d+\.\d{3} 200 id-1/
        let match = try #require(line.wholeMatch(of: pattern), "\(line)")
        let request = GatewayLab.request(
            "/a?b=c",
            host: "web",
            method: "POST",
            ["User-Agent: te\"st", "Referer: http://r/", "X-Request-ID: id-1", "Connection: close"],
            body: "12345"
        )
        #expect(Int(match.1) == request.utf8.count)
        _ = try gateway.ask("/none", host: "web")
        _ = try gateway.ask("/", host: "unknown")
        // Workers write their lines each in its own time.
        let more = try lines(gateway, 3)
        let none = try #require(more.first { $0.contains("\"GET /none HTTP/1.1\" 503 ") }, "\(more)")
        #expect(none.contains(" - - - - "))
        #expect(more.contains { $0.contains("\"GET / HTTP/1.1\" 404 ") }, "\(more)")
    }

    @Test func `An attempt that failed stands before the one that did not`() throws {
        let gateway = try gateway()
        // Whichever endpoints the two workers begin with, one of these goes to the wrong one first.
        for _ in 0..<4 { #expect(try gateway.ask(host: "some").status == 200) }
        let (dead, live) = (GatewayLab.podAddress(2), GatewayLab.podAddress(1))
        let line = try #require(try lines(gateway, 4).first { $0.contains(dead) })
        #expect(line.contains("\(dead):8080, \(live):8080 0, 3 "), "\(line)")
        #expect(line.contains(" 502, 200 "), "\(line)")
    }

    @Test func `The access log is JSON where the operator says so`() throws {
        let gateway = try gateway(["--access-log-format", "json"])
        _ = try gateway.ask(
            "/a\"b?c=%22",
            host: "web",
            ["User-Agent: a\\b\"c", "X-Request-ID: id-1"],
            from: "10.2.0.9"
        )
        let line = try #require(try lines(gateway, 1).first)
        #expect(line.hasPrefix("{\"time\":\"20") && line.hasSuffix("\"req_id\":\"id-1\"}"), "\(line)")
        for member in [
            "\"remote_addr\":\"10.2.0.9\"", "\"request_method\":\"GET\"", "\"request_uri\":\"/a\\\"b?c=%22\"",
            "\"status\":200",
            "\"body_bytes_sent\":3", "\"http_user_agent\":\"a\\\\b\\\"c\"",
            "\"proxy_upstream_name\":\"default-web-80\"",
            "\"addr\":\"10.1.0.2:8080\"", "\"host\":\"web\"",
        ] {
            #expect(line.contains(member), "\(member) in \(line)")
        }
    }

    @Test func `The access log is opened anew at SIGHUP`() throws {
        let gateway = try gateway()
        _ = try gateway.ask("/before", host: "web")
        #expect(try lines(gateway, 1).count == 1)
        try gateway.lab.runSuccessfully(["mv", gateway.accessLogPath, "\(gateway.accessLogPath).1"])
        let began = try gateway.gateway.lines.count
        try gateway.gateway.signal(SIGHUP)
        try gateway.gateway.waitForLine(containing: "access log", after: began)
        _ = try gateway.ask("/after", host: "web")
        #expect(try lines(gateway, 1).map { $0.contains("/after") } == [true])
        let old = try gateway.lab.runSuccessfully(["cat", "\(gateway.accessLogPath).1"])
        #expect(old.contains("/before") && !old.contains("/after"))
    }

    @Test func `Metrics count requests by route and status under the names that dashboards use`() throws {
        let gateway = try gateway()
        for _ in 0..<3 { _ = try gateway.ask("/a", host: "web") }
        _ = try gateway.ask("/a", host: "web", method: "POST", body: "12345")
        _ = try gateway.ask("/none", host: "web")
        _ = try gateway.ask("/", host: "unknown")
        let bad = try gateway.connect()
        try bad.send("nonsense\r\n\r\n")
        _ = try bad.readToEnd()
        let response = try gateway.status("/metrics")
        #expect(response.status == 200)
        let text = String(decoding: response.body, as: UTF8.self)
        func value(_ name: String, _ labels: [String]) -> String? {
            text.split(separator: "\n").first { line in
                line.hasPrefix("\(name){") && labels.allSatisfy(line.contains)
            }.flatMap { $0.split(separator: " ").last }.map(String.init)
        }
        let web = ["ingress=\"web\"", "namespace=\"default\"", "path=\"/\"", "service=\"web\"", "host=\"web\""]
        #expect(value("nginx_ingress_controller_requests", web + ["method=\"GET\"", "status=\"200\""]) == "3")
        #expect(value("nginx_ingress_controller_requests", web + ["method=\"POST\"", "status=\"200\""]) == "1")
        #expect(value("nginx_ingress_controller_requests", ["path=\"/none\"", "status=\"503\""]) == "1")
        #expect(value("nginx_ingress_controller_request_duration_seconds_count", web + ["method=\"GET\""]) == "3")
        #expect(value("nginx_ingress_controller_request_size_count", web + ["method=\"POST\""]) == "1")
        #expect(value("nginx_ingress_controller_nginx_process_connections_total", ["accepted"]) == "7")
        for name in ["response_duration_seconds_bucket", "response_size_sum", "connect_duration_seconds_count"] {
            #expect(value("nginx_ingress_controller_\(name)", web) != nil, "\(name)")
        }
    }
}
