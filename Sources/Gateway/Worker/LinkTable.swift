internal import ByteBuffers
internal import EventIO
internal import LinuxSystem
internal import NetworkAddress
internal import TLS

/// The connections of a worker, and what moves over them: bytes in clear, whether or not TLS lies between.
///
/// It knows nothing of HTTP. What a socket does not take at once is kept in order, and `flush` sends it later; who
/// sends looks at the answer and stops reading from the other side meanwhile.
struct LinkTable: ~Copyable {
    /// What became of bytes to be sent.
    enum Sent {
        /// The kernel has them.
        case done
        /// Some of them wait, and the link becomes writable later.
        case pending
        /// The connection is broken.
        case failed
    }

    /// What came of reading.
    enum Received {
        /// So many bytes were appended, at least one.
        case bytes
        /// Nothing at the moment.
        case nothing
        /// The peer writes no more.
        case end
        /// The connection is broken.
        case failed(ReceiveFault)
    }

    /// Why nothing more can be read.
    enum ReceiveFault {
        case connection
        case tls(TLSFault)
    }

    var poller: Poller
    var wheel: TimerWheel
    var links: Slab<Link>
    var buffers = Pool<ByteBuffer>()
    var sessions = Pool<TLSSession>()
    /// How many bytes wait to be sent on all links.
    private(set) var pendingBytes = 0

    // What TLS reads from and writes to, within one call.
    private var cipherIn = ByteBuffer(capacity: 0)
    private var cipherOut = ByteBuffer(capacity: 0)
    private var spareBuffers: [Int32] = []
    private var lastGeneration: UInt32

    init(now: Int64, lastGeneration: UInt32 = 0) throws(Errno) {
        self.lastGeneration = lastGeneration
        poller = try Poller()
        wheel = TimerWheel(now: now)
        links = Slab(blank: Link(peer: .none))
    }

    // MARK: - Opening and closing

    /// Takes over a connection, and watches it.
    ///
    /// - Returns: Its number, or nil when there are too many or the kernel does not watch it; it is closed then.
    mutating func open(_ stream: Stream, _ role: Link.Role, peer: PeerAddress) -> Int32? {
        guard let index = links.insert() else {
            stream.close()
            return nil
        }
        // Zero stands for what is no link, also when the numbers begin anew.
        lastGeneration = max(1, lastGeneration &+ 1)
        links[index].stream = stream
        links[index].role = role
        links[index].peer = peer
        links[index].generation = lastGeneration
        let token = UInt64(UInt32(bitPattern: index)) | UInt64(lastGeneration) << 32
        do throws(Errno) {
            try poller.watch(stream.number, token: token, .edges)
        } catch {
            links.remove(index)
            stream.close()
            return nil
        }
        return index
    }

    /// The link that an event is about, or nil when it was closed since.
    func link(of token: UInt64) -> Int32? {
        let index = Int32(truncatingIfNeeded: token)
        guard index >= 0, index < links.limit, links[index].generation == UInt32(truncatingIfNeeded: token >> 32),
            links[index].role != .none
        else { return nil }
        return index
    }

    /// Closes a connection, and forgets all about it.
    mutating func close(_ index: Int32) {
        precondition(links[index].role != .none, "the link was closed before")
        dropInput(index)
        let output = links[index].output
        if output >= 0 {
            pendingBytes -= buffers[output].count
            release(output)
        }
        let session = links[index].session
        if session >= 0 { _ = sessions.remove(session) }
        wheel.cancel(index)
        links[index].stream.close()
        links.remove(index)
    }

    // MARK: - Buffers

    /// How many buffers are in use.
    var buffersInUse: Int { buffers.count - spareBuffers.count }

    /// A buffer that is empty.
    mutating func takeBuffer() -> Int32 { spareBuffers.popLast() ?? buffers.insert(ByteBuffer(capacity: 1024)) }

    /// Gives a buffer back; a few small ones are kept for the next.
    mutating func release(_ buffer: Int32) {
        if spareBuffers.count < Self.spareBuffersMax, buffers[buffer].capacity <= Self.spareBytesMax {
            buffers[buffer].removeAll()
            spareBuffers.append(buffer)
        } else {
            _ = buffers.remove(buffer)
        }
    }

