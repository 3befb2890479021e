import LinuxSystem
import NetworkAddress
import StatusServer

/// Ports that were free a moment ago.
func freePorts(_ count: Int) throws -> [TransportAddress] {
    let server = try StatusServer()
    let listeners = try (0..<count).map { _ in
        try server.open(on: IPAddress(127, 0, 0, 1), port: nil) { _ in .notFound }
    }
    server.stop()
    return listeners.map(\.address)
}

/// Sends a request on a connection of its own, and returns the whole answer.
func ask(_ address: TransportAddress, _ path: String, method: String = "GET") throws -> String {
    let socket = try Socket(.tcp, family: address.address.family)
    _ = try socket.connect(to: address)
    var waits = [Readiness(of: socket.number, writing: true)]
    _ = try Readiness.wait(for: &waits, timeout: .seconds(10))
    if let error = try socket.takeError() { throw error }
    _ = try socket.send(Array("\(method) \(path) HTTP/1.0\r\n\r\n".utf8)[...])
    var answer: [UInt8] = []
    while true {
        waits = [Readiness(of: socket.number, reading: true)]
        guard try Readiness.wait(for: &waits, timeout: .seconds(10)) else { throw Errno.timedOut }
        switch try socket.receive(upTo: 65_536) {
        case .bytes(let bytes): answer += bytes
        case .end: return String(decoding: answer, as: UTF8.self)
        case .wouldBlock: continue
        }
    }
}
