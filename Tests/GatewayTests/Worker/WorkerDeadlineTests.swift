import Gateway
import Routing
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

struct `No connection of a worker lasts for ever` {
    @Test func `a client that does not read a large body is cut off`() throws {
        let bench = try WorkerBench(settings: WorkerBench.settings { $0.bodyMilliseconds = 300 })
        let client = try bench.connect()
        try client.send(get)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        // The cut may come before all is sent, and is then an error of sending.
        _ = try? endpoint.sendUntilStuck([UInt8](repeating: 120, count: 64 << 20))
        #expect(endpoint.ends())
        #expect(client.ends())
    }

    @Test func `an endpoint that falls silent after a client caught up is cut off`() throws {
        let bench = try WorkerBench(limits: WorkerBench.limits { $0.readMilliseconds = 300 })
        let client = try bench.connect()
        try client.send(get)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n")
        // The last piece is read in one go, and a part of it waits for the client.
        var pieces = 0
        while bench.census.pendingBytes == 0, pieces < 2000 {
            try endpoint.send([UInt8](repeating: 120, count: 50_000))
            pieces += 1
        }
        try #require(bench.census.pendingBytes > 0)
        #expect(client.ends())
        #expect(endpoint.ends())
    }

    @Test func `a client whose endpoint is slow is not taken for slow`() throws {
        let bench = try WorkerBench(settings: WorkerBench.settings { $0.bodyMilliseconds = 1500 })
        let client = try bench.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000000\r\n\r\nx")
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        let body = [UInt8](repeating: 120, count: 39_999_999)
        let sent = try client.sendUntilStuck(body)
        try #require(sent < body.count)
        // Long enough for a mistake, and the limit long enough for a machine that has much else to do.
        pause(3500)
        let count = try meanwhile({ try client.send(Array(body[sent...])) }) {
            try endpoint.receive(count: 40_000_000).count
        }
        #expect(count == 40_000_000)
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(try client.receive(through: "\r\n\r\nok").hasPrefix("HTTP/1.1 200"))
    }

    @Test func `a body that trickles is answered 408`() throws {
        let bench = try WorkerBench { $0.bodyGraceMilliseconds = 500 }
        let client = try bench.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        let ends = try meanwhile({
            for _ in 0..<100 {
                // It fails when the worker has had enough.
                try client.send("x")
                pause(50)
            }
        }) {
            (try client.receive(through: "\r\n\r\n"), try endpoint.receiveAll())
        }
        #expect(ends.0.hasPrefix("HTTP/1.1 408"))
        #expect(ends.1.count < 100)
    }

    @Test func `a body may trickle once the response has begun`() throws {
        let bench = try WorkerBench { $0.bodyGraceMilliseconds = 200 }
        let client = try bench.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        _ = try client.receive(through: "\r\n\r\no")
        for _ in 0..<10 {
            try client.send("x")
            pause(100)
        }
        #expect(try endpoint.receive(count: 10).count == 10)
        try endpoint.send("k")
        #expect(try client.receive(count: 1) == Array("k".utf8))
    }

    @Test func `a body at the least rate goes through`() throws {
        let bench = try WorkerBench {
            $0.bodyGraceMilliseconds = 300
            $0.bodyBytesPerSecondMin = 500
        }
        let client = try bench.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n")
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        for _ in 0..<10 {
            try client.send(String(repeating: "x", count: 200))
            pause(60)
        }
        #expect(try endpoint.receive(count: 2000).count == 2000)
        try endpoint.send("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(try client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 204"))
    }

    @Test func `a head that comes byte by byte is answered 408`() throws {
        let bench = try WorkerBench(settings: WorkerBench.settings { $0.headMilliseconds = 400 })
        let client = try bench.connect()
        let answer = try meanwhile({
            for byte in Array("GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8) {
                // It fails when the worker has had enough.
                try client.send([byte])
                pause(20)
            }
        }) {
            try client.receive(through: "\r\n\r\n")
        }
        #expect(answer.hasPrefix("HTTP/1.1 408"))
    }
}
