package import PatternMatching

/// Why a text is no target of a rewrite.
package enum RewriteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path, which is the pattern, is none.
    case invalidPattern(PatternError)
    /// A `$` without the name of anything behind it, at this byte.
    case danglingDollar(position: Int)
    /// A `${` without its `}`, at this byte.
    case unclosedBrace(position: Int)
    /// A name that no group of the pattern has.
    case unknownName(String)
    /// A byte that no request may have, at this byte of the text: a space or a control character.
    case invalidByte(UInt8, position: Int)
    /// The target names another server, which nginx would answer with a redirect.
    case absolute
    /// There is no target.
    case empty

    package var description: String {
        switch self {
        case .invalidPattern(let error): "the path is no pattern: \(error)"
        case .danglingDollar(let position): "the $ at byte \(position) of the target has no name"
        case .unclosedBrace(let position): "the ${ at byte \(position) of the target has no }"
        case .unknownName(let name): "no group of the path has the name \(name)"
        case .invalidByte(let byte, let position): "the byte \(byte) at byte \(position) of the target is not allowed"
        case .absolute: "the target names a server; permanent-redirect and temporal-redirect do that"
        case .empty: "the target is empty"
        }
    }
}

extension Rewrite {
    /// Reads a rewrite as nginx reads `rewrite "(?i)<path>" <target> break`.
    ///
    /// `$1` to `$9` stand for groups, `$name` and `${name}` for groups with names. The first `?` begins the query; one at
    /// the very end means that the client's query is dropped.
    ///
    /// - Parameters:
    ///   - path: The path of the rule, which is searched for as a pattern, without regard to case and anywhere.
    ///   - target: The value of the annotation.
    /// - Throws: What is wrong with either.
    package init(path: String, target: String) throws(RewriteError) {
        let pattern: Pattern
        do throws(PatternError) { pattern = try Pattern(path, options: .ignoringCase) } catch {
            throw .invalidPattern(error)
        }
        var text = Array(target.utf8)
        guard !text.isEmpty else { throw .empty }
        if ["http://", "https://", "$scheme"].contains(where: { target.hasPrefix($0) }) { throw .absolute }
        let dropsQuery = text.last == UInt8(ascii: "?")
        if dropsQuery { text.removeLast() }
        var parser = TargetParser(text: text, pattern: pattern)
        try parser.parse()
        self.init(pattern: pattern, target: parser.path, query: parser.query, keepsQuery: !dropsQuery)
    }
}

/// A target while it is read.
private struct TargetParser {
    private let text: [UInt8]
    private let pattern: Pattern
    private var position = 0
    private var literal: [UInt8] = []

    private(set) var path: [Rewrite.Part] = []
    private(set) var query: [Rewrite.Part]?

    init(text: [UInt8], pattern: Pattern) {
        self.text = text
        self.pattern = pattern
    }

    mutating func parse() throws(RewriteError) {
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "$") {
                let group = try parseGroup()
                append(.group(group))
                continue
            }
            if byte <= 0x20 || byte == 0x7f { throw .invalidByte(byte, position: position) }
            if byte == UInt8(ascii: "?"), query == nil {
                endLiteral()
                query = []
            } else if query == nil, EscapedBytes.path.contains(byte) {
                // nginx escapes the path once it is put together, what was written as much as what was caught.
                literal += EscapedBytes.escape(byte)
            } else {
                literal.append(byte)
            }
            position += 1
        }
        endLiteral()
    }

    // Reads from a `$` to the end of what it names.
    private mutating func parseGroup() throws(RewriteError) -> Int {
        let start = position
        position += 1
        guard position < text.count else { throw .danglingDollar(position: start) }
        if (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(text[position]) {
            position += 1
            return Int(text[position - 1] - UInt8(ascii: "0"))
        }
        let isBraced = text[position] == UInt8(ascii: "{")
        if isBraced { position += 1 }
        let first = position
        while position < text.count, Self.isWord(text[position]) { position += 1 }
        let name = String(decoding: text[first..<position], as: UTF8.self)
        if isBraced {
            guard position < text.count, text[position] == UInt8(ascii: "}") else {
                throw .unclosedBrace(position: start)
            }
            position += 1
        }
        guard !name.isEmpty else { throw .danglingDollar(position: start) }
        guard let group = pattern.group(named: name) else { throw .unknownName(name) }
        return group
    }

    private mutating func endLiteral() {
        guard !literal.isEmpty else { return }
        let bytes = literal
        literal = []
        append(.literal(bytes))
    }

    private mutating func append(_ part: Rewrite.Part) {
        endLiteral()
        if query == nil { path.append(part) } else { query?.append(part) }
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
