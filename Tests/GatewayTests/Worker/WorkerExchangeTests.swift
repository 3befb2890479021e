import EventIO
@testable import Gateway
import HTTPSemantics
import LinuxSystem
import Routing
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

struct `What a worker makes of unusual courses of an exchange` {
    @Test func `an interim response goes on at once`() throws {
        let bench = try WorkerBench()
        let client = try bench.connect()
        try client.send(get)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        let hints = try client.receive(through: "\r\n\r\n")
        #expect(hints.hasPrefix("HTTP/1.1 103"))
        #expect(hints.contains("Link: </a.css>"))
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(try client.receive(through: "\r\n\r\nok").hasPrefix("HTTP/1.1 200"))
    }

    @Test func `a final response follows interim ones that a slow client had to catch up with`() throws {
        let bench = try WorkerBench { $0.interimResponsesMax = 8000 }
        let client = try bench.connect()
        try client.send(get)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        let field = String(repeating: "h", count: 4000)
        let hints = Array(String(repeating: "HTTP/1.1 103 Early Hints\r\nLink: \(field)\r\n\r\n", count: 8000).utf8)
        let sent = try endpoint.sendUntilStuck(hints)
        try #require(sent < hints.count)
        let last = try meanwhile({
            try endpoint.send(Array(hints[sent...]))
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }) {
            try client.skip(31_900_000)
            return try client.receive(through: "\r\n\r\nok")
        }
        #expect(last.contains("\r\n\r\nHTTP/1.1 103 Early Hints\r\n"))
        #expect(last.contains("\r\n\r\nHTTP/1.1 200 OK\r\n"))
    }

    @Test(arguments: [100, 103])
    func `interim responses without end are no response`(status: Int) throws {
        let bench = try WorkerBench { $0.interimResponsesMax = 20 }
        let client = try bench.connect()
        for isOneTooMany in [false, true] {
            try client.send(get)
            let endpoint = try bench.endpoint.accept()
            _ = try endpoint.receive(through: "\r\n\r\n")
            for _ in 0..<20 { try endpoint.send("HTTP/1.1 \(status) Wait\r\nLink: </a>\r\n\r\n") }
            // Leave to go on is the gateway's own to give.
            for _ in 0..<(status == 100 ? 0 : 20) {
                #expect(try client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 \(status) "))
            }
            if isOneTooMany { try endpoint.send("HTTP/1.1 \(status) Wait\r\n\r\n") }
            // It may meet a connection that has gone.
            try? endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            let last = try client.receive(through: isOneTooMany ? "</html>\r\n" : "ok")
            #expect(last.hasPrefix(isOneTooMany ? "HTTP/1.1 502 " : "HTTP/1.1 200 "), "\(last)")
            #expect(endpoint.ends())
        }
    }

    @Test func `a response that comes before the whole request reaches its client`() throws {
        let bench = try WorkerBench()
        let client = try bench.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx")
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\nx")
        try endpoint.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!")
        #expect(endpoint.ends())
        for _ in 0..<9 {
            try client.send([UInt8](repeating: 120, count: 10_000))
            pause(20)
        }
        #expect(try client.receiveAll().hasSuffix("\r\n\r\nno!"))
    }

    /// A read that was full says that more may wait; after sixteen of them the connection waits for its next turn.
    @Test(arguments: [1, 2, 15, 16, 17, 32, 33])
    func `a connection is used again after a response that filled its last read`(reads: Int) throws {
        let bench = try WorkerBench { $0.readBytesMax = 1000 }
        let client = try bench.connect()
        try client.send(get)
        let endpoint = try bench.endpoint.accept()
        let frame = "HTTP/1.1 200 OK\r\nContent-Length: 00000\r\n\r\n"
        let body = [UInt8](repeating: 120, count: 1000 * reads - frame.utf8.count)
        let digits = String(repeating: "0", count: 5 - "\(body.count)".count) + "\(body.count)"
        let head = frame.replacing("00000", with: digits)
        for _ in 0..<3 {
            _ = try endpoint.receive(through: "\r\n\r\n")
            try endpoint.send(Array(head.utf8) + body)
            _ = try client.receive(through: "\r\n\r\n")
            #expect(try client.receive(count: body.count) == body)
            try client.send(get)
        }
        #expect(bench.endpoint.acceptSoon() == nil)
    }

    @Test func `bytes behind a response are nobody's`() throws {
        let bench = try WorkerBench()
        let client = try bench.connect()
        try client.send(get)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        )
        #expect(try client.receive(through: "\r\n\r\nok").hasPrefix("HTTP/1.1 200"))
        try client.send(get)
        let next = try bench.endpoint.accept()
        _ = try next.receive(through: "\r\n\r\n")
        try next.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
        #expect(try client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        #expect(try client.receive(count: 4) == Array("good".utf8))
        #expect(endpoint.ends())
    }

    @Test func `trailers that come byte by byte reach both sides`() throws {
        let bench = try WorkerBench()
        let client = try bench.connect()
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n"
        let body = "3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-End: 2\r\n\r\n"
        try client.send(head)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        for byte in body.utf8 { try client.send([byte]) }
        let arrived = try endpoint.receive(through: "0\r\n") + endpoint.receive(through: "\r\n\r\n")
        #expect(arrived.hasSuffix("X-Sum: 1\r\nX-End: 2\r\n\r\n"))
        try endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for byte in body.utf8 { try endpoint.send([byte]) }
        _ = try client.receive(through: "\r\n\r\n")
        let answer = try client.receive(through: "0\r\n") + client.receive(through: "\r\n\r\n")
        #expect(answer.hasSuffix("X-Sum: 1\r\nX-End: 2\r\n\r\n"))
    }

    @Test func `a body that ends early is cut, never completed`() throws {
        let bench = try WorkerBench()
        for head in ["Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n5\r\nabc"] {
            let client = try bench.connect()
            try client.send(get)
            do {
                let endpoint = try bench.endpoint.accept()
                _ = try endpoint.receive(through: "\r\n\r\n")
                try endpoint.send("HTTP/1.1 200 OK\r\n" + head)
                _ = try client.receive(through: "abc")
            }
            #expect(throws: (any Error).self) { try client.receiveAll() }
        }
    }

    @Test func `an idle connection that its endpoint closed is not used for what cannot be repeated`() throws {
        let bench = try WorkerBench()
        let client = try bench.connect()
        for round in 0..<20 {
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
            let endpoint = try bench.endpoint.accept()
            _ = try endpoint.receive(through: "\r\n\r\nx")
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\(10 + round)")
            #expect(try client.receive(through: "\r\n\r\n\(10 + round)").hasPrefix("HTTP/1.1 200"))
            // The endpoint closes as it goes out of scope, and the next request follows at once.
        }
    }

    @Test func `idle connections in clear are not used for a backend that has come to speak TLS`() throws {
        let bench = try WorkerBench()
        let client = try bench.connect()
        try client.send(get)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        _ = try client.receive(through: "\r\n\r\nok")
        bench.pool.serve(by: try bench.tables(scheme: .https))
        try client.send(get)
        let next = try bench.endpoint.accept()
        // A handshake begins a connection of TLS: a record of type 22.
        #expect(try next.receive(count: 1) == [22])
        #expect(endpoint.ends())
    }

    @Test func `a shortage of the gateway itself is told from a failure of the endpoint`() {
        #expect(AttemptFault.unanswered(.noResources).condition.isEmpty)
        #expect(AttemptFault.unanswered(.noResources).answer == .serviceUnavailable)
        #expect(Errno.tooManyOpenFiles.isShortage)
        #expect(!Errno.connectionRefused.isShortage)
    }
}
