import LinuxSystem
import NetworkAddress
import StatusServer
import Testing

@Suite(.serialized)
struct `A status server under load` {
    private let request = "GET /healthz HTTP/1.0\r\n\r\n"

    @Test func `slow clients and idle connections keep no probe waiting`() throws {
        let server = try StatusServer()
        let address = try server.openOnLoopback(echo).address
        let idle = try (0..<200).map { _ in try TestClient(address) }
        let slow = try TestClient(address)
        for byte in "GET / HT" {
            try slow.send(String(byte))
            let began = ContinuousClock.now
            #expect(try exchange(address, request).hasSuffix("GET /healthz\n"))
            #expect(ContinuousClock.now - began < .seconds(1))
        }
        // They are served all the same.
        try slow.send("TP/1.0\r\n\r\n")
        #expect(try slow.readAll().hasSuffix("GET /\n"))
        try idle[0].send(request)
        #expect(try idle[0].readAll().hasSuffix("GET /healthz\n"))
    }

    @Test func `when all connections are taken, the one that was silent longest goes`() throws {
        let server = try StatusServer(limits: StatusServerLimits(connectionsMax: 4))
        let address = try server.openOnLoopback(echo).address
        var idle: [TestClient] = []
        for _ in 0..<4 {
            idle.append(try TestClient(address))
            // A request that is answered, so that the server has seen the connection.
            try idle[idle.count - 1].send("GET /\(idle.count) HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try idle[idle.count - 1].read(until: "GET /\(idle.count)\n")
        }
        #expect(try exchange(address, request).hasSuffix("GET /healthz\n"))
        #expect(try idle[0].read() == nil)
        try idle[3].send(request)
        #expect(try idle[3].readAll().hasSuffix("GET /healthz\n"))
    }

    @Test func `a head that does not come in time is told so, a silent connection is closed`() throws {
        let limits = StatusServerLimits(headTime: .milliseconds(50), idleTime: .milliseconds(150))
        let server = try StatusServer(limits: limits)
        let address = try server.openOnLoopback(echo).address
        let slow = try TestClient(address)
        try slow.send("GET / HTTP/1.1\r\nHo")
        #expect(try slow.readAll().hasPrefix("HTTP/1.1 408 "))
        let silent = try TestClient(address)
        #expect(try silent.read() == nil)
    }

    @Test func `who does not read an answer is cut off, and others are told to wait`() throws {
        let limits = StatusServerLimits(pendingBytesMax: 1 << 20, answerTime: .milliseconds(400))
        let server = try StatusServer(limits: limits)
        let text = String(repeating: "x", count: 32 << 20)
        let address = try server.openOnLoopback { $0.path == "/big" ? .plain(.ok, text) : echo($0) }.address
        let stuck = try TestClient(address)
        try stuck.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        var refusals = 0
        var answer = ""
        while !answer.contains(" 200 ") {
            answer = try exchange(address, request)
            if answer.hasPrefix("HTTP/1.1 503 ") { refusals += 1 }
        }
        #expect(refusals > 0)
        #expect(throws: Errno.self) {
            var bytes = 0
            while let more = try stuck.read() { bytes += more.count }
            // An end without a reset still lacks most of the answer.
            if bytes < text.utf8.count { throw Errno.connectionReset }
        }
    }
}
