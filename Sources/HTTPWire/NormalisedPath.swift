package import ByteBuffers

/// The form of a path that routes are matched with: decoded, without empty, `.` and `..` segments, as nginx has it.
package enum NormalisedPath {
    /// Appends the normalised form of a path, unless that is the path itself.
    ///
    /// An escaped slash or dot counts as one. What is appended for `.refused` and `.same` is nothing.
    ///
    /// - Parameters:
    ///   - raw: The path as it was sent, from its first slash; an empty one means `/`.
    ///   - buffer: Where the form goes.
    /// - Returns: Whether there is another form than the raw one.
    package static func normalise(_ raw: Span<UInt8>, into buffer: inout ByteBuffer) -> PathOutcome {
        if isNormal(raw) { return .same }
        return rewrite(raw, into: &buffer)
    }

    /// Whether a path has none of the marks that something must be done about.
    private static func isNormal(_ raw: Span<UInt8>) -> Bool {
        guard raw.count > 0, raw[0] == UInt8(ascii: "/") else { return false }
        var isAfterSlash = false
        for index in raw.indices {
            let byte = raw[index]
            if byte == UInt8(ascii: "%") { return false }
            if isAfterSlash, byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") { return false }
            isAfterSlash = byte == UInt8(ascii: "/")
        }
        return true
    }

    @inline(never)
    private static func rewrite(_ raw: Span<UInt8>, into buffer: inout ByteBuffer) -> PathOutcome {
        let start = buffer.count
        guard raw.count > 0 else {
            buffer.append(UInt8(ascii: "/"))
            return .changed(mustForwardNormalised: false)
        }
        guard raw[0] == UInt8(ascii: "/") else { return .refused }
        buffer.reserve(raw.count)
        var isDecoded = false
        var isShortened = false
        // Where the segment that is being written begins, behind its slash.
        var segment = start
        var position = 0
        while true {
            let isAtEnd = position == raw.count
            var byte = UInt8(ascii: "/")
            if !isAtEnd {
                byte = raw[position]
                position += 1
                if byte == UInt8(ascii: "%") {
                    guard position + 1 < raw.count, let high = raw[position].hexValue,
                        let low = raw[position + 1].hexValue, high | low != 0
                    else {
                        buffer.truncate(to: start)
                        return .refused
                    }
                    byte = high << 4 | low
                    position += 2
                    isDecoded = true
                }
            }
            guard byte == UInt8(ascii: "/") else {
                buffer.append(byte)
                continue
            }
            switch buffer.count == start ? .first : kind(of: segment, in: buffer) {
            case .first, .ordinary:
                if isAtEnd { break }
                buffer.append(UInt8(ascii: "/"))
                segment = buffer.count
            case .empty: isShortened = isShortened || !isAtEnd
            case .same:
                isShortened = true
                buffer.truncate(to: segment)
            case .parent:
                isShortened = true
                guard let parent = parent(of: segment, in: buffer, downTo: start) else {
                    buffer.truncate(to: start)
                    return .refused
                }
                buffer.truncate(to: parent)
                segment = parent
            }
            if isAtEnd { break }
        }
        guard isDecoded || isShortened else {
            buffer.truncate(to: start)
            return .same
        }
        return .changed(mustForwardNormalised: isShortened)
    }

    private enum Segment { case first, empty, same, parent, ordinary }

    private static func kind(of segment: Int, in buffer: borrowing ByteBuffer) -> Segment {
        let bytes = buffer.bytes
        let count = bytes.count - segment
        if count == 0 { return .empty }
        guard count <= 2, bytes[segment] == UInt8(ascii: ".") else { return .ordinary }
        if count == 1 { return .same }
        return bytes[segment + 1] == UInt8(ascii: ".") ? .parent : .ordinary
    }

    /// Where the segment before one begins; nil above the root.
    private static func parent(of segment: Int, in buffer: borrowing ByteBuffer, downTo start: Int) -> Int? {
        guard segment > start + 1 else { return nil }
        let bytes = buffer.bytes
        var position = segment - 1
        while bytes[position - 1] != UInt8(ascii: "/") { position -= 1 }
        return position
    }

    /// Appends a decoded path with escapes where a request target needs them, as nginx writes a changed URI.
    ///
    /// Whatever RFC 3986 does not let stand in a path is escaped, and so are percent signs.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - buffer: Where the escaped path goes.
    package static func appendEscaped(_ path: Span<UInt8>, into buffer: inout ByteBuffer) {
        var run = 0
        for index in path.indices where needsEscape(path[index]) {
            buffer.append(path, from: run, count: index - run)
            buffer.append(UInt8(ascii: "%"))
            buffer.append(hexDigit(path[index] >> 4))
            buffer.append(hexDigit(path[index] & 15))
            run = index + 1
        }
        buffer.append(path, from: run, count: path.count - run)
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7f...0xff: true
        case UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "%"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "?"), UInt8(ascii: "\\"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"),
            UInt8(ascii: "|"), UInt8(ascii: "}"):
            true
        default: false
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }
}

/// What normalising a path came to.
package enum PathOutcome: Hashable, Sendable, BitwiseCopyable {
    /// The path is its own normalised form; nothing was written.
    case same
    /// The normalised form was written.
    ///
    /// It must be what is forwarded (with escapes) when segments were taken away: a backend that takes none away would
    /// serve another path than the one that was matched.
    case changed(mustForwardNormalised: Bool)
    /// The path has a malformed escape, an escaped NUL, or leads above the root: 400.
    case refused
}
