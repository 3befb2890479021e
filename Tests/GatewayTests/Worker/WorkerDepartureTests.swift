import Gateway
import Routing
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/// A time that a silent endpoint's answer never comes within.
private func soon(_ settings: inout WorkerSettings) { settings.departureMilliseconds = 400 }

struct `A client that has ended its side` {
    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"])
    func `and is gone sets its endpoint free, before the response and within it`(said: String) throws {
        let bench = try WorkerBench(adjust: soon)
        var client: ScriptedStream? = try bench.connect()
        try client?.send(get)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send(said)
        if !said.isEmpty { _ = try client?.receive(through: "hello\r\n") }
        let start = ContinuousClock.now
        client = nil
        // The endpoint's own time is a minute.
        #expect(endpoint.ends())
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(eventually { bench.census.exchanges == 0 && bench.census.links == 0 })
    }

    @Test func `while its request is tried elsewhere sets that endpoint free too`() throws {
        let bench = try WorkerBench(endpointCount: 2, adjust: soon)
        var client: ScriptedStream? = try bench.connect()
        try client?.send(get)
        var accepted: (stream: ScriptedStream, index: Int)?
        while accepted == nil {
            for (index, endpoint) in bench.endpoints.enumerated() {
                if let stream = endpoint.acceptSoon() { accepted = (stream, index) }
            }
        }
        let other = 1 - (accepted?.index ?? 0)
        _ = try accepted?.stream.receive(through: "\r\n\r\n")
        client = nil
        pause(100)
        try accepted?.stream.resetAtEnd()
        accepted = nil
        let second = try bench.endpoints[other].accept()
        _ = try second.receive(through: "\r\n\r\n")
        #expect(second.ends())
        #expect(eventually { bench.census.exchanges == 0 })
    }

    @Test(arguments: [true, false])
    func `and waits gets a response that comes soon`(endsAtOnce: Bool) throws {
        let bench = try WorkerBench { $0.departureMilliseconds = 5_000 }
        let client = try bench.connect()
        try client.send(get)
        if endsAtOnce { try client.finishWriting() }
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        if !endsAtOnce { try client.finishWriting() }
        pause(200)
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let response = try client.receiveAll()
        #expect(response.hasPrefix("HTTP/1.1 200") && response.hasSuffix("\r\n\r\nok"))
    }

    @Test func `and takes what it is sent is waited for as long as any other`() throws {
        let bench = try WorkerBench(adjust: soon)
        let client = try bench.connect()
        try client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
        try client.finishWriting()
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "0\r\n\r\n")
        try endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<3 {
            pause(700)
            try endpoint.send("5\r\nhello\r\n")
        }
        try endpoint.send("0\r\n\r\n")
        #expect(try client.receiveAll().hasSuffix("5\r\nhello\r\n5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n"))
    }

    @Test func `gets a large body that moves inside the kernel, with a pause in it`() throws {
        let bench = try WorkerBench(adjust: soon)
        let client = try bench.connect()
        try client.send(get)
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n")
        let half = [UInt8](repeating: 120, count: 1_000_000)
        try client.finishWriting()
        // The end must not overtake what comes after it.
        pause(100)
        let received = try meanwhile({
            try endpoint.send(half)
            pause(1000)
            try endpoint.send(half)
        }) {
            _ = try client.receive(through: "\r\n\r\n")
            return try client.receiveBytesToEnd().count
        }
        #expect(received == 2_000_000)
    }
}