    /// Gives back the memory of what is not in use; no stale number may be looked up afterwards but by `link(of:)`.
    mutating func trim() {
        while let spare = spareBuffers.popLast() { _ = buffers.remove(spare) }
        buffers.trim()
        links.trim()
        sessions.trim()
    }

    private static var spareBuffersMax: Int { 256 }
    private static var spareBytesMax: Int { 8192 }

    /// Keeps bytes that arrived on a link until they are of use.
    mutating func stow(_ index: Int32, _ bytes: borrowing Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        if links[index].input < 0 { links[index].input = takeBuffer() }
        buffers[links[index].input].append(bytes)
    }

    /// Appends what was kept of a link to a buffer, and keeps it no more.
    mutating func unstow(_ index: Int32, into target: inout ByteBuffer) {
        guard links[index].input >= 0 else { return }
        target.append(buffers[links[index].input].lent)
        dropInput(index)
    }

    private mutating func dropInput(_ index: Int32) {
        let input = links[index].input
        guard input >= 0 else { return }
        links[index].input = -1
        release(input)
    }

    /// Whether bytes of a link are kept.
    func hasInput(_ index: Int32) -> Bool { links[index].input >= 0 }

    /// Whether bytes wait to be sent on a link.
    func hasOutput(_ index: Int32) -> Bool { links[index].output >= 0 }

    // MARK: - Reading

    /// Appends what has arrived on a link to a buffer.
    ///
    /// - Parameters:
    ///   - index: The link.
    ///   - target: Where the bytes go.
    ///   - limit: The largest number of bytes that are read from the socket.
    /// - Returns: What came of it.
    mutating func receive(_ index: Int32, into target: inout ByteBuffer, upTo limit: Int) -> Received {
        if links[index].session >= 0 { return receiveEncrypted(index, into: &target, upTo: limit) }
        guard links[index].flags.contains(.mayRead) else { return .nothing }
        return Self.note(links[index].stream.receive(into: &target, upTo: limit), limit, &links[index].flags)
    }

    private static func note(_ outcome: Stream.Outcome, _ limit: Int, _ flags: inout Link.Flags) -> Received {
        switch outcome {
        case .bytes(let count):
            // A short read has drained the socket, unless the end comes next.
            if count < limit, !flags.contains(.ending) { flags.remove(.mayRead) }
            return .bytes
        case .wouldBlock:
            flags.remove(.mayRead)
            return .nothing
        case .end:
            flags.remove(.mayRead)
            flags.insert(.ended)
            return .end
        case .failed:
            flags.remove([.mayRead, .mayWrite])
            flags.insert(.broken)
            return .failed(.connection)
        }
    }

    private mutating func receiveEncrypted(
        _ index: Int32,
        into target: inout ByteBuffer,
        upTo limit: Int
    ) -> Received {
        while links[index].flags.contains(.mayRead) {
            cipherIn.removeAll()
            let outcome = links[index].stream.receive(into: &cipherIn, upTo: limit)
            let received = Self.note(outcome, limit, &links[index].flags)
            guard case .bytes = received else { return received }
            let before = target.count
            cipherOut.removeAll()
            let progress = sessions[links[index].session].receive(
                cipherIn.lent,
                plaintext: &target,
                output: &cipherOut
            )
            if !cipherOut.isEmpty, case .failed = transmitCipher(index) { return .failed(.connection) }
            if target.count > before {
                if case .peerClosed = progress { links[index].flags.insert(.ended) }
                return .bytes
            }
            switch progress {
            case .handshaking, .established: continue
            case .peerClosed:
                links[index].flags.insert(.ended)
                return .end
            case .failed(let fault): return .failed(.tls(fault))
            }
        }
        return links[index].flags.contains(.ended) ? .end : .nothing
    }

    // MARK: - Writing

    /// Sends bytes behind all that wait already.
    ///
    /// - Parameters:
    ///   - index: The link.
    ///   - bytes: What to send.
    ///   - isLast: Whether nothing follows; over TLS the peer is told so with these bytes, in one sending.
    /// - Returns: What became of them.
    mutating func send(_ index: Int32, _ bytes: borrowing Span<UInt8>, isLast: Bool = false) -> Sent {
        let session = links[index].session
        if session >= 0 {
            cipherOut.removeAll()
            // A session that cannot encrypt any more says so again when it is read from.
            if case .failed = sessions[session].send(bytes, output: &cipherOut) { return .failed }
            if isLast { sessions[session].close(output: &cipherOut) }
            return transmitCipher(index)
        }
        return Self.transmit(bytes, &links[index], &buffers, &spareBuffers, &pendingBytes)
    }

