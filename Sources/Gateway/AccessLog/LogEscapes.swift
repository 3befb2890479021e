internal import ByteBuffers

extension ByteBuffer {
    /// Appends bytes as nginx's logs have them: quotation marks, backslashes and all that is not printable ASCII become `\xHH`.
    mutating func append(escapingForText bytes: Span<UInt8>) {
        if isPlainASCII(bytes) { return append(bytes) }
        var clean = 0
        for index in bytes.indices where !isPlain(bytes[index]) {
            append(bytes, from: clean, count: index - clean)
            append("\\x")
            append(upperDigit: bytes[index] >> 4)
            append(upperDigit: bytes[index] & 15)
            clean = index + 1
        }
        append(bytes, from: clean, count: bytes.count - clean)
    }

    /// Appends bytes as the inside of a JSON string (RFC 8259 §7).
    ///
    /// Bytes that are not UTF-8 become U+FFFD each; control characters and line breaks of any kind are escaped.
    mutating func append(escapingForJSON bytes: Span<UInt8>) {
        if isPlainASCII(bytes) { return append(bytes) }
        var clean = 0
        var index = 0
        while index < bytes.count {
            let (scalar, length) = decodeScalar(in: bytes, at: index)
            if let scalar, !needsEscape(scalar) {
                index += length
                continue
            }
            append(bytes, from: clean, count: index - clean)
            append(escaped: scalar ?? 0xfffd)
            index += length
            clean = index
        }
        append(bytes, from: clean, count: bytes.count - clean)
    }

    private mutating func append(escaped scalar: UInt32) {
        switch scalar {
        case 0x22: append("\\\"")
        case 0x5c: append("\\\\")
        case 0x0a: append("\\n")
        case 0x0d: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u")
            // Nothing beyond the first 65,536 characters is escaped.
            append(lowerDigit: UInt8(scalar >> 12 & 15))
            append(lowerDigit: UInt8(scalar >> 8 & 15))
            append(lowerDigit: UInt8(scalar >> 4 & 15))
            append(lowerDigit: UInt8(scalar & 15))
        }
    }

    private mutating func append(upperDigit value: UInt8) {
        append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value)
    }

    private mutating func append(lowerDigit value: UInt8) {
        append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value)
    }
}

/// Whether a byte is printable ASCII and no quotation mark or backslash.
@inline(__always)
private func isPlain(_ byte: UInt8) -> Bool { byte &- 0x20 <= 0x5e && byte != 0x22 && byte != 0x5c }

/// Whether all bytes can stand in either format as they are; nearly all texts can.
private func isPlainASCII(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count >= 8 else {
        for index in bytes.indices where !isPlain(bytes[index]) { return false }
        return true
    }
    var strange: UInt64 = 0
    var position = 0
    while position + 8 < bytes.count {
        strange |= strangeMarks(bytes.word(at: position))
        position += 8
    }
    // The last eight, some of which were looked at before.
    return strange | strangeMarks(bytes.word(at: bytes.count - 8)) == 0
}

@inline(__always)
private func strangeMarks(_ word: UInt64) -> UInt64 {
    word.marks(below: 0x20) | word.marks(of: 0x22) | word.marks(of: 0x5c) | word.marks(of: 0x7f) | word.marksBeyondASCII
}

/// Whether a terminal, a line reader or a JSON reader might act on a character.
private func needsEscape(_ scalar: UInt32) -> Bool {
    scalar < 0x20 || (0x7f...0x9f).contains(scalar) || scalar == 0x22 || scalar == 0x5c || scalar == 0x2028
        || scalar == 0x2029
}

/// Reads a character of UTF-8 text; nil stands for a byte that begins none.
private func decodeScalar(in bytes: Span<UInt8>, at index: Int) -> (scalar: UInt32?, length: Int) {
    let first = UInt32(bytes[index])
    let length: Int
    let least: UInt32
    switch first {
    case 0..<0x80: return (first, 1)
    case 0xc2...0xdf: (length, least) = (2, 0x80)
    case 0xe0...0xef: (length, least) = (3, 0x800)
    case 0xf0...0xf4: (length, least) = (4, 0x1_0000)
    default: return (nil, 1)
    }
    guard index + length <= bytes.count else { return (nil, 1) }
    var scalar = first & (0x7f >> UInt32(length))
    for offset in 1..<length {
        let next = UInt32(bytes[index + offset])
        guard next & 0xc0 == 0x80 else { return (nil, 1) }
        scalar = scalar << 6 | next & 0x3f
    }
    // RFC 3629 §3: neither longer than needed, nor half of a pair, nor beyond the last.
    guard scalar >= least, scalar <= 0x10_ffff, !(0xd800...0xdfff).contains(scalar) else { return (nil, 1) }
    return (scalar, length)
}
