import EventIO
import LinuxSystem
import NetworkAddress

/// A connection whose end a test plays, line by line; every call gives up after a while.
final class ScriptedStream: @unchecked Sendable {
    // Sendable: the socket may be used on two threads, and a test receives on one of them alone.
    private let socket: Socket
    /// What was received and not asked for yet.
    private var received: [UInt8] = []

    private static let patience = Duration.seconds(20)

    /// What a test waited for and did not get.
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    init(_ socket: consuming Socket) { self.socket = socket }

    /// Connects with a port of this machine.
    convenience init(to port: Port) throws {
        let socket = try Socket(.tcp, family: .ipv4)
        try socket.disableDelay()
        if case .underway = try socket.connect(to: TransportAddress(IPAddress(127, 0, 0, 1), port)) {
            var waits = [Readiness(of: socket.number, writing: true)]
            _ = try Readiness.wait(for: &waits, timeout: Self.patience)
            if let error = try socket.takeError() { throw error }
        }
        self.init(socket)
    }

    /// Sends all of a text.
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends all of some bytes.
    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try socket.send(rest)
            rest = rest.dropFirst(count)
            if count == 0, try !wait(writing: true) { throw Unexpected(description: "nothing can be sent") }
        }
    }

    /// Sends as much as the other side takes, until it takes nothing for a moment.
    ///
    /// - Returns: The number of bytes that were sent.
    func sendUntilStuck(_ bytes: [UInt8]) throws -> Int {
        var count = 0
        while count < bytes.count {
            let sent = try socket.send(bytes[count...])
            count += sent
            if sent == 0, try !wait(writing: true, .milliseconds(200)) { return count }
        }
        return count
    }

    /// Receives up to the end of a text, and returns all of it.
    func receive(through text: String) throws -> String {
        let mark = Array(text.utf8)
        var searched = 0
        while true {
            if received.count >= mark.count {
                for start in searched...(received.count - mark.count) where received[start...].starts(with: mark) {
                    return String(decoding: take(start + mark.count), as: UTF8.self)
                }
                searched = received.count - mark.count + 1
            }
            guard try receiveMore() else {
                throw Unexpected(
                    description:
                        "the end instead of \(text); got \(String(decoding: received.prefix(400), as: UTF8.self))"
                )
            }
        }
    }

    /// Receives a number of bytes.
    func receive(count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try receiveMore() else { throw Unexpected(description: "the end after \(received.count) bytes") }
        }
        return take(count)
    }

    /// Receives bytes and throws them away.
    func skip(_ count: Int) throws {
        var rest = count - received.count
        received.removeFirst(min(count, received.count))
        while rest > 0 {
            guard try receiveMore() else { throw Unexpected(description: "the end with \(rest) bytes to skip") }
            let excess = max(0, received.count - rest)
            rest -= received.count - excess
            received.removeFirst(received.count - excess)
        }
    }

    /// Receives up to the end; a broken connection is thrown.
    func receiveBytesToEnd() throws -> [UInt8] {
        while try receiveMore() {}
        return take(received.count)
    }

    /// Receives text up to the end; a broken connection is thrown.
    func receiveAll() throws -> String {
        while try receiveMore() {}
        return String(decoding: take(received.count), as: UTF8.self)
    }

    /// Whether the connection ends, in whatever way, before the patience does; what comes before is thrown away.
    func ends() -> Bool {
        do {
            while try receiveMore() { received.removeAll(keepingCapacity: true) }
            return true
        } catch is Unexpected {
            return false
        } catch {
            return true
        }
    }

    /// Tells the other side that nothing more comes.
    func finishWriting() throws { try socket.shutdownWriting() }

    /// Makes the end of this object reset the connection.
    func resetAtEnd() throws { try socket.resetWhenClosed() }

    private func take(_ count: Int) -> [UInt8] {
        let bytes = Array(received.prefix(count))
        received.removeFirst(count)
        return bytes
    }

    /// Receives something; false says that the end has come.
    private func receiveMore() throws -> Bool {
        while true {
            switch try socket.receive(upTo: 256 * 1024) {
            case .bytes(let bytes):
                received += bytes
                return true
            case .end: return false
            case .wouldBlock: if try !wait(writing: false) { throw Unexpected(description: "nothing comes") }
            }
        }
    }

    private func wait(writing: Bool, _ time: Duration = patience) throws -> Bool {
        var waits = [Readiness(of: socket.number, reading: !writing, writing: writing)]
        return try Readiness.wait(for: &waits, timeout: time)
    }
}

/// A port of this machine on which a test plays an endpoint.
final class ScriptedListener: Sendable {
    private let socket: Socket
    let port: Port

    init() throws {
        socket = try .listening(on: IPAddress(127, 0, 0, 1), port: nil)
        guard let address = try socket.localAddress() else { throw Errno.invalidArgument }
        port = address.port
    }

    /// The next connection, as the worker's own code takes it.
    func acceptRaw() throws -> Stream {
        while true {
            if case .connection(let stream, _) = Stream.accept(from: socket) { return stream }
            var waits = [Readiness(of: socket.number, reading: true)]
            _ = try Readiness.wait(for: &waits, timeout: .seconds(20))
        }
    }

    /// The next connection, if there is one soon.
    func acceptSoon() -> ScriptedStream? {
        var waits = [Readiness(of: socket.number, reading: true)]
        // A wait or a connection that fails is one that does not come.
        _ = try? Readiness.wait(for: &waits, timeout: .milliseconds(20))
        guard let connection = try? socket.accept() else { return nil }
        return ScriptedStream(connection.take())
    }

    /// The next connection.
    func accept() throws -> ScriptedStream {
        while true {
            if let connection = try socket.accept() {
                let socket = connection.take()
                try socket.disableDelay()
                return ScriptedStream(socket)
            }
            var waits = [Readiness(of: socket.number, reading: true)]
            guard try Readiness.wait(for: &waits, timeout: .seconds(20)) else {
                throw ScriptedStream.Unexpected(description: "nobody connects")
            }
        }
    }
}

/// Lets some time pass, so that deadlines of a few hundred milliseconds do.
func pause(_ milliseconds: Int) {
    var nothing: [Readiness] = []
    // Nothing but time ends this wait, so there is nothing to learn from its failure.
    _ = try? Readiness.wait(for: &nothing, timeout: .milliseconds(milliseconds))
}

/// Does something on a thread of its own, whether or not it comes to its end, while something else is done here.
func meanwhile<Value>(_ other: @escaping @Sendable () throws -> Void, _ body: () throws -> Value) throws -> Value {
    let thread = try Thread("meanwhile") { _ = try? other() }
    let outcome = Result(catching: body)
    thread.join()
    return try outcome.get()
}
