/// Finds the end of a JSON value in bytes that arrive in pieces, without looking at what it says.
///
/// Every byte is looked at once, wherever the pieces are cut.
package struct JSONValueScanner: Sendable {
    private var depth = 0
    private var place = Place.before

    private enum Place {
        /// Nothing of the value has been seen.
        case before
        /// Between the values of lists and objects.
        case within
        /// In a text.
        case text
        /// Behind a backslash in a text.
        case escape
        /// In a number or a word, which ends where something else begins.
        case word
    }

    /// Creates a scanner that has seen nothing.
    package init() {}

    /// Whether the value has begun.
    package var hasBegun: Bool { place != .before }

    /// Goes on to the end of the value, or to the end of the bytes.
    ///
    /// A number or a word at the outermost level ends only where another byte follows it.
    ///
    /// - Parameters:
    ///   - bytes: Bytes of the text.
    ///   - position: Where to go on; afterwards, the first byte behind the value, or the end of the bytes.
    /// - Returns: Whether the value has ended; the scanner is then ready for the next one.
    package mutating func advance(through bytes: Span<UInt8>, from position: inout Int) -> Bool {
        var index = position
        let count = bytes.count
        defer { position = index }
        while index < count {
            switch place {
            case .text:
                while index < count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\") {
                    index += 1
                }
                guard index < count else { return false }
                place = bytes[index] == UInt8(ascii: "\\") ? .escape : .within
                index += 1
                if place == .within, depth == 0 { return end() }
            case .escape:
                place = .text
                index += 1
            case .word:
                while index < count, !Self.endsWord(bytes[index]) { index += 1 }
                guard index < count else { return false }
                place = .within
                if depth == 0 { return end() }
            case .before, .within:
                switch bytes[index] {
                case UInt8(ascii: "\""): place = .text
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    place = .within
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    // One that closes nothing is taken as a value, for the reader to refuse.
                    depth -= 1
                    if depth <= 0 {
                        index += 1
                        return end()
                    }
                case 0x20, 0x09, 0x0a, 0x0d: break
                case UInt8(ascii: ","), UInt8(ascii: ":"):
                    place = .within
                    if depth == 0 {
                        index += 1
                        return end()
                    }
                default: place = .word
                }
                index += 1
            }
        }
        return false
    }

    private mutating func end() -> Bool {
        self = JSONValueScanner()
        return true
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
            UInt8(ascii: ":"), UInt8(ascii: "\""), 0x20, 0x09, 0x0a, 0x0d:
            true
        default: false
        }
    }
}
