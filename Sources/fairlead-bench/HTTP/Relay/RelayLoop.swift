internal import ByteBuffers
internal import EventIO
internal import LinuxSystem
internal import NetworkAddress

/// The least that a proxy on epoll can do for a request, and so what the kernel alone takes.
///
/// ```
///  client ──receive──► relay ──send──► backend
///  client ◄──send──── relay ◄──receive── backend      (bodies of a mebibyte: through a pipe, without a copy)
/// ```
///
/// Nothing is read but the two letters of the path that tell how long the answer will be; there is no log, no field and
/// no time limit.
final class RelayLoop {
    /// One socket: of a client, or to a backend.
    private struct Side {
        var stream = Stream.none
        /// The other socket of the exchange; negative without one.
        var other: Int32 = -1
        /// Which backend it leads to; negative for a client.
        var backend = -1
        /// For a backend: how much of the answer is still to come.
        var rest = 0
        /// What the socket did not take: of an answer, or of a request whose connection is not made yet.
        var pending: [UInt8] = []
        /// For a backend: whether the answer goes through a pipe, the pipe, and how much is in it.
        var splices = false
        var pipe: SplicePipe?
        var piped = 0
    }

    private final class Listener {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }
    }

    private var poller: Poller
    private let listener: Listener
    private let backends: [PeerAddress]
    private let lengths = BackendBody.allCases.map(\.response.count)
    private var sides: [Side] = []
    /// The connections to each backend over which nothing is asked.
    private var idle: [[Int32]]
    private var nextBackend = 0
    private var scratch = ByteBuffer(capacity: RelayLoop.pieceBytes)

    /// How much is taken at once: a medium answer with its head.
    private static let pieceBytes = 128 * 1024
    /// What the gateway's pipes hold, too.
    private static let pipeBytes = 256 * 1024
    private static let listenerToken = UInt64.max

    init(port: Port) throws {
        guard let backendPort = Port(Backend.port) else { throw Errno.invalidArgument }
        poller = try Poller()
        listener = Listener(try Socket.sharingListener(on: IPAddress(127, 0, 0, 1), port: port))
        backends = Backend.addresses.map { PeerAddress(TransportAddress($0, backendPort)) }
        idle = Array(repeating: [], count: backends.count)
        try poller.watch(listener.socket.number, token: Self.listenerToken, .level)
    }

    deinit {
        for side in sides where side.stream.isOpen { side.stream.close() }
        for side in sides { side.pipe?.close() }
    }

    /// Waits for something to do, and does it.
    func turn() throws {
        for index in 0..<poller.wait(milliseconds: 1000) {
            let token = poller.token(at: index)
            if token == Self.listenerToken {
                try accept()
                continue
            }
            let number = Int32(truncatingIfNeeded: token)
            let events = poller.events(at: index)
            if events.allowWriting { try flush(number) }
            if events.allowReading { try receive(number) }
        }
    }

    // MARK: - Connections

    private func accept() throws {
        while true {
            switch Stream.accept(from: listener.socket) {
            case .none: return
            case .exhausted(let error): throw error
            case .connection(let stream, _): try add(Side(stream: stream))
            }
        }
    }

    private func add(_ side: Side) throws {
        let number = Int(side.stream.number)
        if number >= sides.count { sides += Array(repeating: Side(), count: number + 1 - sides.count) }
        sides[number] = side
        try poller.watch(side.stream.number, token: UInt64(number), .edges)
    }

    private func close(_ number: Int32) {
        let side = sides[Int(number)]
        guard side.stream.isOpen else { return }
        side.stream.close()
        side.pipe?.close()
        sides[Int(number)] = Side()
        if side.backend >= 0 { idle[side.backend].removeAll { $0 == number } }
        // Half an exchange is of use to nobody.
        if side.other >= 0 { close(side.other) }
    }

    private func receive(_ number: Int32) throws {
        let index = Int(number)
        guard sides[index].stream.isOpen else { return }
        if sides[index].backend < 0 {
            try takeRequest(number)
        } else if sides[index].splices {
            try spliceAnswer(number)
        } else {
            takeAnswer(number)
        }
    }

    /// Sends on what a socket did not take before.
    private func flush(_ number: Int32) throws {
        let index = Int(number)
        guard sides[index].stream.isOpen else { return }
        if !sides[index].pending.isEmpty {
            let pending = sides[index].pending
            switch sides[index].stream.send(pending.span) {
            case .bytes(let count): sides[index].pending.removeFirst(count)
            case .wouldBlock: return
            case .end, .failed: return close(number)
            }
            if !sides[index].pending.isEmpty { return }
        } else if sides[index].other < 0 || sides[Int(sides[index].other)].piped == 0 {
            return
        }
        // The rest of the answer was left in the pipe and in the backend's socket until now.
        let other = sides[index].other
        if sides[index].backend < 0, other >= 0 { try receive(other) }
    }

    // MARK: - Requests

    private func takeRequest(_ number: Int32) throws {
        scratch.removeAll()
        switch sides[Int(number)].stream.receive(into: &scratch, upTo: Self.pieceBytes) {
        case .wouldBlock: return
        case .end, .failed: return close(number)
        case .bytes: break
        }
        // Clients of the bench send a request at once, and none before the last is answered.
        guard sides[Int(number)].other < 0, let body = BackendBody(request: scratch.bytes) else { return close(number) }
        let backend = nextBackend
        nextBackend = (nextBackend + 1) % backends.count
        var isConnected = true
        let upstream: Int32
        if let kept = idle[backend].popLast() {
            upstream = kept
        } else {
            guard let (stream, isDone) = try? Stream.connect(to: backends[backend]) else { return close(number) }
            try add(Side(stream: stream, backend: backend))
            upstream = stream.number
            isConnected = isDone
        }
        sides[Int(upstream)].other = number
        sides[Int(upstream)].rest = lengths[body.rawValue]
        sides[Int(upstream)].splices = body == .large
        sides[Int(number)].other = upstream
        if isConnected {
            send(to: upstream)
        } else {
            sides[Int(upstream)].pending = Self.copy(scratch.bytes)
        }
    }

    /// Sends what was received last, and keeps what the socket does not take.
    private func send(to number: Int32) {
        let index = Int(number)
        let count: Int
        switch sides[index].stream.send(scratch.bytes) {
        case .bytes(let sent): count = sent
        case .wouldBlock: count = 0
        case .end, .failed: return close(number)
        }
        if count == scratch.count { return }
        scratch.removeFirst(count)
        sides[index].pending = Self.copy(scratch.bytes)
    }

    // MARK: - Answers

    private func takeAnswer(_ number: Int32) {
        let index = Int(number)
        while true {
            let client = sides[index].other
            // What the client has not taken comes before more of it.
            if client >= 0, !sides[Int(client)].pending.isEmpty { return }
            scratch.removeAll()
            switch sides[index].stream.receive(into: &scratch, upTo: Self.pieceBytes) {
            case .wouldBlock: return
            case .end, .failed: return close(number)
            case .bytes(let count):
                // A backend that says more than its answer is not the bench's.
                guard client >= 0, count <= sides[index].rest else { return close(number) }
                sides[index].rest -= count
                if sides[index].rest == 0 { release(number) }
                send(to: client)
                // Fewer bytes than there was room for: nothing is left, and an edge tells of more.
                if sides[index].rest == 0 || count < Self.pieceBytes { return }
            }
        }
    }

    private func spliceAnswer(_ number: Int32) throws {
        let index = Int(number)
        if sides[index].pipe == nil { sides[index].pipe = try SplicePipe(capacity: Self.pipeBytes) }
        guard let pipe = sides[index].pipe else { return }
        let client = sides[index].other
        guard client >= 0 else { return close(number) }
        let sink = sides[Int(client)].stream.number
        while true {
            if sides[index].piped == 0 {
                let wanted = min(sides[index].rest, pipe.capacity)
                switch Stream.splice(from: number, to: pipe.writing, upTo: wanted, hasMore: true) {
                case .wouldBlock: return
                case .end, .failed: return close(number)
                case .bytes(let count):
                    sides[index].piped = count
                    sides[index].rest -= count
                }
            }
            let hasMore = sides[index].rest > 0
            switch Stream.splice(from: pipe.reading, to: sink, upTo: sides[index].piped, hasMore: hasMore) {
            case .wouldBlock: return
            case .end, .failed: return close(number)
            case .bytes(let count): sides[index].piped -= count
            }
            if sides[index].piped == 0, sides[index].rest == 0 { return release(number) }
        }
    }

    /// Keeps a connection for the next request.
    private func release(_ number: Int32) {
        let client = sides[Int(number)].other
        if client >= 0 { sides[Int(client)].other = -1 }
        sides[Int(number)].other = -1
        idle[sides[Int(number)].backend].append(number)
    }

    private static func copy(_ bytes: borrowing Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        return copy
    }
}
