import LinuxSystem
import NetworkAddress
import StatusServer

/// A client that sends bytes and waits for what comes back, over LinuxSystem's sockets.
final class TestClient {
    private let socket: Socket

    init(_ address: TransportAddress) throws {
        socket = try Socket(.tcp, family: address.address.family)
        guard case .underway = try socket.connect(to: address) else { return }
        try wait(writing: true)
        if let error = try socket.takeError() { throw error }
    }

    func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = try socket.send(rest)
            rest = rest.dropFirst(sent)
            if sent == 0 { try wait(writing: true) }
        }
    }

    func finishWriting() throws { try socket.shutdownWriting() }

    /// Reads until the server closes.
    func readAll() throws -> String {
        var bytes: [UInt8] = []
        while let more = try read() { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads until the text that came ends like this.
    func read(until end: String) throws -> String {
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).hasSuffix(end) {
            guard let more = try read() else { throw Errno.connectionReset }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads some bytes; nil at the end.
    func read() throws -> [UInt8]? {
        while true {
            switch try socket.receive(upTo: 65_536) {
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .wouldBlock: try wait(writing: false)
            }
        }
    }

    private func wait(writing: Bool) throws {
        var waits = [Readiness(of: socket.number, reading: !writing, writing: writing)]
        guard try Readiness.wait(for: &waits, timeout: .seconds(10)) else { throw Errno.timedOut }
    }
}

extension StatusServer {
    /// Opens a port of the kernel's choice on 127.0.0.1.
    func openOnLoopback(_ respond: @escaping StatusHandler) throws -> StatusListener {
        try open(on: IPAddress(127, 0, 0, 1), port: nil, respond: respond)
    }
}

/// Answers every request with what it asked for.
@Sendable func echo(_ request: StatusRequest) -> StatusResponse { .plain(.ok, "\(request.method) \(request.path)\n") }

/// Sends a request on a connection of its own and returns the whole answer.
func exchange(_ address: TransportAddress, _ request: String) throws -> String {
    let client = try TestClient(address)
    try client.send(request)
    return try client.readAll()
}

/// An answer with its date replaced, as that is the only part that differs from run to run.
func undated(_ answer: String) -> String {
    answer.split(separator: "\r\n", omittingEmptySubsequences: false)
        .map { $0.hasPrefix("Date: ") ? "Date: D" : String($0) }
        .joined(separator: "\r\n")
}
