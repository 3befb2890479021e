/// What is wrong with text that should be base64.
enum Base64Fault: Error, Hashable, CustomStringConvertible {
    /// The value is a number, a list or something else that is no text.
    case notText
    /// A character at a position is not of the alphabet.
    case character(position: Int)
    /// The text ends within a group of four characters.
    case incomplete
    /// Something follows the padding, or there is too much of it.
    case padding(position: Int)

    var description: String {
        switch self {
        case .notText: "it is no text"
        case .character(let position): "character \(position + 1) is none of A-Z, a-z, 0-9, + and /"
        case .incomplete: "its length is no multiple of four; it may be cut off"
        case .padding(let position): "the = at character \(position + 1) is not at the end"
        }
    }
}

/// RFC 4648 §4 base64 with padding, as the API server reads `data` of a Secret: line ends do not count.
enum Base64 {
    /// Decodes text.
    static func decode(_ text: String) throws(Base64Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        var group: UInt32 = 0
        var count = 0
        var padding = 0
        for (position, byte) in text.utf8.enumerated() {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { continue }
            if byte == UInt8(ascii: "=") {
                // At most two, and only where the third and fourth character of a group stand.
                guard count >= 2 else { throw .padding(position: position) }
                padding += 1
                group <<= 6
                count += 1
            } else {
                guard let value = value(of: byte) else { throw .character(position: position) }
                if padding > 0 { throw .padding(position: position - 1) }
                group = group << 6 | UInt32(value)
                count += 1
            }
            guard count == 4 else { continue }
            for index in 0..<(3 - padding) { bytes.append(UInt8(truncatingIfNeeded: group >> (16 - 8 * index))) }
            group = 0
            count = 0
            if padding > 0 {
                try checkEnd(of: text, after: position)
                return bytes
            }
        }
        guard count == 0 else { throw .incomplete }
        return bytes
    }

    private static func checkEnd(of text: String, after position: Int) throws(Base64Fault) {
        for byte in text.utf8.dropFirst(position + 1) where byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r") {
            throw .padding(position: position)
        }
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
