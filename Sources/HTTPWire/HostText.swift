/// A host with an optional port, as it stands in Host and in absolute targets (RFC 3986 §3.2.2).
package struct HostText: BitwiseCopyable, Hashable, Sendable {
    /// The name or address without port and without the dot that ends a fully qualified name; IPv6 in its brackets.
    package var host: Piece
    /// The port, or 0 when there is none.
    package var port: UInt16

    /// Reads a host.
    ///
    /// Names hold letters, digits, hyphens, underscores and tildes, and dots between labels that are not empty. RFC 3986
    /// knows more characters, which no name in DNS and no rule of a route has, and which lead programs astray.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the message.
    ///   - piece: Where the host is.
    /// - Returns: Its parts, or what is wrong with it.
    package static func parse(_ bytes: Span<UInt8>, _ piece: Piece) -> Result<HostText, HeadFault> {
        let start = Int(piece.start)
        let end = Int(piece.end)
        guard start < end else { return .failure(.illegalHost) }
        var position = start
        var nameEnd: Int
        if bytes[start] == UInt8(ascii: "[") {
            guard let close = bracketedAddress(bytes, from: start, to: end) else { return .failure(.illegalHost) }
            position = close + 1
            nameEnd = position
        } else {
            var labelStart = start
            while true {
                position = min(bytes.firstOutsideNames(from: position), end)
                if position == end || bytes[position] == UInt8(ascii: ":") { break }
                switch bytes[position] {
                case UInt8(ascii: "."):
                    guard position > labelStart else { return .failure(.illegalHost) }
                    labelStart = position + 1
                case UInt8(ascii: "_"), UInt8(ascii: "~"): break
                default: return .failure(.illegalHost)
                }
                position += 1
            }
            nameEnd = position
            // The dot behind the last label.
            if labelStart == position { nameEnd -= 1 }
            guard nameEnd > start else { return .failure(.illegalHost) }
        }
        var host = HostText(host: Piece(start..<nameEnd), port: 0)
        guard position < end else { return .success(host) }
        guard bytes[position] == UInt8(ascii: ":") else { return .failure(.illegalHost) }
        position += 1
        guard position < end else { return .success(host) }
        var number = 0
        while position < end {
            guard bytes[position].isDigit else { return .failure(.illegalPort) }
            number = number * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            guard number <= 65535 else { return .failure(.illegalPort) }
            position += 1
        }
        guard number > 0 else { return .failure(.illegalPort) }
        host.port = UInt16(number)
        return .success(host)
    }

    /// Reads an IPv6 address in brackets; gives where the bracket closes.
    private static func bracketedAddress(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        var colons = 0
        var position = start + 1
        while position < end, bytes[position] != UInt8(ascii: "]") {
            let byte = bytes[position]
            if byte == UInt8(ascii: ":") {
                colons += 1
            } else if byte.hexValue == nil, byte != UInt8(ascii: ".") {
                return nil
            }
            position += 1
        }
        // The longest form is eight groups, the last two as an IPv4 address.
        guard position < end, colons >= 2, colons <= 8, position - start <= 46 else { return nil }
        return position
    }
}
