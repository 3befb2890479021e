internal import NetworkAddress

/// Cuts a stream of bytes into request heads (RFC 9112 §2), as far as an echo needs to understand them.
struct HTTPRequestReader {
    /// Enough for any head of the demonstration; beyond, the answer is 431.
    private static let headBytesMax = 32 * 1024

    private var bytes: [UInt8] = []

    /// Takes the next bytes of the stream.
    mutating func append(_ more: [UInt8]) { bytes += more }

    /// Returns the next whole head, or nil when more bytes are needed.
    mutating func next() -> HTTPRequestHead? {
        // RFC 9112 §2.2: a line may also end in a bare LF, and empty lines before a request are ignored.
        bytes.removeSubrange(..<(bytes.firstIndex { $0 != 10 && $0 != 13 } ?? bytes.endIndex))
        var lineStart = bytes.startIndex
        while let lineEnd = bytes[lineStart...].firstIndex(of: 10) {
            if bytes[lineStart..<lineEnd].allSatisfy({ $0 == 13 }) {
                let head = HTTPRequestHead(text: String(decoding: bytes[..<lineStart], as: UTF8.self))
                bytes.removeSubrange(...lineEnd)
                return head
            }
            lineStart = lineEnd + 1
        }
        guard bytes.count > Self.headBytesMax else { return nil }
        bytes = []
        return HTTPRequestHead.oversized
    }
}

/// A request as the client wrote it, and the answer that repeats it.
struct HTTPRequestHead {
    /// Stands for a head that was not read to its end.
    static let oversized = HTTPRequestHead(lines: [])

    private let lines: [Substring]

    /// Takes a head without the empty line that ends it.
    init(text: String) {
        lines = text.split(whereSeparator: \.isNewline)
    }

    private init(lines: [Substring]) { self.lines = lines }

    /// Whether the connection ends with the answer.
    ///
    /// A body is not read: who sends one is answered and the connection closed, so that it is never taken for a request.
    var closesConnection: Bool {
        guard status == "200 OK" else { return true }
        let connection = field("connection")?.lowercased() ?? ""
        if lines[0].hasSuffix(" HTTP/1.0"), !connection.contains("keep-alive") { return true }
        return connection.contains("close") || field("transfer-encoding") != nil
            || (field("content-length") ?? "0") != "0"
    }

    /// The whole response: `pod:`, `client:`, `server:` and `request:` lines, then the request's own fields.
    func response(pod: String, client: TransportAddress, server: TransportAddress?) -> [UInt8] {
        var body = "pod: \(pod)\nclient: \(client)\n"
        if let server { body += "server: \(server)\n" }
        body += "request: \(lines.first ?? "-")\n"
        body += lines.dropFirst().map { "\($0)\n" }.joined()
        let head = """
            HTTP/1.1 \(status)\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: \(body.utf8.count)\r
            Connection: \(closesConnection ? "close" : "keep-alive")\r
            \r

            """
        // RFC 9110 §9.3.2: the answer to HEAD has the length of a body, but not the body.
        return Array(head.utf8) + (lines.first?.hasPrefix("HEAD ") == true ? [] : Array(body.utf8))
    }

    private var status: String {
        guard let line = lines.first else { return "431 Request Header Fields Too Large" }
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        return words.count == 3 && words[2].hasPrefix("HTTP/1.") ? "200 OK" : "400 Bad Request"
    }

    private func field(_ name: String) -> String? {
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { continue }
            return String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
        }
        return nil
    }
}
