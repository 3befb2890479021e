/// A request or a response as it came over the wire.
package struct HTTPMessage: Sendable {
    /// A field of a head or of a trailer section.
    package struct Field: Hashable, Sendable {
        /// The name as it was written.
        package let name: String
        /// The value without the blanks around it.
        package let value: String
    }

    /// How the end of a body was told.
    package enum Framing: Hashable, Sendable {
        case none
        case length(Int)
        case chunked
        case untilClose
    }

    /// The head to the byte, with the empty line.
    package let head: String
    /// The first line.
    package let startLine: String
    /// The fields of the head, in order.
    package let fields: [Field]
    /// The body without framing; only its beginning when it is longer than what is kept.
    package fileprivate(set) var body: [UInt8] = []
    /// The length of the whole body.
    package fileprivate(set) var bodyLength = 0
    /// The fields behind the body.
    package fileprivate(set) var trailers: [Field] = []
    /// How the end of the body was told.
    package fileprivate(set) var framing = Framing.none

    /// How much of a body is kept.
    static let keptBytesMax = 1 << 20

    init(head: String) {
        self.head = head
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        startLine = lines.first.map(String.init) ?? ""
        fields = lines.dropFirst().map(Self.field)
    }

    fileprivate static func field(_ line: Substring) -> Field {
        let colon = line.firstIndex(of: ":") ?? line.endIndex
        let value = line[colon...].dropFirst()
        return Field(name: String(line[..<colon]), value: trimmed(value))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }

    /// The value of the first field of a name in any case; nil without one.
    package subscript(_ name: String) -> String? { values(of: name).first }

    /// The values of all fields of a name in any case.
    package func values(of name: String) -> [String] {
        let wanted = name.lowercased()
        return fields.filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The method of a request.
    package var method: String { word(0) }

    /// The target of a request.
    package var target: String { word(1) }

    /// The status of a response; 0 for what is none.
    package var status: Int { Int(word(1)) ?? 0 }

    private func word(_ index: Int) -> String {
        let words = startLine.split(separator: " ")
        return index < words.count ? String(words[index]) : ""
    }
}

// MARK: - On the wire

extension LabStream {
    /// Reads a request with its body; nil when the client ended before it began one.
    package func readRequest() throws -> HTTPMessage? {
        guard var message = try readHead() else { return nil }
        try readBody(of: &message)
        return message
    }

    /// Reads the head of a request or response; nil when the peer ended before it began one.
    package func readHead() throws -> HTTPMessage? { try read(through: "\r\n\r\n").map(HTTPMessage.init) }

    /// Reads the body that belongs to the head of a request.
    package func readBody(of message: inout HTTPMessage) throws {
        try readBody(of: &message, else: .none)
    }

    /// Reads a response to a method, past interim ones; nil when the server ended before it began one.
    package func readResponse(to method: String = "GET") throws -> HTTPMessage? {
        while true {
            guard var message = try readHead() else { return nil }
            if (100..<200).contains(message.status), message.status != 101 { continue }
            if method == "HEAD" || [101, 204, 304].contains(message.status) { return message }
            try readBody(of: &message, else: .untilClose)
            return message
        }
    }

    private func readBody(of message: inout HTTPMessage, else framing: HTTPMessage.Framing) throws {
        if message["Transfer-Encoding"]?.lowercased() == "chunked" {
            message.framing = .chunked
            while try readChunk(of: &message) {}
        } else if let text = message["Content-Length"], let length = Int(text) {
            message.framing = .length(length)
            try readPiece(of: &message, length)
        } else if framing == .untilClose {
            message.framing = .untilClose
            message.body = try readToEnd()
            message.bodyLength = message.body.count
        }
    }

    private func readPiece(of message: inout HTTPMessage, _ length: Int) throws {
        var kept = message.body
        try read(count: length) { piece in kept += piece.prefix(HTTPMessage.keptBytesMax - kept.count) }
        message.body = kept
        message.bodyLength += length
    }

    private func readChunk(of message: inout HTTPMessage) throws -> Bool {
        guard let line = try read(through: "\r\n"), let size = Int(line.dropLast(1), radix: 16) else {
            throw LabError.mute(peer, "it ended in the middle of chunks, or sent a chunk without a size")
        }
        if size > 0 {
            try readPiece(of: &message, size)
            _ = try read(through: "\r\n")
            return true
        }
        while let line = try read(through: "\r\n"), line != "\r\n" {
            message.trailers.append(HTTPMessage.field(line.dropLast(1)))
        }
        return false
    }
}
