import LabKit
import Testing

/// Bodies in both directions, however they are framed.
@Suite(.needsLab)
struct BodyTests {
    @Test func `A request's body arrives as it was sent, with its length or in chunks with trailers`() throws {
        let (gateway, pod) = try GatewayLab.web()
        let body = String(repeating: "0123456789", count: 5000)
        #expect(try gateway.ask(host: "web", method: "POST", body: body).text == "web")
        #expect(pod.requests[0].framing == .length(50_000) && pod.requests[0].text == body)

        let stream = try gateway.connect()
        try stream.send(
            GatewayLab.request(host: "web", method: "PUT", ["Transfer-Encoding: chunked", "Trailer: X-Sum"])
        )
        for piece in ["5;name=value\r\nhello\r\n", "1\r\n \r\n", "0005\r\nworld\r\n0\r\n", "X-Sum: 7\r\n\r\n"] {
            try stream.send(piece)
            _ = try stream.isQuiet(for: .milliseconds(5))
        }
        #expect(try stream.readResponse()?.status == 200)
        #expect(pod.requests[1].framing == .chunked && pod.requests[1].text == "hello world")
        #expect(pod.requests[1].trailers.map(\.name) == ["X-Sum"])
        #expect(!pod.requests[1].head.contains("name=value"))

        #expect(try gateway.ask(host: "web", method: "POST", body: "").status == 200)
        #expect(pod.requests[2].framing == .length(0))
    }

    /// A response as an endpoint sends it, and what two versions of clients make of it.
    struct Response: CustomStringConvertible {
        let description: String
        var method = "GET"
        let sent: String
        let body: String
        let framing: HTTPMessage.Framing
        var status = 200
    }

