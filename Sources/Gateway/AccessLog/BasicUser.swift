package import ByteBuffers

extension ByteBuffer {
    /// Appends the user's name of an `Authorization` field with the Basic scheme (RFC 7617), as nginx logs it.
    ///
    /// Nothing is appended for other schemes, and for what is no base64 or holds no colon; the password never is.
    package mutating func append(userOfBasic value: Span<UInt8>) {
        guard var index = firstLetterBehindBasic(value) else { return }
        let start = count
        var (bits, held): (UInt32, UInt32) = (0, 0)
        while index < value.count, let digit = base64Digit(value[index]) {
            bits = bits << 6 | UInt32(digit)
            held += 6
            if held >= 8 {
                held -= 8
                let byte = UInt8(truncatingIfNeeded: bits >> held)
                if byte == UInt8(ascii: ":") { return }
                append(byte)
            }
            index += 1
        }
        // Without a colon it was no name, perhaps a secret.
        truncate(to: start)
    }
}

/// The offset of the credentials behind `Basic` and its spaces.
private func firstLetterBehindBasic(_ value: Span<UInt8>) -> Int? {
    let scheme: [5 of UInt8] = [
        UInt8(ascii: "b"), UInt8(ascii: "a"), UInt8(ascii: "s"), UInt8(ascii: "i"), UInt8(ascii: "c"),
    ]
    guard value.count > 6, value[5] == UInt8(ascii: " ") else { return nil }
    for index in scheme.indices where value[index] | 0x20 != scheme[index] { return nil }
    var index = 6
    while index < value.count, value[index] == UInt8(ascii: " ") { index += 1 }
    return index
}

private func base64Digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
}
