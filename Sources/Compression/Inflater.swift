package import ByteBuffers
internal import CZlib

/// Why bytes cannot be decompressed.
package enum InflationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// They are no gzip and no zlib stream, or a damaged one.
    case damaged
    /// There is no memory for the window.
    case outOfMemory

    package var description: String {
        switch self {
        case .damaged: "the compressed data is damaged"
        case .outOfMemory: "there is no memory to decompress in"
        }
    }
}

/// Decompresses gzip (RFC 1952) or zlib (RFC 1950) while it arrives.
@safe
package final class Inflater {
    // zlib keeps a pointer to the stream's address, so that it lives on the heap and never moves.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Whether the end of the compressed data has been seen.
    package private(set) var hasEnded = false

    /// Creates a decompressor at the beginning of a stream.
    ///
    /// The corresponding C function is `inflateInit2`.
    ///
    /// - Throws: That there is no memory for it.
    package init() throws(InflationFault) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe shim_inflate_begin(stream) == Z_OK else {
            unsafe stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Decompresses a piece of the stream; what follows the end is passed over.
    ///
    /// The corresponding C function is `inflate`.
    ///
    /// - Parameters:
    ///   - bytes: The piece.
    ///   - output: Gets what it says.
    /// - Throws: That the piece cannot be what follows the ones before.
    package func inflate(_ bytes: borrowing Span<UInt8>, into output: inout ByteBuffer) throws(InflationFault) {
        if hasEnded { return }
        let stream = unsafe stream
        let code: Int32 = unsafe bytes.withUnsafeBufferPointer { input in
            // zlib reads from its input and never writes there; the pointer is taken back below.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            defer { unsafe stream.pointee.next_in = nil }
            while true {
                var code = Z_OK
                _ = unsafe output.fill(upTo: Self.roomBytes) { room in
                    // The room is as large as is said, and what zlib has left of it tells how much was written.
                    unsafe stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
                    unsafe stream.pointee.avail_out = UInt32(room.count)
                    code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                    return unsafe room.count - Int(stream.pointee.avail_out)
                }
                guard code == Z_OK, unsafe stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0 else {
                    return code
                }
            }
        }
        switch code {
        case Z_STREAM_END: hasEnded = true
        // No progress was possible: all input was taken and the output had room, which is no fault.
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .outOfMemory
        default: throw .damaged
        }
    }

    private static let roomBytes = 64 * 1024
}

/// Compresses bytes as one gzip stream (RFC 1952).
///
/// The corresponding C function is `deflate`.
///
/// - Parameters:
///   - bytes: What to compress.
///   - level: From 1, the fastest, to 9, the smallest.
/// - Returns: The stream; nil when there is no memory for it.
package func gzip(_ bytes: [UInt8], level: Int32 = 1) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe shim_gzip_begin(&stream, level) == Z_OK else { return nil }
    defer { unsafe deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
    let capacity = output.count
    // deflateBound promises that all fits in one call; both buffers outlive it.
    let (code, left) = unsafe bytes.withUnsafeBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { room in
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.avail_in = UInt32(input.count)
            unsafe stream.next_out = room.baseAddress
            unsafe stream.avail_out = UInt32(room.count)
            return unsafe (deflate(&stream, Z_FINISH), Int(stream.avail_out))
        }
    }
    guard code == Z_STREAM_END else { return nil }
    output.removeLast(left)
    return capacity > left ? output : nil
}
