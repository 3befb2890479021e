package import ByteBuffers
private import CEventIO
private import Glibc
package import LinuxSystem
package import NetworkAddress

/// A connected socket by its number: what the slab of a worker holds.
///
/// It is a number and closes nothing by itself: whoever holds it in a slab calls `close` once. None of its calls blocks.
package struct Stream: BitwiseCopyable, Hashable, Sendable {
    /// The descriptor's number; negative for none.
    package let number: Int32

    /// Names a descriptor that is open already.
    package init(number: Int32) { self.number = number }

    /// No stream.
    package static let none = Stream(number: -1)

    /// Whether there is a stream.
    package var isOpen: Bool { number >= 0 }

    /// What came of reading or writing.
    package enum Outcome: Sendable {
        /// So many bytes, at least one.
        case bytes(Int)
        /// The peer writes no more.
        case end
        /// Nothing at the moment.
        case wouldBlock
        /// The connection is broken.
        case failed(Errno)

        fileprivate init(_ result: Int) {
            if result > 0 {
                self = .bytes(result)
            } else if result == 0 {
                self = .end
            } else {
                let error = Errno(rawValue: Int32(truncatingIfNeeded: -result))
                self = error == .wouldBlock ? .wouldBlock : .failed(error)
            }
        }
    }

    /// Appends what has arrived to a buffer, up to a number of bytes.
    package func receive(into buffer: inout ByteBuffer, upTo limit: Int) -> Outcome {
        let number = number
        // The room is as large as the count says.
        let result = unsafe buffer.fill(upTo: limit) { room in
            unsafe ceventio_receive(number, room.baseAddress, limit)
        }
        return Outcome(result)
    }

    /// Writes as much as the socket takes now.
    ///
    /// - Parameter bytes: What to write; not empty.
    /// - Returns: How much was written.
    package func send(_ bytes: borrowing Span<UInt8>) -> Outcome {
        // The buffer's own count bounds the write.
        let result = unsafe bytes.withUnsafeBytes { buffer in
            unsafe ceventio_send(number, buffer.baseAddress, buffer.count)
        }
        return Outcome(result)
    }

    /// Writes as much of two pieces as the socket takes now.
    package func send(_ first: borrowing Span<UInt8>, _ second: borrowing Span<UInt8>) -> Outcome {
        // Both buffers come with their own counts and end with the call.
        let result = unsafe first.withUnsafeBytes { head in
            unsafe second.withUnsafeBytes { body in
                unsafe ceventio_send_both(number, head.baseAddress, head.count, body.baseAddress, body.count)
            }
        }
        return Outcome(result)
    }

    /// Moves bytes on to a pipe or from one, without copying them.
    ///
    /// - Parameters:
    ///   - from: The descriptor to take from.
    ///   - target: The descriptor to give to; one of both is a pipe.
    ///   - limit: The largest number of bytes.
    ///   - hasMore: Whether more follows at once.
    /// - Returns: How much was moved.
    package static func splice(from: Int32, to target: Int32, upTo limit: Int, hasMore: Bool) -> Outcome {
        Outcome(ceventio_splice(from, target, limit, hasMore ? 1 : 0))
    }

    /// Whether nothing has arrived, not even the end.
    package var isQuiet: Bool { ceventio_is_quiet(number) != 0 }

    /// Takes the error that waits: how a connection attempt ended; nil for success.
    package func takeError() -> Errno? {
        let error = ceventio_take_error(number)
        return error == 0 ? nil : Errno(rawValue: error)
    }

    /// Tells the peer that nothing more will be written.
    package func shutWriting() {
        // It fails when the connection is broken, and then there is nobody to tell.
        _ = ceventio_shut_writing(number)
    }

    /// Makes `close` reset the connection, so that the peer does not take the end for the end of a message.
    package func resetWhenClosed() {
        // It fails when the connection is broken already.
        _ = ceventio_reset_when_closed(number)
    }

    /// Closes it; the number must not be used again.
    package func close() { ceventio_close(number) }
}

/// Where a connection comes from or goes to, in the form that the kernel takes: no bigger than needed in a slab.
package struct PeerAddress: BitwiseCopyable, Hashable, Sendable {
    /// The address as a number; IPv4 in the low 32 bits.
    package let bits: UInt128
    /// The port.
    package let port: UInt16
    /// Whether the address is an IPv4 address.
    package let isIPv4: Bool

    /// Creates the form of an address and port.
    package init(_ address: TransportAddress) {
        bits = address.address.bits
        port = address.port.rawValue
        isIPv4 = address.address.family == .ipv4
    }

    fileprivate init(_ peer: ceventio_peer) {
        var bits: UInt128 = 0
        // The tuple has as many octets as the count says at most.
        unsafe withUnsafeBytes(of: peer.octets) { octets in
            for index in 0..<Int(peer.octet_count) { bits = unsafe bits << 8 | UInt128(octets[index]) }
        }
        self.bits = bits
        port = peer.port
        isIPv4 = peer.octet_count == 4
    }

    fileprivate var raw: ceventio_peer {
        var peer = ceventio_peer()
        peer.port = port
        peer.octet_count = isIPv4 ? 4 : 16
        let count = Int(peer.octet_count)
        // The tuple has sixteen octets, and count is no more than that.
        unsafe withUnsafeMutableBytes(of: &peer.octets) { octets in
            for index in 0..<count {
                unsafe octets[index] = UInt8(truncatingIfNeeded: bits >> UInt128((count - 1 - index) * 8))
            }
        }
        return peer
    }

    /// The address.
    package var address: IPAddress { IPAddress(family: isIPv4 ? .ipv4 : .ipv6, bits: bits) }
}

extension Errno {
    /// Whether it tells of too few descriptors or too little memory here, and says nothing of the other side.
    package var isShortage: Bool {
        [.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, Errno(rawValue: ENOMEM)].contains(self)
    }
}

extension PeerAddress {
    /// No address at all, for places that hold none.
    package static let none = PeerAddress(bits: 0, port: 0, isIPv4: true)

    private init(bits: UInt128, port: UInt16, isIPv4: Bool) {
        self.bits = bits
        self.port = port
        self.isIPv4 = isIPv4
    }
}

extension Stream {
    /// What came of taking a connection.
    package enum Accepted {
        /// A connection and where it comes from.
        case connection(Stream, PeerAddress)
        /// None waits.
        case none
        /// None can be taken: there are too few descriptors or too little memory.
        case exhausted(Errno)
    }

    /// Takes the next connection that waits at a listening socket.
    ///
    /// The corresponding C function is `accept4`.
    package static func accept(from listener: borrowing Socket) -> Accepted {
        var peer = ceventio_peer()
        // The structure is ours, and filled before it is read.
        let number = unsafe ceventio_accept(listener.number, &peer)
        if number >= 0 { return .connection(Stream(number: number), PeerAddress(peer)) }
        let error = Errno(rawValue: -number)
        return error == .wouldBlock ? .none : .exhausted(error)
    }

    /// Starts to connect; the stream is writable when the attempt has ended, and `takeError` says how.
    ///
    /// - Parameter peer: Where to.
    /// - Returns: The stream, and whether the connection stands already.
    /// - Throws: Why there is no attempt.
    package static func connect(to peer: PeerAddress) throws(Errno) -> (stream: Stream, isDone: Bool) {
        var raw = peer.raw
        var isDone: Int32 = 0
        // Both are ours and end with the call.
        let number = unsafe ceventio_connect(&raw, &isDone)
        guard number >= 0 else { throw Errno(rawValue: -number) }
        return (Stream(number: number), isDone != 0)
    }
}