    /// Begins the TLS handshake as a client; false says that the connection is broken.
    mutating func startHandshake(_ index: Int32) -> Bool {
        cipherOut.removeAll()
        if case .failed = sessions[links[index].session].start(output: &cipherOut) { return false }
        if case .failed = transmitCipher(index) { return false }
        return true
    }

    /// Sends two pieces, one behind the other.
    mutating func send(
        _ index: Int32,
        _ first: borrowing Span<UInt8>,
        _ second: borrowing Span<UInt8>,
        isLast: Bool = false
    ) -> Sent {
        if links[index].session >= 0 || hasOutput(index) {
            if case .failed = send(index, first) { return .failed }
            return send(index, second, isLast: isLast)
        }
        switch links[index].stream.send(first, second) {
        case .bytes(let count):
            if count == first.count + second.count { return .done }
            if count < first.count {
                keep(index, first.extracting(count...))
                keep(index, second)
            } else {
                keep(index, second.extracting((count - first.count)...))
            }
            return .pending
        case .wouldBlock:
            keep(index, first)
            keep(index, second)
            return .pending
        case .end, .failed:
            links[index].flags.insert(.broken)
            return .failed
        }
    }

    private mutating func keep(_ index: Int32, _ bytes: borrowing Span<UInt8>) {
        Self.keep(bytes, &links[index], &buffers, &spareBuffers, &pendingBytes)
    }

    private static func keep(
        _ bytes: borrowing Span<UInt8>,
        _ link: inout Link,
        _ buffers: inout Pool<ByteBuffer>,
        _ spareBuffers: inout [Int32],
        _ pendingBytes: inout Int
    ) {
        if link.output < 0 { link.output = spareBuffers.popLast() ?? buffers.insert(ByteBuffer(capacity: bytes.count)) }
        buffers[link.output].append(bytes)
        pendingBytes += bytes.count
        link.flags.insert(.congested)
    }

    private mutating func transmitCipher(_ index: Int32) -> Sent {
        Self.transmit(cipherOut.lent, &links[index], &buffers, &spareBuffers, &pendingBytes)
    }

    private static func transmit(
        _ bytes: borrowing Span<UInt8>,
        _ link: inout Link,
        _ buffers: inout Pool<ByteBuffer>,
        _ spareBuffers: inout [Int32],
        _ pendingBytes: inout Int
    ) -> Sent {
        if link.output >= 0 {
            keep(bytes, &link, &buffers, &spareBuffers, &pendingBytes)
            return .pending
        }
        if bytes.isEmpty { return .done }
        switch link.stream.send(bytes) {
        case .bytes(let count):
            if count == bytes.count { return .done }
            keep(bytes.extracting(count...), &link, &buffers, &spareBuffers, &pendingBytes)
            return .pending
        case .wouldBlock:
            keep(bytes, &link, &buffers, &spareBuffers, &pendingBytes)
            return .pending
        case .end, .failed:
            link.flags.insert(.broken)
            return .failed
        }
    }

    /// Sends what waits on a link, as far as the socket takes it.
    mutating func flush(_ index: Int32) -> Sent {
        let output = links[index].output
        guard output >= 0 else { return .done }
        switch links[index].stream.send(buffers[output].lent) {
        case .bytes(let count):
            pendingBytes -= count
            buffers[output].removeFirst(count)
            guard buffers[output].isEmpty else {
                links[index].flags.remove(.mayWrite)
                return .pending
            }
            links[index].output = -1
            release(output)
            return .done
        case .wouldBlock:
            links[index].flags.remove(.mayWrite)
            return .pending
        case .end, .failed:
            links[index].flags.insert(.broken)
            return .failed
        }
    }

    /// Says to the peer that nothing more will be sent: close_notify over TLS, then the end of the stream.
    ///
    /// What waits is sent before.
    mutating func finishWriting(_ index: Int32) {
        if links[index].session >= 0 {
            cipherOut.removeAll()
            sessions[links[index].session].close(output: &cipherOut)
            _ = transmitCipher(index)
        }
        if links[index].output < 0 { links[index].stream.shutWriting() }
    }
}
