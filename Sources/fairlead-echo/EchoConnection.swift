internal import LinuxSystem
internal import NetworkAddress

/// One TCP connection of an echo server, raw or HTTP.
final class EchoConnection {
    private enum State {
        /// Takes bytes and answers them.
        case open
        /// Sends what it owes, then says that it is done.
        case finishing
        /// Waits for the client to close, and reads what still comes: closing earlier could reset the answer away.
        case lingering(until: ContinuousClock.Instant)
    }

    private static let readBytesMax = 65_536
    private static let lingerTime = Duration.seconds(5)

    /// How long a silent connection is kept; long, as the tests watch connections outlive changes.
    private static let idleTimeMax = Duration.seconds(3600)

    private let socket: Socket
    private let peer: TransportAddress
    private let pod: String
    private var state = State.open
    private var output: ArraySlice<UInt8> = []
    private var request: HTTPRequestReader?
    private var lastProgress: ContinuousClock.Instant

    /// Takes over an accepted connection; a raw one greets its client at once.
    init(_ accepted: consuming Socket.Accepted, pod: String, speaksHTTP: Bool, now: ContinuousClock.Instant) {
        peer = accepted.peer
        socket = accepted.take()
        self.pod = pod
        lastProgress = now
        if speaksHTTP { request = HTTPRequestReader() } else { output = Array(greeting.utf8)[...] }
        // Without it answers would wait for the client's acknowledgements; the connection works either way.
        try? socket.disableDelay()
    }

    /// The line `POD CLIENT SERVER`; without the server where the system cannot tell it.
    private var greeting: String {
        let server = (try? socket.localAddress()).map { " \($0)" } ?? ""
        return "\(pod) \(peer)\(server)\n"
    }

    /// The number of the socket.
    var number: Int32 { socket.number }

    /// What the connection waits for: nothing is read while an answer is stuck, so that memory stays bounded.
    var interest: Readiness {
        output.isEmpty ? Readiness(of: number, reading: true) : Readiness(of: number, writing: true)
    }

    /// Whether the connection has been silent for too long.
    func hasExpired(now: ContinuousClock.Instant) -> Bool {
        if case .lingering(let end) = state { return now >= end }
        return now - lastProgress > Self.idleTimeMax
    }

    /// Does what can be done without waiting; false says that the connection is over.
    func advance(now: ContinuousClock.Instant) -> Bool {
        lastProgress = now
        // An error is the end of this connection and of interest to nobody else.
        return (try? step(now: now)) ?? false
    }

    private func step(now: ContinuousClock.Instant) throws(Errno) -> Bool {
        while true {
            while !output.isEmpty {
                let sent = try socket.send(output)
                if sent == 0 { return true }
                output = output.dropFirst(sent)
            }
            if case .finishing = state {
                try socket.shutdownWriting()
                state = .lingering(until: now + Self.lingerTime)
            }
            switch try socket.receive(upTo: Self.readBytesMax) {
            case .wouldBlock: return true
            case .end: return false
            case .bytes(let bytes): if case .open = state { try answer(bytes) }
            }
        }
    }

    private func answer(_ bytes: [UInt8]) throws(Errno) {
        guard request != nil else {
            output = bytes[...]
            return
        }
        request?.append(bytes)
        while case .open = state, let head = request?.next() {
            let isLast = head.closesConnection
            let response = head.response(pod: pod, client: peer, server: try socket.localAddress())
            output += response
            if isLast { state = .finishing }
        }
    }
}
