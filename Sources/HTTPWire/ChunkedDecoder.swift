/// Finds the data in chunked content (RFC 9112 §7.1), byte by byte where lines are split over reads.
///
/// The state is small, and holds all that was read: no byte must be kept for it.
package struct ChunkedDecoder: BitwiseCopyable, Sendable {
    // What is left of a chunk's data, or the size as far as its digits were read.
    private var size: UInt64 = 0
    private var consumed: Int32 = 0
    private var extensionBytes: UInt16 = 0
    private var digits: UInt8 = 0
    private var state = State.sizeStart

    private enum State: UInt8, BitwiseCopyable {
        case sizeStart, size, beforeExtension, inExtension, sizeLineFeed, data, dataCarriageReturn, dataLineFeed, done
    }

    package init() {}

    /// The offset behind the last byte that the last call took.
    package var position: Int { Int(consumed) }

    /// Whether the last chunk was read, so that trailers follow.
    package var isDone: Bool { state == .done }

    /// Reads on until there is data, an end, or no more bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the connection.
    ///   - offset: Where those begin that the decoder has not taken yet.
    /// - Returns: What was found; everything before `position` is taken.
    package mutating func next(_ bytes: Span<UInt8>, from offset: Int = 0) -> ChunkStep {
        var position = offset
        defer { consumed = Int32(truncatingIfNeeded: position) }
        while position < bytes.count {
            if state == .data {
                let count = Int(min(size, UInt64(bytes.count - position)))
                let piece = Piece(start: position, count: count)
                position += count
                size -= UInt64(count)
                if size == 0 { state = .dataCarriageReturn }
                return .data(piece)
            }
            if state == .done { return .trailers(at: position) }
            if let fault = take(bytes[position]) { return .refused(fault) }
            position += 1
        }
        return state == .done ? .trailers(at: position) : .needMore
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> HeadFault? {
        switch state {
        case .sizeStart, .size: return takeSize(byte)
        case .beforeExtension:
            // RFC 9112 §7.1.1 lets white space stand before the semicolon, and nowhere else behind a size.
            if byte == UInt8(ascii: ";") { state = .inExtension } else if !byte.isBlank { return .illegalChunkSize }
            return countExtension()
        case .inExtension:
            if byte == .carriageReturn {
                state = .sizeLineFeed
                return nil
            }
            guard !byte.isControl || byte == .tab else { return .illegalChunkExtension }
            return countExtension()
        case .sizeLineFeed:
            guard byte == .lineFeed else { return .bareCarriageReturn }
            state = size == 0 ? .done : .data
        case .dataCarriageReturn:
            guard byte == .carriageReturn else { return .illegalChunkEnd }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == .lineFeed else { return .illegalChunkEnd }
            state = .sizeStart
        case .data, .done: preconditionFailure("data and trailers are not read here")
        }
        return nil
    }

    @inline(__always)
    private mutating func takeSize(_ byte: UInt8) -> HeadFault? {
        if let value = byte.hexValue {
            if state == .sizeStart {
                state = .size
                size = 0
                digits = 0
            }
            digits += 1
            guard digits <= Self.digitsMax, size >> 59 == 0 else { return .chunkSizeOverflow }
            size = size << 4 | UInt64(value)
            return nil
        }
        guard state == .size else { return .illegalChunkSize }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case UInt8(ascii: ";"):
            state = .inExtension
            return countExtension()
        case .space, .tab:
            state = .beforeExtension
            return countExtension()
        case .lineFeed: return .bareLineFeed
        default: return .illegalChunkSize
        }
        return nil
    }

    private mutating func countExtension() -> HeadFault? {
        extensionBytes += 1
        return extensionBytes <= Self.extensionBytesMax ? nil : .chunkExtensionsTooLong
    }

    private static let digitsMax: UInt8 = 16
    private static let extensionBytesMax: UInt16 = 4096  // over all chunks of one message
}

/// What comes next in chunked content.
package enum ChunkStep: Hashable, Sendable, BitwiseCopyable {
    /// Data of a chunk.
    case data(Piece)
    /// All bytes were taken, and the content goes on.
    case needMore
    /// The content is over; the trailer section, at least an empty line, begins at the offset.
    case trailers(at: Int)
    /// The content breaks a rule; the connection cannot go on.
    case refused(HeadFault)
}
