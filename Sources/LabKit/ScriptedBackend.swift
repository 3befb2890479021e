internal import LinuxSystem
package import NetworkAddress
internal import Synchronization

/// A server of HTTP that answers each connection by a script, and keeps every request to the byte.
///
/// It lives in a namespace of a lab, on threads of the test process, so that a test sees what it saw.
package final class ScriptedBackend: Sendable {
    /// What happens on one connection; the connection is closed when it returns.
    package typealias Script = @Sendable (Visit) throws -> Void

    /// A request, and where it came in.
    package struct Received: Sendable {
        /// The request.
        package let message: HTTPMessage
        /// The number of the connection, from 0.
        package let connection: Int
    }

    /// One connection to a backend.
    package struct Visit: Sendable {
        /// The connection.
        package let stream: LabStream
        /// Its number, from 0.
        package let number: Int
        /// Where it came to.
        package let backend: ScriptedBackend

        /// Reads the next request and keeps it; nil when the client has ended.
        package func next() throws -> HTTPMessage? {
            guard let message = try stream.readRequest() else { return nil }
            backend.state.withLock { $0.received.append(Received(message: message, connection: number)) }
            return message
        }

        /// Sends a response with a body of known length.
        package func answer(_ status: Int = 200, _ fields: [String] = [], body: String) throws {
            let lines = ["HTTP/1.1 \(status) Status", "Content-Length: \(body.utf8.count)"] + fields
            try stream.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        /// Answers every request as `ScriptedBackend` does without a script.
        package func answerAll() throws {
            while let request = try next() {
                let length = request.method == "HEAD" ? "" : backend.name
                try answer(200, ["X-Pod: \(backend.name)", "Content-Type: text/plain"], body: length)
            }
        }
    }

    fileprivate struct State {
        var received: [Received] = []
        var connections = 0
        var open: [Int: LabStream] = [:]
        var script: Script
    }

    /// What it answers with, unless its script says otherwise.
    package let name: String
    /// Where it listens.
    package let address: TransportAddress

    private let listener: Mutex<Socket?>
    private let number: Int32
    private let wakeup: Wakeup
    fileprivate let state: Mutex<State>

    /// Starts a backend.
    ///
    /// - Parameters:
    ///   - name: What it answers with, and calls itself in `X-Pod`.
    ///   - namespace: Where it lives.
    ///   - address: Where it listens.
    ///   - script: What happens on each connection; without one every request is answered 200 with the name.
    /// - Throws: Why it cannot listen.
    package init(
        _ name: String,
        in namespace: Lab.Namespace,
        at address: TransportAddress,
        script: @escaping Script = { try $0.answerAll() }
    ) throws {
        self.name = name
        self.address = address
        var listener: Socket?
        try withNetworkNamespace(named: namespace.name) {
            listener = try Socket.listening(on: address.address, port: address.port)
        }
        guard let listener else { throw Errno.invalidArgument }
        number = listener.number
        wakeup = try Wakeup()
        self.listener = Mutex(listener)
        state = Mutex(State(script: script))
        _ = try Thread("backend") { [self] in accept() }
    }

    /// The requests so far, in the order in which they were complete.
    package var received: [Received] { state.withLock(\.received) }

    /// The requests so far.
    package var requests: [HTTPMessage] { received.map(\.message) }

    /// The number of connections so far.
    package var connectionCount: Int { state.withLock(\.connections) }

    /// Forgets the requests so far.
    package func forget() { state.withLock { $0.received = [] } }

    /// Has later connections go by another script.
    package func follow(_ script: @escaping Script) { state.withLock { $0.script = script } }

    /// Takes no connections any more and ends those that are open; the port refuses from now on.
    package func stop() {
        let open = state.withLock { Array($0.open.values) }
        listener.withLock { $0 = nil }
        wakeup.ring()
        for stream in open { stream.abort() }
    }

    /// Breaks off all open connections, and goes on listening.
    package func dropConnections() {
        for stream in state.withLock({ Array($0.open.values) }) { stream.abort() }
    }

    private func accept() {
        while true {
            var waits = [Readiness(of: number, reading: true), Readiness(of: wakeup.descriptor, reading: true)]
            guard (try? Readiness.wait(for: &waits, timeout: nil)) == true, !waits[1].isReadable else { break }
            if let stream = takeConnection() { serve(stream) }
        }
    }

    private func takeConnection() -> LabStream? {
        listener.withLock { listener in
            guard let accepted = try? listener?.accept() else { return nil }
            let peer = accepted.peer
            return LabStream(accepted.take(), peer: peer)
        }
    }

    private func serve(_ stream: LabStream) {
        let (number, script) = state.withLock { state in
            defer { state.connections += 1 }
            state.open[state.connections] = stream
            return (state.connections, state.script)
        }
        let thread = try? Thread("visit") { [self] in
            // A script that fails has said so by what its client got; the connection ends either way.
            try? script(Visit(stream: stream, number: number, backend: self))
            stream.close()
            state.withLock { _ = $0.open.removeValue(forKey: number) }
        }
        if thread == nil { stream.close() }
    }
}
