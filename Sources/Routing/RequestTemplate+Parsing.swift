/// Why a text is no template, as the end of a sentence that begins with the text.
package enum RequestTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A `$` without the name of anything behind it, at this byte.
    case danglingDollar(position: Int)
    /// A `${` without its `}`, at this byte.
    case unclosedBrace(position: Int)
    /// A variable that means nothing here.
    case unknownVariable(String)
    /// A byte that no address has, at this byte of the text.
    case invalidByte(UInt8, position: Int)
    /// More bytes than an address needs.
    case tooLong(bytes: Int)
    /// More variables than an address needs.
    case tooManyVariables(count: Int)

    package var description: String {
        switch self {
        case .danglingDollar(let position): "has a $ at byte \(position) that names no variable"
        case .unclosedBrace(let position): "has a ${ at byte \(position) without its }"
        case .unknownVariable(let name): "names $\(name), which is no variable of nginx that means something here"
        case .invalidByte(let byte, let position):
            "holds a character that no address has, the byte \(byte) at byte \(position)"
        case .tooLong(let bytes): "has \(bytes) bytes, more than \(RequestTemplate.bytesMax)"
        case .tooManyVariables(let count): "has \(count) variables, more than \(RequestTemplate.variablesMax)"
        }
    }
}

extension RequestTemplate {
    /// The longest text, in bytes.
    package static let bytesMax = 4096
    /// The largest number of variables: each may be as long as a request's head.
    package static let variablesMax = 16

    /// Reads a text: `$name` and `${name}` are variables, and all else stands for itself.
    ///
    /// - Parameter text: The text.
    /// - Throws: What is wrong with it.
    package init(_ text: String) throws(RequestTemplateError) {
        var parser = TemplateParser(text: Array(text.utf8))
        try parser.parse()
        let template = RequestTemplate(text: text, parts: parser.parts)
        let count = template.variables.count
        guard count <= Self.variablesMax else { throw .tooManyVariables(count: count) }
        self = template
    }
}

/// A template while it is read.
private struct TemplateParser {
    private let text: [UInt8]
    private var position = 0
    private var literal: [UInt8] = []
    private var isInQuery = false
    private(set) var parts: [RequestTemplate.Part] = []

    init(text: [UInt8]) { self.text = text }

    mutating func parse() throws(RequestTemplateError) {
        guard text.count <= RequestTemplate.bytesMax else { throw .tooLong(bytes: text.count) }
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "$") {
                let variable = try parseVariable()
                endLiteral()
                parts.append(.variable(variable, isInQuery: isInQuery))
                if variable == .questionMark || variable == .target { isInQuery = true }
                continue
            }
            guard (0x21...0x7e).contains(byte) else { throw .invalidByte(byte, position: position) }
            if byte == UInt8(ascii: "?") { isInQuery = true }
            literal.append(byte)
            position += 1
        }
        endLiteral()
    }

    // Reads from a `$` to the end of what it names.
    private mutating func parseVariable() throws(RequestTemplateError) -> RequestVariable {
        let start = position
        position += 1
        let isBraced = position < text.count && text[position] == UInt8(ascii: "{")
        if isBraced { position += 1 }
        let first = position
        // As in nginx, `$1` ends with its digit, and `$10` is `$1` and a zero.
        if position < text.count, (0x31...0x39).contains(text[position]) {
            position += 1
        } else {
            while position < text.count, Self.isWord(text[position]) { position += 1 }
        }
        let name = String(decoding: text[first..<position], as: UTF8.self)
        if isBraced {
            guard position < text.count, text[position] == UInt8(ascii: "}") else {
                throw .unclosedBrace(position: start)
            }
            position += 1
        }
        guard !name.isEmpty else { throw .danglingDollar(position: start) }
        guard let variable = RequestVariable(named: name) else { throw .unknownVariable(name) }
        return variable
    }

    private mutating func endLiteral() {
        guard !literal.isEmpty else { return }
        parts.append(.literal(literal))
        literal = []
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
