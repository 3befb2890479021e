internal import ByteBuffers
internal import NetworkAddress

extension ByteBuffer {
    /// Appends the canonical text of an address, as its description has it, without making a string.
    mutating func append(_ address: IPAddress) {
        guard address.family == .ipv6 else { return append(dotted: address.ipv4Number) }
        if address.isIPv4Mapped {
            append("::ffff:")
            return append(dotted: address.ipv4Number)
        }
        let gap = Self.longestZeroRun(address.bits)
        var group = 0
        while group < 8 {
            if group == gap.lowerBound, !gap.isEmpty {
                append("::")
                group = gap.upperBound
                continue
            }
            if group > 0, group != gap.upperBound || gap.isEmpty { append(UInt8(ascii: ":")) }
            append(hexadecimal: UInt64(Self.group(group, of: address.bits)))
            group += 1
        }
    }

    /// Appends an address with its port, IPv6 in brackets.
    mutating func append(_ address: TransportAddress) {
        if address.address.family == .ipv6 {
            append(UInt8(ascii: "["))
            append(address.address)
            append("]:")
        } else {
            append(dotted: address.address.ipv4Number)
            append(UInt8(ascii: ":"))
        }
        append(decimal: Int64(address.port.rawValue))
    }

    private mutating func append(dotted number: UInt32) {
        append(decimal: Int64(number >> 24))
        append(UInt8(ascii: "."))
        append(decimal: Int64(number >> 16 & 255))
        append(UInt8(ascii: "."))
        append(decimal: Int64(number >> 8 & 255))
        append(UInt8(ascii: "."))
        append(decimal: Int64(number & 255))
    }

    private static func group(_ index: Int, of bits: UInt128) -> UInt16 {
        UInt16(truncatingIfNeeded: bits >> UInt128((7 - index) * 16))
    }

    /// The first longest run of two or more zero groups (RFC 5952 §4.2), or an empty range.
    private static func longestZeroRun(_ bits: UInt128) -> Range<Int> {
        var best = 0..<0
        var index = 0
        while index < 8 {
            let start = index
            while index < 8, group(index, of: bits) == 0 { index += 1 }
            if index - start >= 2, index - start > best.count { best = start..<index }
            if index == start { index += 1 }
        }
        return best
    }
}
