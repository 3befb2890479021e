import Gateway
import NetworkAddress
import Routing
import Testing

/// A request that two programs could take apart differently, followed by another one on the same connection.
struct DoubtfulRequest: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let text: String
    /// The content that the endpoint gets, or nil when the request is refused.
    let content: String?

    init(_ name: String, _ fields: String, _ body: String, _ content: String?, version: String = "1.1") {
        testDescription = name
        text = "POST /first HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n\(body)"
        self.content = content
    }

    private static let te = "Transfer-Encoding: chunked\r\n"
    private static let end = "0\r\n\r\n"

    static let all = [
        DoubtfulRequest("a length", "Content-Length: 5\r\n", "hello", "hello"),
        DoubtfulRequest("chunks", te, "3\r\nabc\r\n" + end, "abc"),
        DoubtfulRequest("equal lengths", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello", "hello"),
        DoubtfulRequest("a length with zeros", "Content-Length: 0005\r\n", "hello", "hello"),
        DoubtfulRequest("a chunk extension", te, "3;a=b\r\nabc\r\n" + end, "abc"),
        DoubtfulRequest("a forbidden trailer", te, "3\r\nabc\r\n0\r\nContent-Length: 50\r\n\r\n", "abc"),
        DoubtfulRequest(
            "a length that Connection names",
            "Connection: Content-Length\r\nContent-Length: 5\r\n",
            "hello",
            "hello"
        ),
        DoubtfulRequest(
            "an underscore coding",
            "Content-Length: 5\r\nTransfer_Encoding: chunked\r\n",
            "hello",
            "hello"
        ),
        DoubtfulRequest("an expectation", "Expect: 100-continue\r\nContent-Length: 5\r\n", "hello", "hello"),
        DoubtfulRequest("length and coding", "Content-Length: 5\r\n" + te, end, nil),
        DoubtfulRequest("coding and length", te + "Content-Length: 5\r\n", end, nil),
        DoubtfulRequest("coding in HTTP/1.0", te, end, nil, version: "1.0"),
        DoubtfulRequest("a space before the colon", "Transfer-Encoding : chunked\r\n", end, nil),
        DoubtfulRequest("a tab before the colon", "Content-Length\t: 5\r\n", "hello", nil),
        DoubtfulRequest("a folded coding", "Transfer-Encoding:\r\n chunked\r\n", end, nil),
        DoubtfulRequest("a folded field before", "X: y\r\n Transfer-Encoding: chunked\r\n", end, nil),
        DoubtfulRequest("a vertical tab", "Transfer-Encoding: \u{b}chunked\r\n", end, nil),
        DoubtfulRequest("a NUL", "Transfer-Encoding: chunked\u{0}\r\n", end, nil),
        DoubtfulRequest("a bare CR", "X: y\rTransfer-Encoding: chunked\r\n", end, nil),
        DoubtfulRequest("a bare LF", "X: y\nTransfer-Encoding: chunked\r\n", end, nil),
        DoubtfulRequest("an unknown coding", "Transfer-Encoding: xchunked\r\n", end, nil),
        DoubtfulRequest("identity", "Transfer-Encoding: identity\r\n", "", nil),
        DoubtfulRequest("a list with a comma", "Transfer-Encoding: chunked,\r\n", end, nil),
        DoubtfulRequest("chunked twice", te + te, end, nil),
        DoubtfulRequest("chunked, then identity", te + "Transfer-Encoding: identity\r\n", end, nil),
        DoubtfulRequest("different lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello", nil),
        DoubtfulRequest("a list of lengths", "Content-Length: 5, 6\r\n", "hello", nil),
        DoubtfulRequest("a signed length", "Content-Length: +5\r\n", "hello", nil),
        DoubtfulRequest("a hexadecimal length", "Content-Length: 0x5\r\n", "hello", nil),
        DoubtfulRequest("a length beyond 64 bits", "Content-Length: 18446744073709551621\r\n", "hello", nil),
        DoubtfulRequest("an empty length", "Content-Length: \r\n", "hello", nil),
        DoubtfulRequest("two hosts", "Host: b\r\nContent-Length: 5\r\n", "hello", nil),
        DoubtfulRequest("LF behind a size", te, "3\nabc\r\n" + end, nil),
        DoubtfulRequest("LF in an extension", te, "3;a\nabc\r\n" + end, nil),
        DoubtfulRequest("LF behind data", te, "3\r\nabc\n" + end, nil),
        DoubtfulRequest("a chunk that is longer than said", te, "3\r\nabcX\r\n" + end, nil),
        DoubtfulRequest("a size that wraps around", te, "10000000000000003\r\nabc\r\n" + end, nil),
        DoubtfulRequest("a negative size", te, "-1\r\n" + end, nil),
        DoubtfulRequest("a size with 0x", te, "0x3\r\nabc\r\n" + end, nil),
        DoubtfulRequest("a space before the size", te, " 3\r\nabc\r\n" + end, nil),
        DoubtfulRequest("LF ends the trailers", te, "3\r\nabc\r\n0\r\n\n", nil),
        DoubtfulRequest("a folded trailer", te, "3\r\nabc\r\n0\r\nA: b\r\n c\r\n\r\n", nil),
    ]
}

