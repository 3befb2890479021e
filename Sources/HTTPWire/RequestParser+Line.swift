internal import ByteBuffers
internal import HTTPSemantics

// The request line (RFC 9112 §3).
extension RequestParser {
    /// Reads the request line, of which the target is looked into later.
    @inline(__always)
    mutating func readLine(_ bytes: Span<UInt8>, from start: Int, within extent: Extent) -> FieldTable.Outcome {
        // The method.
        var position = start
        while position < bytes.count, bytes[position].isToken { position += 1 }
        guard position < bytes.count, bytes[position] == .space, position > start else {
            return extent.settle(.illegalMethod, bytes, lineStart: start)
        }
        head.methodPiece = Piece(start..<position)
        head.method = HTTPMethod(matching: bytes[head.methodPiece])
        // The target.
        position += 1
        let targetStart = position
        var queryMark: Int?
        while true {
            position = bytes.firstOutsideTargets(from: position)
            guard position < bytes.count else { return extent.settle(.illegalTargetByte, bytes, lineStart: start) }
            let byte = bytes[position]
            if byte == .space { break }
            guard byte == UInt8(ascii: "?") else { return extent.settle(targetFault(byte), bytes, lineStart: start) }
            if queryMark == nil { queryMark = position }
            position += 1
        }
        head.target = Piece(targetStart..<position)
        // The version.
        position += 1
        guard position + 10 <= bytes.count, bytes[position + 8] == .carriageReturn, bytes[position + 9] == .lineFeed
        else { return extent.settle(versionFault(bytes, from: position), bytes, lineStart: start) }
        switch bytes.word(at: position) {
        case HTTPVersion.oneOne: head.minorVersion = 1
        case HTTPVersion.oneZero: head.minorVersion = 0
        default:
            if let fault = readVersion(bytes, from: position) { return extent.settle(fault, bytes, lineStart: start) }
        }
        guard position + 10 <= extent.end else { return .refused(extent.oversize) }
        if let fault = readTarget(bytes, queryMark: queryMark) { return .refused(fault) }
        return .end(position + 10)
    }

    private func targetFault(_ byte: UInt8) -> HeadFault {
        switch byte {
        case UInt8(ascii: "#"): .fragmentInTarget
        case .carriageReturn, .lineFeed: .simpleRequest
        default: .illegalTargetByte
        }
    }

    /// Reads a version that is neither 1.1 nor 1.0.
    @inline(never)
    private mutating func readVersion(_ bytes: Span<UInt8>, from start: Int) -> HeadFault? {
        guard HTTPVersion.isHTTP(bytes, at: start) else { return versionFault(bytes, from: start) }
        guard bytes[start + 5] == UInt8(ascii: "1") else { return .unsupportedVersion }
        // RFC 9110 §2.5: a higher minor version is read as the highest that is known.
        head.minorVersion = 1
        return nil
    }

    /// What is wrong behind the space that ends the target.
    @inline(never)
    private func versionFault(_ bytes: Span<UInt8>, from start: Int) -> HeadFault {
        var position = start
        while position < bytes.count, !bytes[position].isLineEnd {
            if bytes[position] == .space { return .spaceInTarget }
            position += 1
        }
        guard position < bytes.count else { return .illegalVersion }
        if bytes[position] == .lineFeed { return .bareLineFeed }
        if position + 1 < bytes.count, bytes[position + 1] != .lineFeed { return .bareCarriageReturn }
        return .illegalVersion
    }
}

extension Span<UInt8> {
    /// The offset of the first byte that no target may hold or that is a question mark, or the count.
    @inline(__always)
    fileprivate func firstOutsideTargets(from offset: Int) -> Int {
        var position = offset
        while position + 8 <= count {
            let word = self.word(at: position)
            let found =
                word.marks(below: 0x21) | word.marks(of: 0x7f) | word.marksBeyondASCII
                | word.marks(of: UInt8(ascii: "#")) | word.marks(of: UInt8(ascii: "?"))
            if found != 0 { return position + found.markedByte }
            position += 8
        }
        while position < count {
            let byte = self[position]
            if byte <= .space || byte >= 0x7f || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "?") { break }
            position += 1
        }
        return position
    }
}
