/// Reads the trailer section behind the last chunk, up to its empty line (RFC 9112 §7.1.2).
package struct TrailerParser: ~Copyable {
    private let limits: HeadLimits
    var fields = FieldTable()

    /// The offset behind the empty line, after `.complete`.
    package private(set) var end = 0

    /// Creates a parser with limits.
    package init(limits: HeadLimits = HeadLimits()) {
        precondition(limits.fieldsMax <= FieldTable.capacity, "more fields than there is room for")
        self.limits = limits
    }

    /// Reads a trailer section.
    ///
    /// Fields that must not be trailers (RFC 9110 §6.5.1) are dropped ones, and so are names that programs could mistake
    /// for others.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the connection; pieces count from their start.
    ///   - offset: Where the trailer section begins.
    ///   - scanned: How many bytes were there when the parser last said `.incomplete`.
    /// - Returns: Whether the section is complete.
    package mutating func parse(_ bytes: Span<UInt8>, from offset: Int = 0, resumingAt scanned: Int = 0) -> HeadOutcome
    {
        let extent = Extent(end: offset + limits.trailerBytesMax, oversize: .trailersTooLarge)
        if scanned > offset, bytes.count <= extent.end, bytes.firstLineFeed(from: scanned) == bytes.count {
            return .incomplete
        }
        fields.removeAll()
        switch fields.read(bytes, from: offset, within: extent, fieldsMax: limits.fieldsMax, origin: .trailers) {
        case .end(let next):
            end = next
            return .complete
        case .incomplete: return .incomplete
        case .refused(let fault): return .refused(fault)
        }
    }

    /// The number of field lines.
    package var fieldCount: Int { fields.count }

    /// A field line, in the order in which they were sent.
    package func field(at index: Int) -> FieldLine {
        precondition(index < fields.count, "no such field line")
        return fields.lines[index]
    }
}
