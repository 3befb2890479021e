internal import ByteBuffers

/// Bytes that are written as `%` and two digits, in one place of a request's target.
struct EscapedBytes: Sendable {
    // A bit for each byte below 64, and for each from there below 128; all others are escaped.
    private let low: UInt64
    private let high: UInt64

    /// In paths, as nginx does: controls, space, `"`, `#`, `%`, `<`, `>`, `?`, `\`, `^`, `` ` ``, `{`, `|`, `}`.
    static let path = EscapedBytes(low: 0xd000_002d_ffff_ffff, high: 0xb800_0001_5000_0000)

    /// In queries, as nginx does: those of paths, and `&`, `+`, `;`.
    static let query = EscapedBytes(low: 0xd800_086d_ffff_ffff, high: 0xb800_0001_5000_0000)

    /// What must never be sent raw: controls, space, `#`, and what is not ASCII.
    static let forbidden = EscapedBytes(low: 0x0000_0009_ffff_ffff, high: 0x8000_0000_0000_0000)

    /// Whether a byte is escaped.
    func contains(_ byte: UInt8) -> Bool {
        if byte >= 128 { return true }
        return (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte - 64)) & 1 != 0
    }

    /// Appends a part of some bytes, escaped.
    func write(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>, into output: inout ByteBuffer) {
        var copied = range.lowerBound
        for index in range where contains(bytes[index]) {
            output.append(bytes, from: copied, count: index - copied)
            let byte = bytes[index]
            output.append(UInt8(ascii: "%"))
            output.append(Self.digit(byte >> 4))
            output.append(Self.digit(byte & 15))
            copied = index + 1
        }
        output.append(bytes, from: copied, count: range.upperBound - copied)
    }

    /// The three bytes of one that is escaped.
    static func escape(_ byte: UInt8) -> [UInt8] { [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)] }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }
}
