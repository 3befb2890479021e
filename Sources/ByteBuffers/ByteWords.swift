// Eight bytes at once, in a 64-bit number: the marks that these functions return have the top bit set in the bytes that
// were searched for. Only the lowest mark is exact, and whether there is one at all.

extension UInt64 {
    /// Marks the bytes less than a limit of at most 128.
    @inlinable
    @inline(__always)
    public func marks(below limit: UInt8) -> UInt64 {
        (self &- 0x0101_0101_0101_0101 &* UInt64(limit)) & ~self & 0x8080_8080_8080_8080
    }

    /// Marks the bytes equal to one.
    @inlinable
    @inline(__always)
    public func marks(of byte: UInt8) -> UInt64 {
        let difference = self ^ (0x0101_0101_0101_0101 &* UInt64(byte))
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }

    /// Marks the bytes beyond ASCII; every mark is exact.
    @inlinable
    public var marksBeyondASCII: UInt64 {
        @inline(__always)
        get { self & 0x8080_8080_8080_8080 }
    }

    /// Which byte the lowest mark is in.
    @inlinable
    public var markedByte: Int {
        @inline(__always)
        get { trailingZeroBitCount >> 3 }
    }
}

extension Span<UInt8> {
    /// Eight bytes as a number, the first one lowest.
    @inlinable
    @inline(__always)
    public func word(at offset: Int) -> UInt64 {
        // One check for all eight; the compiler makes one load of it.
        let block = extracting(offset..<(offset + 8))
        let low = UInt64(block[0]) | UInt64(block[1]) << 8 | UInt64(block[2]) << 16 | UInt64(block[3]) << 24
        let high = UInt64(block[4]) | UInt64(block[5]) << 8 | UInt64(block[6]) << 16 | UInt64(block[7]) << 24
        return low | high << 32
    }
}
