import LinuxSystem
import NetworkAddress
import StatusServer
import Testing

struct `Listeners of a status server` {
    private let request = "GET / HTTP/1.0\r\n\r\n"

    @Test func `listeners come and go, and each has its own answers`() throws {
        let server = try StatusServer()
        let first = try server.openOnLoopback { _ in .plain(.ok, "first") }
        let second = try server.openOnLoopback { _ in .plain(.ok, "second") }
        #expect(try exchange(first.address, request).hasSuffix("first"))
        #expect(try exchange(second.address, request).hasSuffix("second"))
        let kept = try TestClient(first.address)
        server.close([first])
        #expect(throws: Errno.self) { try exchange(first.address, request) }
        #expect(try exchange(second.address, request).hasSuffix("second"))
        // Connections through it are closed as well, with a reset where nobody had taken them yet.
        #expect((try? kept.read()) ?? nil == nil)
    }

    @Test func `a port is free as soon as its listener is closed`() throws {
        let server = try StatusServer()
        var listener = try server.openOnLoopback(echo)
        for round in 0..<50 {
            let address = listener.address
            server.close([listener])
            listener = try server.open(on: address.address, port: address.port) { _ in .plain(.ok, "\(round)") }
            #expect(try exchange(address, request).hasSuffix("\r\n\r\n\(round)"))
        }
    }

    @Test func `both families take the same port, each for itself`() throws {
        let server = try StatusServer()
        let any4 = try server.open(on: IPAddress(family: .ipv4, bits: 0), port: nil) { _ in .plain(.ok, "four") }
        let port = any4.address.port
        _ = try server.open(on: IPAddress(family: .ipv6, bits: 0), port: port) { _ in .plain(.ok, "six") }
        #expect(try exchange(TransportAddress(IPAddress(127, 0, 0, 1), port), request).hasSuffix("four"))
        #expect(try exchange(TransportAddress(IPAddress(family: .ipv6, bits: 1), port), request).hasSuffix("six"))
    }

    @Test func `a port that is taken is refused with its address and a reason`() throws {
        let server = try StatusServer()
        let listener = try server.openOnLoopback(echo)
        let address = listener.address
        #expect(throws: StatusServerError.cannotListen(address.address, address.port, .addressInUse)) {
            try server.open(on: address.address, port: address.port, respond: echo)
        }
        let error = StatusServerError.cannotListen(address.address, address.port, .addressInUse)
        #expect(
            error.description
                == "cannot listen on \(address): Address already in use; another program has it: see 'ss -lntp'"
        )
    }

    @Test func `a stopped server has closed everything`() throws {
        let server = try StatusServer()
        let listener = try server.openOnLoopback(echo)
        server.stop()
        #expect(throws: Errno.self) { try exchange(listener.address, request) }
        server.close([listener])
        server.stop()
    }

    @Test func `a server that nobody holds stops by itself`() throws {
        let address = try StatusServer().openOnLoopback(echo).address
        #expect(throws: Errno.self) { try exchange(address, request) }
    }

    @Test func `answers follow a board that another thread replaces`() async throws {
        let server = try StatusServer()
        let board = StatusBoard(0)
        let address = try server.openOnLoopback { _ in .plain(.ok, "\(board.value)") }.address
        let writer = Task { for _ in 0..<10_000 { board.update { $0 += 1 } } }
        for _ in 0..<20 { #expect(try exchange(address, request).hasPrefix("HTTP/1.1 200 OK\r\n")) }
        await writer.value
        #expect(try exchange(address, request).hasSuffix("\r\n\r\n10000"))
    }
}
