/// A request's head that was understood.
struct RequestHead: Equatable {
    /// What is asked for.
    let request: StatusRequest
    /// Whether the connection ends with the answer: the client says so, or sends a body, which is not read.
    let closes: Bool

    /// Why a head is not answered as it wishes.
    struct Refusal: Error, Equatable {
        let status: StatusResponse.Status
        let why: String

        init(_ status: StatusResponse.Status, _ why: String) {
            self.status = status
            self.why = why
        }
    }

    /// Reads a head without the empty line that ends it; lines end in CRLF or, as RFC 9112 §2.2 allows, in LF.
    ///
    /// - Throws: The first violation of RFC 9112, or of a limit.
    init(_ bytes: ArraySlice<UInt8>, fieldsMax: Int) throws(Refusal) {
        var lines = bytes.split(separator: .lineFeed, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        lines = lines.map { $0.last == .carriageReturn ? $0.dropLast() : $0 }
        guard let first = lines.first else { throw Refusal(.badRequest, "the request is empty") }
        guard lines.count - 1 <= fieldsMax else { throw Refusal(.fieldsTooLarge, "the request has too many fields") }
        let line = try RequestLine(first)
        var fields = FramingFields()
        for line in lines.dropFirst() { try fields.read(line) }
        if line.minorVersion == 1, fields.hosts != 1 {
            throw Refusal(.badRequest, "HTTP/1.1 asks for exactly one Host field")
        }
        if fields.hasTransferCoding, fields.length != nil {
            throw Refusal(.badRequest, "Content-Length and Transfer-Encoding exclude each other")
        }
        request = StatusRequest(method: line.method, path: line.path, query: line.query)
        closes =
            fields.options.contains("close") || fields.hasTransferCoding || (fields.length ?? 0) != 0
            || (line.minorVersion == 0 && !fields.options.contains("keep-alive"))
    }
}

/// The first line of a request (RFC 9112 §3).
private struct RequestLine {
    let method: String
    let path: String
    let query: String
    let minorVersion: Int

    init(_ line: ArraySlice<UInt8>) throws(RequestHead.Refusal) {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(\.isTokenByte),
            !words[1].isEmpty, words[1].allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw RequestHead.Refusal(.badRequest, "the request line is malformed") }
        switch String(decoding: words[2], as: UTF8.self) {
        case "HTTP/1.1": minorVersion = 1
        case "HTTP/1.0": minorVersion = 0
        case let version where version.hasPrefix("HTTP/"):
            throw RequestHead.Refusal(.versionNotSupported, "HTTP/1.1 is spoken here")
        default: throw RequestHead.Refusal(.badRequest, "the request line is malformed")
        }
        method = String(decoding: words[0], as: UTF8.self)
        let target = String(decoding: words[1], as: UTF8.self)
        guard let path = Self.path(of: target) else {
            throw RequestHead.Refusal(.badRequest, "the target is neither a path nor a URL")
        }
        self.path = path
        query = String(target.drop { $0 != "?" }.dropFirst())
    }

    /// The path of a target in origin form, absolute form or asterisk form (RFC 9112 §3.2).
    private static func path(of target: String) -> String? {
        var rest = Substring(target)
        if let scheme = ["http://", "https://"].first(where: { target.lowercased().hasPrefix($0) }) {
            rest = rest.dropFirst(scheme.count).drop { $0 != "/" && $0 != "?" }
            if rest.isEmpty || rest.hasPrefix("?") { rest = "/" + rest }
        }
        guard rest.hasPrefix("/") || rest == "*" else { return nil }
        return String(rest.prefix { $0 != "?" })
    }
}

/// The header fields that say where a request ends and what becomes of the connection.
private struct FramingFields {
    var hosts = 0
    var length: UInt64?
    var hasTransferCoding = false
    /// The connection options, in lower case.
    var options: Set<String> = []

    mutating func read(_ line: ArraySlice<UInt8>) throws(RequestHead.Refusal) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(\.isTokenByte),
            line[colon...].allSatisfy({ $0 == .tab || ($0 >= 0x20 && $0 != 0x7f) })
        else { throw RequestHead.Refusal(.badRequest, "a header field is malformed") }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = String(decoding: line[(colon + 1)...], as: UTF8.self).trimmingBlanks
        switch name {
        case "host": hosts += 1
        case "transfer-encoding": hasTransferCoding = true
        case "content-length":
            guard !value.isEmpty, value.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(value),
                length == nil || length == number
            else { throw RequestHead.Refusal(.badRequest, "Content-Length is not one number") }
            length = number
        case "connection":
            options.formUnion(value.split(separator: ",").map { $0.trimmingBlanks.lowercased() })
        default: break
        }
    }
}

extension StringProtocol {
    /// The text without spaces and tabs at its ends.
    fileprivate var trimmingBlanks: String {
        var text = Substring(self)
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}

extension UInt8 {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    fileprivate static let tab = UInt8(ascii: "\t")

    /// Whether the byte may stand in a method or a field name (RFC 9110 §5.6.2).
    fileprivate var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
