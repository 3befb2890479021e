/// Cuts the bytes of one connection into request heads.
struct RequestReader {
    private let headBytesMax: Int
    private let fieldsMax: Int
    private var bytes: [UInt8] = []
    /// How many of the bytes hold no end of a head, so that a slow client's bytes are not looked at again and again.
    private var searched = 0

    init(limits: StatusServerLimits) {
        headBytesMax = limits.headBytesMax
        fieldsMax = limits.fieldsMax
    }

    /// Whether a part of a head waits for the rest.
    var isMidway: Bool { !bytes.isEmpty }

    /// Takes the next bytes of the connection.
    mutating func append(_ more: [UInt8]) { bytes += more }

    /// Returns the next head, or nil when more bytes are needed.
    ///
    /// - Throws: Why what came is no head; nothing of the connection can be understood after that.
    mutating func next() throws(RequestHead.Refusal) -> RequestHead? {
        // RFC 9112 §2.2: empty lines before a request are ignored.
        if searched == 0, let first = bytes.first, first == .carriageReturn || first == .lineFeed {
            bytes.removeSubrange(..<(bytes.firstIndex { $0 != .carriageReturn && $0 != .lineFeed } ?? bytes.endIndex))
        }
        guard let end = endOfHead() else {
            guard bytes.count <= headBytesMax else { throw tooLong }
            return nil
        }
        guard end.lines <= headBytesMax else { throw tooLong }
        let head = try RequestHead(bytes[..<end.lines], fieldsMax: fieldsMax)
        bytes.removeSubrange(..<end.head)
        searched = 0
        return head
    }

    private var tooLong: RequestHead.Refusal {
        RequestHead.Refusal(.fieldsTooLarge, "the head of the request is longer than \(headBytesMax) bytes")
    }

    /// Finds the empty line: where the lines before it end, and where it ends itself.
    private mutating func endOfHead() -> (lines: Int, head: Int)? {
        var index = searched
        while let lineEnd = bytes[index...].firstIndex(of: .lineFeed) {
            var next = lineEnd + 1
            if next < bytes.count, bytes[next] == .carriageReturn { next += 1 }
            if next >= bytes.count { break }
            if bytes[next] == .lineFeed { return (lineEnd + 1, next + 1) }
            index = lineEnd + 1
        }
        // The last three bytes may be the beginning of the end.
        searched = max(index, bytes.count - 3)
        return nil
    }
}