    @Test func `A response reaches the client whole, however the endpoint framed it`() throws {
        let tests = [
            Response(
                description: "a length",
                sent: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                body: "hello",
                framing: .length(5)
            ),
            Response(
                description: "chunks",
                sent:
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 7\r\n\r\n",
                body: "hello",
                framing: .chunked
            ),
            Response(
                description: "the end of the connection",
                sent: "HTTP/1.1 200 OK\r\n\r\nhello",
                body: "hello",
                framing: .chunked
            ),
            Response(
                description: "HTTP/1.0",
                sent: "HTTP/1.0 200 OK\r\n\r\nhello",
                body: "hello",
                framing: .chunked
            ),
            Response(
                description: "nothing",
                sent: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                body: "",
                framing: .length(0)
            ),
            Response(
                description: "HEAD",
                method: "HEAD",
                sent: "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n",
                body: "",
                framing: .none
            ),
            Response(
                description: "204",
                sent: "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
                body: "",
                framing: .none,
                status: 204
            ),
            Response(
                description: "304",
                sent: "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"a\"\r\n\r\n",
                body: "",
                framing: .none,
                status: 304
            ),
        ]
        let (gateway, _) = try GatewayLab.web { visit in
            while let request = try visit.next() {
                let test = tests[Int(request.target.dropFirst()) ?? 0]
                try visit.stream.send(test.sent)
                if test.framing == .chunked, !test.sent.contains("chunked") { return }
            }
        }
        let stream = try gateway.connect()
        for (index, test) in tests.enumerated() {
            try stream.send(GatewayLab.request("/\(index)", host: "web", method: test.method))
            let response = try #require(try stream.readResponse(to: test.method), "\(test)")
            #expect(response.status == test.status, "\(test)")
            #expect(response.text == test.body, "\(test)")
            #expect(response.framing == test.framing, "\(test)")
            if test.description == "chunks" { #expect(response.trailers.map(\.value) == ["7"]) }
            if test.method == "HEAD" { #expect(response["Content-Length"] == "1234") }
            if test.status == 204 { #expect(response["Content-Length"] == nil && response["Transfer-Encoding"] == nil) }
        }
        // A client of HTTP/1.0 knows no chunks.
        for (index, test) in tests.enumerated() {
            let stream = try gateway.connect()
            try stream.send("\(test.method) /\(index) HTTP/1.0\r\nHost: web\r\n\r\n")
            let response = try #require(try stream.readResponse(to: test.method), "1.0, \(test)")
            #expect(response["Transfer-Encoding"] == nil, "1.0, \(test)")
            #expect(response.text == test.body, "1.0, \(test)")
        }
    }

    @Test func `A client that waits for leave to send its body gets it from the gateway`() throws {
        let (gateway, pod) = try GatewayLab.web(annotations: ["proxy-body-size": "100"])
        let stream = try gateway.connect()
        try stream.send(GatewayLab.request(host: "web", method: "PUT", ["Expect: 100-continue", "Content-Length: 5"]))
        #expect(try stream.readHead()?.startLine == "HTTP/1.1 100 Continue")
        try stream.send("hello")
        #expect(try stream.readResponse()?.status == 200)
        #expect(pod.requests.first?.text == "hello")
        #expect(pod.requests.first?["Expect"] == nil)
        // No leave for a body that is not wanted.
        try stream.send(
            GatewayLab.request(host: "web", method: "PUT", ["Expect: 100-continue", "Content-Length: 500"])
        )
        #expect(try stream.readHead()?.status == 413)
    }

    @Test func `Interim responses reach the client before the final one`() throws {
        let (gateway, _) = try GatewayLab.web { visit in
            while try visit.next() != nil {
                try visit.stream.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
                try visit.answer(body: "done")
            }
        }
        let stream = try gateway.connect()
        try stream.send(GatewayLab.request(host: "web"))
        let hints = try #require(try stream.readHead())
        #expect(hints.status == 103 && hints["Link"] == "</a.css>")
        #expect(try stream.readResponse()?.text == "done")
    }

    @Test func `Many requests in one piece are answered in order`() throws {
        let (gateway, pod) = try GatewayLab.web { visit in
            while let request = try visit.next() { try visit.answer(body: request.target + request.text) }
        }
        let stream = try gateway.connect()
        let count = 300
        var text = ""
        for number in 0..<count {
            text +=
                number % 3 == 0
                ? GatewayLab.request("/\(number)", host: "web", method: "POST", body: "+body")
                : GatewayLab.request("/\(number)", host: "web")
        }
        try stream.send(text)
        for number in 0..<count {
            #expect(try stream.readResponse()?.text == "/\(number)" + (number % 3 == 0 ? "+body" : ""))
        }
        #expect(pod.requests.count == count)
        #expect(pod.connectionCount == 1)
    }

    @Test func `A response that comes before the request is whole reaches the client, and ends its connection`() throws
    {
        let (gateway, _) = try GatewayLab.web(annotations: ["proxy-body-size": "0"]) { visit in
            guard try visit.stream.readHead() != nil else { return }
            try visit.answer(403, body: "no")
            _ = try visit.stream.readToEnd()
        }
        for framing in ["Content-Length: 50000000", "Transfer-Encoding: chunked"] {
            let stream = try gateway.connect()
            try stream.send(GatewayLab.request(host: "web", method: "POST", [framing]) + "5\r\nhello\r\n")
            let response = try #require(try stream.readResponse())
            #expect(response.status == 403 && response.text == "no", "\(framing)")
            #expect(response["Connection"] == "close", "\(framing)")
            #expect(try stream.readToEnd().isEmpty, "\(framing)")
        }
    }

    @Test func `A client that has said all it wants to say still gets its response`() throws {
        let (gateway, _) = try GatewayLab.web { visit in
            while try visit.next() != nil {
                _ = try visit.stream.isQuiet(for: .milliseconds(50))
                try visit.answer(body: "late")
            }
        }
        for request in [GatewayLab.request(host: "web"), GatewayLab.request(host: "web", method: "POST", body: "x")] {
            let stream = try gateway.connect()
            try stream.send(request)
            try stream.shutdownWriting()
            #expect(try stream.readResponse()?.text == "late")
            #expect(try stream.readToEnd().isEmpty && stream.ending == .end)
        }
    }

    @Test func `Too large a body is refused by its length at once, and in chunks when it becomes so`() throws {
        let (gateway, pod) = try GatewayLab.web(annotations: ["proxy-body-size": "1k"])
        #expect(try gateway.ask(host: "web", method: "POST", body: String(repeating: "a", count: 1024)).status == 200)
        #expect(pod.requests.count == 1)
        let long = try gateway.connect()
        try long.send(GatewayLab.request(host: "web", method: "POST", ["Content-Length: 1025"]))
        let response = try #require(try long.readResponse())
        #expect(
            response.startLine == "HTTP/1.1 413 Request Entity Too Large"
                || response.startLine == "HTTP/1.1 413 Content Too Large"
        )
        #expect(response["Connection"] == "close")
        #expect(try long.readToEnd().isEmpty)
        #expect(pod.requests.count == 1)

        let chunked = try gateway.connect()
        try chunked.send(GatewayLab.request(host: "web", method: "POST", ["Transfer-Encoding: chunked"]))
        try chunked.send("200\r\n\(String(repeating: "a", count: 512))\r\n")
        _ = try chunked.isQuiet(for: .milliseconds(20))
        try chunked.send("201\r\n\(String(repeating: "a", count: 513))\r\n0\r\n\r\n")
        #expect(try chunked.readResponse()?.status == 413)
        #expect(pod.requests.count == 1)
    }

    @Test func `A connection ends after so many requests, and after so long without one`() throws {
        let (gateway, _) = try GatewayLab.web(options: ["keep-alive-requests": "3", "keep-alive": "1"])
        let stream = try gateway.connect()
        for number in 1...3 {
            try stream.send(GatewayLab.request(host: "web"))
            let response = try #require(try stream.readResponse())
            #expect(response["Connection"] == (number == 3 ? "close" : nil))
        }
        #expect(try stream.readToEnd().isEmpty && stream.ending == .end)
        let idle = try gateway.connect()
        try idle.send(GatewayLab.request(host: "web"))
        #expect(try idle.readResponse()?.status == 200)
        #expect(try idle.readToEnd().isEmpty && idle.ending == .end)
    }

    @Test func `A client that goes away takes its request with it`() throws {
        let (gateway, pod) = try GatewayLab.web { visit in
            while try visit.next() != nil { _ = try visit.stream.readToEnd() }
        }
        let stream = try gateway.connect()
        try stream.send(GatewayLab.request("/long", host: "web"))
        #expect(eventually { pod.requests.count == 1 })
        stream.reset()
        var lines: [Substring] = []
        #expect(
            try eventually {
                lines = try gateway.accessLog()
                return !lines.isEmpty
            }
        )
        #expect(lines.first?.contains("\"GET /long HTTP/1.1\" 499 ") == true, "\(lines)")
        // Nobody else is given the endpoint's connection.
        pod.follow { try $0.answerAll() }
        #expect(try gateway.ask(host: "web").status == 200)
        #expect(pod.connectionCount == 2)
    }

    @Test func `A client that closes in order takes its request with it too`() throws {
        let (gateway, pod) = try GatewayLab.web { visit in
            while try visit.next() != nil { _ = try visit.stream.readToEnd() }
        }
        let start = ContinuousClock.now
        let clear = try gateway.connect()
        try clear.send(GatewayLab.request("/clear", host: "web"))
        #expect(eventually { pod.requests.count == 1 })
        clear.close()
        let secure = try gateway.curl(["-k", "--max-time", "1", "https://web/tls"])
        #expect(secure.status == 28, "\(secure)")
        var lines: [Substring] = []
        #expect(
            try eventually {
                lines = try gateway.accessLog()
                return lines.count == 2
            }
        )
        // The endpoint has a minute to answer, and is not held for so long.
        #expect(ContinuousClock.now - start < .seconds(15))
        for (line, target) in zip(lines, ["/clear", "/tls"]) {
            #expect(line.contains("\"GET \(target) HTTP/1.1\" 499 0 "), "\(lines)")
        }
        let metrics = try gateway.status("/metrics").text
        #expect(metrics.contains("fairlead_gateway_client_resets_total 2") || metrics.contains("client_resets_total{"))
    }

