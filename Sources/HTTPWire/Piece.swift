/// A part of the bytes that were parsed, by its place in them.
///
/// Public for the reason that `ByteBuffer` is.
public struct Piece: BitwiseCopyable, Hashable, Sendable {
    /// The offset of the first byte.
    public var start: Int32
    /// The number of bytes.
    public var count: Int32

    /// Creates a piece from where it starts and how long it is.
    @inlinable
    @inline(__always)
    public init(start: Int, count: Int) {
        self.start = Int32(truncatingIfNeeded: start)
        self.count = Int32(truncatingIfNeeded: count)
    }

    /// Creates a piece from where it starts and ends.
    @inlinable
    @inline(__always)
    public init(_ range: Range<Int>) { self.init(start: range.lowerBound, count: range.count) }

    /// The offset behind the last byte.
    @inlinable
    public var end: Int32 { start + count }

    /// Whether there are no bytes in it.
    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The offsets of the bytes.
    @inlinable
    public var range: Range<Int> { Int(start)..<Int(end) }

    /// No bytes at all.
    public static let none = Piece(start: 0, count: 0)
}

extension Span<UInt8> {
    /// The bytes of a piece.
    @inlinable
    public subscript(_ piece: Piece) -> Span<UInt8> {
        @_lifetime(copy self)
        get { extracting(piece.range) }
    }
}
