package import KubernetesAPI

/// Why bytes are no JSON value.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The offset of the byte where it shows.
    package let offset: Int

    /// What was found or missed there.
    package let message: String

    /// Creates an error.
    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }

    /// `at byte 17: a name is expected`.
    package var description: String { "at byte \(offset): \(message)" }
}

/// Reads a JSON value into a tree, and skips what nobody reads.
///
/// Half of an object that an API server prints is bookkeeping: who set which field, and the text that kubectl applied.
/// Those members are checked for where they end and never become part of the tree.
package struct JSONReader: ~Escapable {
    private let bytes: Span<UInt8>
    private var position = 0
    private var texts: TextCache

    /// Creates a reader of bytes that hold one value.
    @_lifetime(copy bytes)
    private init(_ bytes: Span<UInt8>, texts: TextCache) {
        self.bytes = bytes
        self.texts = texts
    }

    /// Reads one value with nothing but blanks around it.
    ///
    /// - Parameter bytes: The text, in UTF-8.
    /// - Returns: The tree, without the members that nobody reads.
    /// - Throws: Where and why the text is no JSON value.
    package static func value(of bytes: Span<UInt8>) throws(JSONError) -> ObjectValue {
        var texts = TextCache()
        return try value(of: bytes, sharing: &texts)
    }

    /// Reads one value of many.
    ///
    /// - Parameters:
    ///   - bytes: The text, in UTF-8.
    ///   - texts: The texts of the values before.
    /// - Returns: The tree, without the members that nobody reads.
    /// - Throws: Where and why the text is no JSON value.
    package static func value(of bytes: Span<UInt8>, sharing texts: inout TextCache) throws(JSONError) -> ObjectValue {
        // The reader takes the cache and gives it back, so that it is never copied.
        var reader = JSONReader(bytes, texts: texts.take())
        defer { texts = reader.texts.take() }
        reader.skipBlanks()
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.position == bytes.count else { throw reader.error("something follows the value") }
        return value
    }

    // MARK: - Values

    private mutating func value(depth: Int) throws(JSONError) -> ObjectValue {
        guard position < bytes.count else { throw error("the text ends where a value is expected") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> ObjectValue {
        guard depth <= Self.depthMax else { throw error("lists and objects are nested deeper than \(Self.depthMax)") }
        position += 1
        var members: [ObjectValue.Member] = []
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(members) }
        members.reserveCapacity(8)
        while true {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw error("a name is expected")
            }
            let start = position
            let name = try string()
            let length = position - start
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw error("a colon is expected") }
            skipBlanks()
            if Self.isUnread(name, length: length) {
                try skipValue()
            } else {
                members.append(ObjectValue.Member(name: name, value: try value(depth: depth)))
            }
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or a brace is expected") }
            skipBlanks()
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> ObjectValue {
        guard depth <= Self.depthMax else { throw error("lists and objects are nested deeper than \(Self.depthMax)") }
        position += 1
        var elements: [ObjectValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or a bracket is expected") }
            skipBlanks()
        }
    }

    private mutating func word(_ word: StaticString, _ value: ObjectValue) throws(JSONError) -> ObjectValue {
        for scalar in word.description.utf8 {
            guard take(scalar) else { throw error("\(word) is expected") }
        }
        return value
    }

    /// Skips a value that nobody reads; only its end is looked for.
    private mutating func skipValue() throws(JSONError) {
        var scanner = JSONValueScanner()
        guard scanner.advance(through: bytes, from: &position) else { throw error("the text ends within a value") }
    }

    /// Whether a member is the API server's or kubectl's bookkeeping.
    private static func isUnread(_ name: String, length: Int) -> Bool {
        // The lengths of the two names in their quotes tell nearly all others apart at once.
        switch length {
        case 15: name == "managedFields"
        case 50: name == "kubectl.kubernetes.io/last-applied-configuration"
        default: false
        }
    }

    // MARK: - Numbers

    private mutating func number() throws(JSONError) -> ObjectValue {
        let start = position
        var isWhole = true
        loop: while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): position += 1
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"):
                isWhole = false
                position += 1
            default: break loop
            }
        }
        let length = position - start
        guard length > 0, length <= Self.numberLengthMax else {
            throw JSONError(offset: start, message: "a value is expected")
        }
        var text = ""
        for index in start..<position { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        if isWhole, Self.isJSONNumber(text), let number = Int64(text) { return .integer(number) }
        guard Self.isJSONNumber(text), let number = Double(text), number.isFinite else {
            throw JSONError(offset: start, message: "this is no number")
        }
        return .number(number)
    }

    /// Whether a text that Swift may take for a number is one in JSON, where `01`, `.5`, `1.` and `+1` are none.
    private static func isJSONNumber(_ text: String) -> Bool {
        var rest = Substring(text).utf8
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return false }
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(fraction.count + 1)
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return false }
            return true
        }
        return rest.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    // MARK: - Text

    /// Reads a text in quotes, whose first quote is the next byte.
    private mutating func string() throws(JSONError) -> String {
        let start = position + 1
        var end = start
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "\""):
                position = end + 1
                return try text(start..<end)
            case UInt8(ascii: "\\"): return try stringWithEscapes(from: start, firstEscape: end)
            case 0..<0x20:
                throw JSONError(offset: end, message: "a control character stands in a text")
            default: end += 1
            }
        }
        throw JSONError(offset: end, message: "the text ends within quotes")
    }

    private mutating func text(_ range: Range<Int>) throws(JSONError) -> String {
        do throws(UTF8.ValidationError) {
            return try texts.text(bytes.extracting(range))
        } catch {
            throw JSONError(offset: range.lowerBound, message: "these bytes are no UTF-8")
        }
    }

    private mutating func stringWithEscapes(from start: Int, firstEscape: Int) throws(JSONError) -> String {
        var result = try text(start..<firstEscape)
        position = firstEscape
        var plain = firstEscape
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                result += try text(plain..<position)
                position += 1
                return result
            case UInt8(ascii: "\\"):
                result += try text(plain..<position)
                result.unicodeScalars.append(try escape())
                plain = position
            case 0..<0x20: throw error("a control character stands in a text")
            default: position += 1
            }
        }
        throw error("the text ends within quotes")
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        position += 1
        guard position < bytes.count else { throw error("the text ends within quotes") }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("this is no escape")
        }
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // RFC 8259 §7: a character beyond U+FFFF is written as two surrogates, the high one first.
        guard (0xd800..<0xdc00).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw error("half of a surrogate pair is missing")
        }
        let second = try hexadecimal()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw error("half of a surrogate pair is missing") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard bytes.count - position >= 4 else { throw error("the text ends within quotes") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch bytes[position] {
            case let byte where Self.isDigit(byte): digit = byte - UInt8(ascii: "0")
            case let byte where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20):
                digit = (byte | 0x20) - UInt8(ascii: "a") + 10
            default: throw error("four hexadecimal digits are expected")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    // MARK: - Steps

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func error(_ message: String) -> JSONError { JSONError(offset: position, message: message) }

    /// How deep lists and objects may be nested; Kubernetes objects stay below twenty.
    private static let depthMax = 100

    /// The longest number; a double prints in at most 24 characters.
    private static let numberLengthMax = 64
}