    @Test func `An endpoint that sends interim responses for ever holds no request`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1", "--access-log-format", "json"])
        let pod = try gateway.service("web", 1) { visit in
            guard try visit.next() != nil else { return }
            while true { try visit.stream.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n") }
        }
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.ingress("web", host: "web", [.prefix("/", to: "web")]),
        ])
        try gateway.start()
        let stream = try gateway.connect()
        try stream.send(GatewayLab.request(host: "web"))
        // Those that came together with the last one were not worth sending on.
        var hints = 0
        var head = try #require(try stream.readHead())
        while head.status == 103 {
            hints += 1
            head = try #require(try stream.readHead())
        }
        #expect(hints <= 100 && head.status == 502)
        _ = try stream.read(count: try #require(head["Content-Length"].flatMap { Int($0) }))
        var lines: [Substring] = []
        #expect(
            try eventually {
                lines = try gateway.accessLog()
                return !lines.isEmpty
            }
        )
        #expect(lines.first?.contains(#""status":502,"fault":"interim-responses"}"#) == true, "\(lines)")
        #expect(try gateway.gateway.output.contains("more than 100 interim responses (1xx) to one request"))
        // The client's connection is as good as before.
        pod.follow { try $0.answerAll() }
        try stream.send(GatewayLab.request(host: "web"))
        #expect(try stream.readResponse()?.status == 200)
    }

    @Test func `A response that the endpoint breaks off is not taken for whole`() throws {
        let (gateway, _) = try GatewayLab.web { visit in
            guard let request = try visit.next() else { return }
            if request.target == "/length" {
                try visit.stream.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
            } else {
                try visit.stream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            }
            _ = try visit.stream.isQuiet(for: .milliseconds(30))
        }
        for target in ["/length", "/chunks"] {
            let result = try gateway.curl(["http://web\(target)"])
            #expect([18, 56].contains(result.status), "\(target): \(result)")
            #expect(result.output == "hello", "\(target)")
        }
    }
}
