internal import ByteBuffers
package import HTTPSemantics

/// Reads the heads of responses: strict in what delimits them, forgiving in what backends get wrong for no harm.
///
/// Forgiven are a missing reason phrase, lines that end in LF alone, and white space before a colon (RFC 9112 §5.1).
package struct ResponseParser: ~Copyable {
    private let limits: HeadLimits
    var fields: FieldTable

    /// The head that was read last; it holds something after `.complete` only.
    package private(set) var head = ResponseHead()

    /// Creates a parser with limits.
    package init(limits: HeadLimits = HeadLimits()) {
        fields = FieldTable(fieldsMax: limits.fieldsMax)
        self.limits = limits
    }

    /// Reads the head at the front of some bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the connection from where a head begins.
    ///   - method: The request's method, on which it depends whether there is content.
    ///   - scanned: How many bytes were there when the parser last said `.incomplete`.
    /// - Returns: Whether the head is complete, and so in `head`.
    package mutating func parse(
        _ bytes: Span<UInt8>,
        answering method: HTTPMethod,
        resumingAt scanned: Int = 0
    ) -> HeadOutcome {
        if scanned > 0, bytes.count <= limits.responseHeadBytesMax, bytes.firstLineFeed(from: scanned) == bytes.count {
            return .incomplete
        }
        fields.removeAll()
        head = ResponseHead()
        let extent = Extent(end: limits.responseHeadBytesMax, oversize: .headTooLarge)
        let fieldsStart: Int
        switch readLine(bytes, within: extent) {
        case .end(let next): fieldsStart = next
        case .incomplete: return .incomplete
        case .refused(let fault): return .refused(fault)
        }
        switch fields.read(bytes, from: fieldsStart, within: extent, origin: .response) {
        case .end(let next): head.length = next
        case .incomplete: return .incomplete
        case .refused(let fault): return .refused(fault)
        }
        if let fault = interpret(bytes, answering: method) { return .refused(fault) }
        return .complete
    }

    /// Reads the status line (RFC 9112 §4).
    private mutating func readLine(_ bytes: Span<UInt8>, within extent: Extent) -> FieldTable.Outcome {
        // "HTTP/1.1 200" and a line end.
        guard bytes.count >= 13 else { return extent.settle(.illegalStatusLine, bytes, lineStart: 0) }
        switch bytes.word(at: 0) {
        case HTTPVersion.oneOne: head.minorVersion = 1
        case HTTPVersion.oneZero: head.minorVersion = 0
        default:
            // A line that is too short is just that, whatever follows it.
            guard bytes.firstLineFeed(from: 0) >= 12 else { return .refused(.illegalStatusLine) }
            guard HTTPVersion.isHTTP(bytes, at: 0) else { return extent.settle(.illegalVersion, bytes, lineStart: 0) }
            guard bytes[5] == UInt8(ascii: "1") else { return extent.settle(.unsupportedVersion, bytes, lineStart: 0) }
            head.minorVersion = 1
        }
        let (hundreds, tens, units) = (bytes[9], bytes[10], bytes[11])
        guard bytes[8] == .space, hundreds.isDigit, tens.isDigit, units.isDigit, hundreds != UInt8(ascii: "0")
        else { return extent.settle(.illegalStatusLine, bytes, lineStart: 0) }
        head.status =
            UInt16(hundreds & 15) * 100 + UInt16(tens & 15) * 10 + UInt16(units & 15)
        var position = 12
        if bytes[position] == .space { position += 1 }
        let reasonStart = position
        position = bytes.firstControl(from: position)
        guard position < bytes.count, reasonStart > 12 || position == 12
        else { return extent.settle(.illegalStatusLine, bytes, lineStart: 0) }
        head.reason = Piece(reasonStart..<position)
        if bytes[position] == .lineFeed {
            position += 1
        } else {
            guard bytes[position] == .carriageReturn, position + 1 < bytes.count, bytes[position + 1] == .lineFeed
            else { return extent.settle(.illegalStatusLine, bytes, lineStart: 0) }
            position += 2
        }
        return position <= extent.end ? .end(position) : .refused(extent.oversize)
    }

    /// Reads the fields that the gateway lives by.
    private mutating func interpret(_ bytes: Span<UInt8>, answering method: HTTPMethod) -> HeadFault? {
        let told: BodyFraming?
        switch fields.framing(bytes, minorVersion: head.minorVersion) {
        case .success(let framing): told = framing
        case .failure(let fault): return fault
        }
        head.isPersistent = head.minorVersion > 0
        if fields.firstIndex(.connection) != nil {
            switch fields.connectionOptions(bytes) {
            case .success(let options):
                head.isPersistent = (head.isPersistent || options.keepsAlive) && !options.closes
            case .failure(let fault): return fault
            }
        }
        head.hasDate = fields.firstIndex(.date) != nil
        head.upgrade = fields.first(.upgrade)?.value ?? .none
        head.isSwitchingProtocols = head.status == 101
        head.isInterim = head.status < 200 && head.status != 101
        if head.status < 200 || head.status == 204 {
            // RFC 9110 §8.6, RFC 9112 §6.1: neither field may be there. Whoever sends content all the same would have
            // it read as the next response.
            if let told, told != .length(0) { head.isPersistent = false }
        } else if head.status != 304, method != .head {
            head.framing = told ?? .untilClose
            if told == nil { head.isPersistent = false }
        }
        return nil
    }

    /// The number of field lines.
    package var fieldCount: Int { fields.count }

    /// A field line, in the order in which they were sent.
    package func field(at index: Int) -> FieldLine {
        precondition(index < fields.count, "no such field line")
        return fields.lines[index]
    }

    /// The first field line with a known name.
    package func first(_ known: KnownField) -> FieldLine? { fields.first(known) }
}