struct `A request that could be taken for two` {
    @Test(arguments: DoubtfulRequest.all)
    func `is refused, or reaches the endpoint as exactly one message`(request: DoubtfulRequest) throws {
        let bench = try WorkerBench()
        let client = try bench.connect()
        try client.send(request.text + "GET /second HTTP/1.1\r\nHost: a\r\n\r\n")
        guard let content = request.content else {
            let answer = try client.receiveAll()
            #expect(["HTTP/1.1 400", "HTTP/1.1 501"].contains { answer.hasPrefix($0) }, "\(answer.prefix(80))")
            #expect(answer.contains("Connection: close\r\n"))
            // What reached the endpoint before the fault was seen is no whole message, and nothing follows it.
            while let endpoint = bench.endpoint.acceptSoon() {
                let seen = try endpoint.receiveAll()
                #expect(!seen.contains("/second"))
                #expect(!seen.hasSuffix("0\r\n\r\n") && seen.contains("Transfer-Encoding: chunked\r\n"))
            }
            return
        }
        let endpoint = try bench.endpoint.accept()
        let head = try endpoint.receive(through: "\r\n\r\n")
        let lines = head.lowercased().split(separator: "\r\n")
        let framing = lines.filter { $0.hasPrefix("content-length") || $0.hasPrefix("transfer-encoding") }
        #expect(framing.count == 1)
        let isChunked = framing.first == "transfer-encoding: chunked"
        let body = try isChunked ? endpoint.receiveChunks() : endpoint.receive(count: content.utf8.count)
        #expect(String(decoding: body, as: UTF8.self) == content)
        #expect(isChunked || framing.first == "content-length: \(content.utf8.count)")
        // The next one comes only when this one was answered.
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none")
        #expect(try endpoint.receive(through: "\r\n\r\n").hasPrefix("GET /second HTTP/1.1\r\n"))
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo")
        _ = try client.receive(through: "\r\n\r\none")
        _ = try client.receive(through: "\r\n\r\ntwo")
    }
}

struct `Garbage` {
    private static let pieces = [
        "GET / HTTP/1.1\r\n", "POST /x HTTP/1.1\r\n", "Host: a\r\n", "\r\n", "Content-Length: ", "5\r\n", "\n", "\r",
        "\u{0}",
        "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "ffffffffffffffff\r\n", ":", " ", "\u{16}\u{3}\u{1}",
        "PRI * HTTP/2.0",
        "Expect: 100-continue\r\n", "Connection: close, host\r\n", "é", "%00", "GET",
    ]

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `from clients has no effect on other connections`(seed: UInt64) throws {
        let bench = try WorkerBench()
        let endpoints = StormEndpoints()
        try endpoints.play(bench.endpoint)
        let port = bench.port
        let tally = try meanwhile({
            var random = SeededNumbers(seed: seed)
            for _ in 0..<150 {
                let client = try ScriptedStream(to: port)
                var bytes: [UInt8] = []
                for _ in 0..<Int.random(in: 1...30, using: &random) {
                    if Int.random(in: 0..<4, using: &random) == 0 {
                        bytes.append(UInt8.random(in: 0...255, using: &random))
                    } else {
                        bytes += Array((Self.pieces.randomElement(using: &random) ?? "").utf8)
                    }
                }
                // The worker may have refused it before the last byte.
                try? client.send(bytes, pieces: &random)
                if Bool.random(using: &random) { try client.resetAtEnd() } else { try? client.finishWriting() }
            }
        }) {
            var tally = StormTally()
            for number in 0..<25 as Range<UInt64> {
                var client = StormClient(port: port, isWild: false, random: SeededNumbers(seed: seed << 32 | number))
                client.run(&tally)
            }
            return tally
        }
        #expect(tally.wrong.isEmpty, "seed \(seed): \(tally.wrong.prefix(3))")
        #expect(tally.right > 20)
        endpoints.end()
    }
}

struct `Slow clients` {
    @Test func `in their hundreds hold up nobody, and are cut off at their time`() throws {
        let bench = try WorkerBench(
            settings: WorkerBench.settings {
                $0.headMilliseconds = 1500
                $0.bodyMilliseconds = 1500
            }
        ) { $0.bodyGraceMilliseconds = 1500 }
        let endpoints = StormEndpoints()
        try endpoints.play(bench.endpoint)
        let large = try #require(
            (1...100_000 as ClosedRange<UInt64>).first { tag in
                let plan = StormPlan(tag: tag, isWild: false)
                return plan.method == "GET" && plan.responseCount > 250_000 && !plan.isOld
            }
        )
        var slow: [ScriptedStream] = []
        for number in 0..<300 {
            let client = try bench.connect()
            switch number % 3 {
            case 0: try client.send("GET / HTTP/1.1\r\nHost: ")
            case 1: try client.send("POST /\(large)-0 HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\nx")
            // It asks for more than its socket takes, and reads nothing.
            default: try client.send(String(repeating: "GET /\(large)-0 HTTP/1.1\r\nHost: a\r\n\r\n", count: 40))
            }
            slow.append(client)
        }
        var tally = StormTally()
        for number in 0..<30 as Range<UInt64> {
            var client = StormClient(port: bench.port, isWild: false, random: SeededNumbers(seed: number))
            client.run(&tally)
        }
        #expect(tally.wrong.isEmpty, "\(tally.wrong.prefix(3))")
        #expect(tally.right > 20)
        // All are cut off without a word of theirs.
        for _ in 0..<400 where bench.census.links > bench.census.idleUpstreams { pause(50) }
        let census = bench.census
        #expect(census.links == census.idleUpstreams)
        #expect(census.exchanges == 0 && census.buffers == 0 && census.pendingBytes == 0)
        withExtendedLifetime(slow) {}
        endpoints.end()
    }
}
