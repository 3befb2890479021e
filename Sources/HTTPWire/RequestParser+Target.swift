internal import HTTPSemantics

// The forms of request targets (RFC 9112 §3.2).
extension RequestParser {
    /// Reads the target, which holds legal characters only.
    @inline(__always)
    mutating func readTarget(_ bytes: Span<UInt8>, queryMark: Int?) -> HeadFault? {
        guard !head.target.isEmpty else { return .spaceInTarget }
        if head.method == .connect { return .connectNotAllowed }
        if head.method == .trace { return .traceNotAllowed }
        let start = Int(head.target.start)
        let end = Int(head.target.end)
        let pathEnd = queryMark ?? end
        if let queryMark {
            head.hasQuery = true
            head.query = Piece((queryMark + 1)..<end)
        }
        if bytes[start] == UInt8(ascii: "/") {
            head.path = Piece(start..<pathEnd)
            return nil
        }
        if bytes[start] == UInt8(ascii: "*"), end == start + 1, head.method == .options {
            head.form = .asterisk
            return nil
        }
        return readAbsoluteTarget(bytes, from: start, pathEnd: pathEnd)
    }

    @inline(never)
    private mutating func readAbsoluteTarget(_ bytes: Span<UInt8>, from start: Int, pathEnd: Int) -> HeadFault? {
        var position = start
        while position < pathEnd, bytes[position].isLetter { position += 1 }
        let scheme = Piece(start..<position)
        guard bytes.equalsFolded(scheme, "http") || bytes.equalsFolded(scheme, "https"), position + 3 <= pathEnd,
            bytes[position] == UInt8(ascii: ":"), bytes[position + 1] == UInt8(ascii: "/"),
            bytes[position + 2] == UInt8(ascii: "/")
        else { return .illegalTarget }
        position += 3
        let authorityStart = position
        while position < pathEnd, bytes[position] != UInt8(ascii: "/") { position += 1 }
        head.form = .absolute
        head.authority = Piece(authorityStart..<position)
        head.path = Piece(position..<pathEnd)
        // A user name in the authority is no legal character of a host (RFC 9110 §4.2.4).
        switch HostText.parse(bytes, head.authority) {
        case .success(let text): take(text)
        case .failure(let fault): return fault
        }
        return nil
    }

    mutating func take(_ text: HostText) {
        head.host = text.host
        head.port = text.port
        head.hasHost = true
    }
}
