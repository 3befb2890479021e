internal import Glibc
internal import LinuxSystem
package import NetworkAddress
internal import Synchronization

/// One end of a TCP connection that a test writes to and reads from byte by byte, waiting as long as need be.
///
/// One thread uses it at a time; `abort()` alone may come from another.
package final class LabStream: Sendable {
    /// How the peer's side of a connection ended.
    package enum Ending: Sendable {
        /// It said that nothing more comes.
        case end
        /// It broke the connection off.
        case reset
    }

    /// How long a test waits for a peer before it gives up.
    package static let patience = Duration.seconds(20)

    /// The address at the other end.
    package let peer: TransportAddress

    private struct State {
        var unread: [UInt8] = []
        var start = 0
        var ending: Ending?
        var patience = LabStream.patience
    }

    private let socket: Mutex<Socket?>
    private let number: Int32
    private let state = Mutex(State())

    init(_ socket: consuming Socket, peer: TransportAddress) {
        number = socket.number
        self.peer = peer
        try? socket.disableDelay()
        self.socket = Mutex(socket)
    }

    /// Connects from a namespace; a source address other than the default may be given.
    package static func connect(
        in namespace: Lab.Namespace,
        to peer: TransportAddress,
        from source: IPAddress? = nil,
        receiveBuffer: Int32? = nil
    ) throws -> LabStream {
        var made: LabStream?
        try withNetworkNamespace(named: namespace.name) {
            let socket = try Socket(.tcp, family: peer.address.family)
            if let receiveBuffer { setReceiveBuffer(socket.number, receiveBuffer) }
            if let source { try socket.bind(to: source, port: nil) }
            if case .underway = try socket.connect(to: peer) {
                var waits = [Readiness(of: socket.number, writing: true)]
                guard try Readiness.wait(for: &waits, timeout: patience) else { throw Errno.timedOut }
                if let error = try socket.takeError() { throw error }
            }
            made = LabStream(socket, peer: peer)
        }
        guard let made else { throw Errno.invalidArgument }
        return made
    }

    private static func setReceiveBuffer(_ number: Int32, _ size: Int32) {
        var size = size
        // The option is one int, and the length says so.
        _ = unsafe setsockopt(number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Gives up on the peer after another time than `patience`.
    package func wait(atMost time: Duration) { state.withLock { $0.patience = time } }

    // MARK: - Writing

    /// Sends a text.
    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends bytes.
    package func send(_ bytes: [UInt8]) throws {
        let patience = state.withLock(\.patience)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try withSocket { socket throws(Errno) in try socket.send(rest) }
            rest = rest.dropFirst(count)
            if count > 0 { continue }
            var waits = [Readiness(of: number, writing: true)]
            guard try Readiness.wait(for: &waits, timeout: patience) else {
                throw LabError.mute(peer, "\(rest.count) bytes were not taken")
            }
        }
    }

    /// Says that nothing more comes from here.
    package func shutdownWriting() throws { try withSocket { socket throws(Errno) in try socket.shutdownWriting() } }

    /// Breaks the connection off with a reset.
    package func reset() {
        socket.withLock { socket in
            try? socket?.resetWhenClosed()
            socket = nil
        }
    }

    /// Closes the connection.
    package func close() { socket.withLock { $0 = nil } }

    /// Ends both directions, so that whoever reads or writes here stops.
    package func abort() { socket.withLock { if let number = $0?.number { _ = shutdown(number, Int32(SHUT_RDWR)) } } }

    private func withSocket<Result>(
        _ body: (borrowing Socket) throws(Errno) -> Result
    ) throws -> Result {
        try socket.withLock { socket in
            switch socket {
            case .some(let socket): return try body(socket)
            case nil: throw Errno(rawValue: EBADF)
            }
        }
    }

    // MARK: - Reading

    /// Whether and how the peer's side has ended, as far as was read.
    package var ending: Ending? { state.withLock(\.ending) }

    /// Waits for more, and takes it up; false says that nothing comes any more.
    private func fill() throws -> Bool {
        if ending != nil { return false }
        let patience = state.withLock(\.patience)
        while true {
            do {
                switch try withSocket({ socket throws(Errno) in try socket.receive(upTo: 1 << 16) }) {
                case .bytes(let bytes):
                    state.withLock { state in
                        if state.start == state.unread.count {
                            state.unread = bytes
                            state.start = 0
                        } else {
                            state.unread += bytes
                        }
                    }
                    return true
                case .end:
                    state.withLock { $0.ending = .end }
                    return false
                case .wouldBlock: break
                }
            } catch let error as Errno where error == .connectionReset || error == .brokenPipe {
                state.withLock { $0.ending = .reset }
                return false
            }
            var waits = [Readiness(of: number, reading: true)]
            guard try Readiness.wait(for: &waits, timeout: patience) else {
                throw LabError.mute(peer, "it sent: \(waiting)")
            }
        }
    }

    /// What was received and not read yet, as text.
    private var waiting: String {
        state.withLock { String(decoding: $0.unread[$0.start...].prefix(4000), as: UTF8.self) }
    }

    /// Reads up to and with a text; nil when the peer's side ended before its first byte.
    package func read(through text: String) throws -> String? {
        let mark = Array(text.utf8)
        var seen = 0
        while true {
            let found: String? = state.withLock { state in
                var position = state.start + seen
                while position + mark.count <= state.unread.count {
                    if state.unread[position..<position + mark.count].elementsEqual(mark) {
                        let end = position + mark.count
                        defer { state.start = end }
                        return String(decoding: state.unread[state.start..<end], as: UTF8.self)
                    }
                    position += 1
                }
                seen = max(0, position - state.start)
                return nil
            }
            if let found { return found }
            guard try fill() else {
                guard state.withLock({ $0.start < $0.unread.count }) else { return nil }
                throw LabError.mute(peer, "it ended after: \(waiting)")
            }
        }
    }

    /// Reads a number of bytes.
    package func read(count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(count, 1 << 20))
        try read(count: count) { bytes += $0 }
        return bytes
    }

    /// Reads a number of bytes and hands them over piece by piece.
    package func read(count: Int, _ take: (ArraySlice<UInt8>) -> Void) throws {
        var rest = count
        while rest > 0 {
            let piece = takeUnread(upTo: rest)
            rest -= piece.count
            if !piece.isEmpty {
                take(piece)
            } else if try !fill() {
                throw LabError.mute(peer, "it ended \(rest) bytes too early (\(String(describing: ending)))")
            }
        }
    }

    /// Reads a number of bytes that must be those of a block again and again, and returns how many pieces were not.
    package func readRepeated(_ block: [UInt8], count: Int) throws -> Int {
        var position = 0
        var wrong = 0
        try read(count: count) { piece in
            // Compared by C: the bytes are many, and tests are built without optimisation.
            unsafe piece.withUnsafeBytes { received in
                unsafe block.withUnsafeBytes { expected in
                    guard let received = received.baseAddress, let expected = expected.baseAddress else {
                        return
                    }
                    var done = 0
                    while done < piece.count {
                        let place = position % block.count
                        let length = min(piece.count - done, block.count - place)
                        if unsafe memcmp(received + done, expected + place, length) != 0 { wrong += 1 }
                        done += length
                        position += length
                    }
                }
            }
        }
        return wrong
    }

    /// Reads whatever comes until the peer's side ends, and returns it.
    package func readToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            bytes += takeUnread(upTo: .max)
            if try !fill() { return bytes }
        }
    }

    private func takeUnread(upTo count: Int) -> ArraySlice<UInt8> {
        state.withLock { state in
            let end = min(state.unread.count, state.start + min(count, state.unread.count - state.start))
            defer { state.start = end }
            return state.unread[state.start..<end]
        }
    }

    /// Whether the peer breaks the connection off within some time, without reading anything of it.
    package func hasEnded(within time: Duration) throws -> Bool {
        // With no interest in bytes, only an error or the end of both directions is told.
        var waits = [Readiness(of: number)]
        return try Readiness.wait(for: &waits, timeout: time)
    }

    /// Whether nothing comes, not even an end, for some time.
    package func isQuiet(for time: Duration) throws -> Bool {
        guard state.withLock({ $0.start == $0.unread.count }), ending == nil else { return false }
        var waits = [Readiness(of: number, reading: true)]
        return try !Readiness.wait(for: &waits, timeout: time)
    }
}
