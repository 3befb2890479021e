private import Glibc
package import NetworkAddress

extension Socket {
    /// Reads up to `capacity` bytes of a stream, or one datagram of a connected UDP socket.
    ///
    /// An empty datagram reads as `.end`. The corresponding C function is `recv`.
    package borrowing func receive(upTo capacity: Int) throws(Errno) -> Received {
        do throws(Errno) {
            var count = 0
            let bytes = unsafe try Self.filledBytes(capacity: capacity) { buffer throws(Errno) in
                // The buffer's own count bounds the read.
                count = try retryingInterrupts { unsafe recv(number, buffer.baseAddress, buffer.count, 0) }
                return count
            }
            return count == 0 ? .end : .bytes(bytes)
        } catch .wouldBlock {
            return .wouldBlock
        }
    }

    /// Writes as many bytes as the socket takes now, and returns how many; zero says that it would block.
    ///
    /// A write to a closed connection throws `.brokenPipe` and raises no signal. The corresponding C function is `send`.
    package borrowing func send(_ bytes: ArraySlice<UInt8>) throws(Errno) -> Int {
        do throws(Errno) {
            return try retryingInterrupts {
                // The buffer's own count bounds the write.
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe Glibc.send(number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
                }
            }
        } catch .wouldBlock {
            return 0
        }
    }

    /// Takes the next datagram, or returns nil when none waits; a longer one is cut to `capacity` bytes.
    ///
    /// The corresponding C function is `recvfrom`.
    package borrowing func receiveDatagram(upTo capacity: Int) throws(Errno) -> Datagram? {
        do throws(Errno) {
            var sender: TransportAddress?
            let bytes = unsafe try Self.filledBytes(capacity: capacity) { buffer throws(Errno) in
                let (count, address) = unsafe try KernelSocketAddress.filled { raw, length throws(Errno) in
                    // The buffer's own count bounds the read; `filled` lends storage for any socket address.
                    try retryingInterrupts {
                        unsafe recvfrom(number, buffer.baseAddress, buffer.count, 0, raw, length)
                    }
                }
                sender = address
                return count
            }
            // A datagram always has a sender with a port, or there would be nothing to answer.
            guard let sender else { throw .invalidArgument }
            return Datagram(bytes: bytes, sender: sender)
        } catch .wouldBlock {
            return nil
        }
    }

    /// Sends a datagram; false says that the socket's buffer is full and the datagram was not sent.
    ///
    /// The corresponding C function is `sendto`.
    package borrowing func sendDatagram(_ bytes: [UInt8], to peer: TransportAddress) throws(Errno) -> Bool {
        guard let raw = KernelSocketAddress(peer.address, port: peer.port.rawValue, on: family) else {
            throw .familyNotSupported
        }
        do throws(Errno) {
            _ = try retryingInterrupts {
                // Both buffers come with their own lengths and end with the call.
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe raw.withPointer { address, length in
                        unsafe sendto(
                            number,
                            buffer.baseAddress,
                            buffer.count,
                            Int32(MSG_NOSIGNAL),
                            address,
                            length
                        )
                    }
                }
            }
            return true
        } catch .wouldBlock {
            return false
        }
    }

    private static func filledBytes(
        capacity: Int,
        by call: (UnsafeMutableRawBufferPointer) throws(Errno) -> Int
    ) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: capacity)
        let outcome: Result<Int, Errno> = unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(Errno) { return .success(unsafe try call(buffer)) } catch { return .failure(error) }
        }
        // MSG_TRUNC is not asked for, so no call reports more than the buffer holds.
        bytes.removeSubrange(try outcome.get()...)
        return bytes
    }
}
