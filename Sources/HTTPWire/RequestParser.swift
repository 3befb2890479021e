package import HTTPSemantics

/// Reads the heads of requests as RFC 9112 has them, and refuses whatever two programs could understand differently.
///
/// One parser serves all connections of a thread: nothing is kept of a head that is incomplete.
package struct RequestParser: ~Copyable {
    private let limits: HeadLimits
    let isHostStrict: Bool
    var fields = FieldTable()

    /// The head that was read last; it holds something after `.complete` only.
    package internal(set) var head = RequestHead()

    /// Creates a parser.
    ///
    /// - Parameters:
    ///   - limits: How large heads may be.
    ///   - strictHost: Whether an absolute target with another host than the Host field is refused; else the target wins.
    package init(limits: HeadLimits = HeadLimits(), strictHost: Bool = false) {
        precondition(limits.fieldsMax <= FieldTable.capacity, "more fields than there is room for")
        self.limits = limits
        isHostStrict = strictHost
    }

    /// Reads the head at the front of some bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the connection from where a head may begin.
    ///   - scanned: How many of them were there when the parser last said `.incomplete`. The head is read anew only when
    ///     a line has ended since, so that bytes that trickle in cost little.
    /// - Returns: Whether the head is complete, and so in `head`.
    package mutating func parse(_ bytes: Span<UInt8>, resumingAt scanned: Int = 0) -> HeadOutcome {
        if scanned > 0, isStillIncomplete(bytes, scanned: scanned) { return .incomplete }
        fields.removeAll()
        head = RequestHead()
        var position = 0
        // RFC 9112 §2.2: an empty line or two may be left of the request before.
        while position + 1 < bytes.count, bytes[position] == .carriageReturn, bytes[position + 1] == .lineFeed {
            position += 2
            guard position <= Self.emptyLinesMax * 2 else { return .refused(.emptyLinesFirst) }
        }
        guard position < bytes.count else { return .incomplete }
        // Somebody speaks TLS or another protocol; without a check here nobody would tell until a line ends.
        guard bytes[0].isToken || bytes[0].isLineEnd else { return .refused(.notHTTP) }
        let lineExtent = Extent(end: position + limits.requestLineBytesMax, oversize: .requestLineTooLong)
        switch readLine(bytes, from: position, within: lineExtent) {
        case .end(let next): position = next
        case .incomplete: return .incomplete
        case .refused(let fault): return .refused(fault)
        }
        let extent = Extent(end: limits.requestHeadBytesMax, oversize: .headTooLarge)
        switch fields.read(bytes, from: position, within: extent, fieldsMax: limits.fieldsMax, origin: .request) {
        case .end(let next): head.length = next
        case .incomplete: return .incomplete
        case .refused(let fault): return .refused(fault)
        }
        if let fault = interpret(bytes) { return .refused(fault) }
        return .complete
    }

    /// Whether what came since is no reason to read the head again.
    private func isStillIncomplete(_ bytes: Span<UInt8>, scanned: Int) -> Bool {
        guard bytes.firstLineFeed(from: scanned) == bytes.count, bytes.count <= limits.requestHeadBytesMax
        else { return false }
        let lineMax = limits.requestLineBytesMax + Self.emptyLinesMax * 2
        return scanned > lineMax || bytes.count <= lineMax
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

    private static let emptyLinesMax = 4
}
