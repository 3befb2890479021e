internal import ByteBuffers
internal import EventIO

extension ByteBuffer {
    /// Appends an address as people write it: dotted, or as RFC 5952 has it.
    mutating func append(address: PeerAddress) {
        if address.isIPv4 {
            var shift: UInt128 = 24
            while shift > 0 {
                append(decimal: Int64(truncatingIfNeeded: address.bits >> shift & 0xff))
                append(UInt8(ascii: "."))
                shift -= 8
            }
            append(decimal: Int64(truncatingIfNeeded: address.bits & 0xff))
            return
        }
        let longest = address.longestZeroRun
        var group = 0
        while group < 8 {
            if group == longest.start, longest.count > 1 {
                append(group == 0 ? "::" : ":")
                group += longest.count
                continue
            }
            append(hexadecimal: UInt64(address.group(group)))
            group += 1
            if group < 8 { append(UInt8(ascii: ":")) }
        }
    }

    /// Appends an address and a port: `10.0.0.1:80`, `[fd00::1]:80`.
    mutating func append(endpoint: PeerAddress) {
        if endpoint.isIPv4 {
            append(address: endpoint)
        } else {
            append(UInt8(ascii: "["))
            append(address: endpoint)
            append(UInt8(ascii: "]"))
        }
        append(UInt8(ascii: ":"))
        append(decimal: Int64(endpoint.port))
    }

    /// Appends sixteen hexadecimal digits.
    mutating func append(hexadecimal16 number: UInt64) {
        reserve(16)
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            let digit = UInt8(number >> shift & 15)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }
}

extension PeerAddress {
    /// One of the eight groups of an IPv6 address.
    fileprivate func group(_ index: Int) -> UInt16 { UInt16(truncatingIfNeeded: bits >> UInt128((7 - index) * 16)) }

    /// The first of the longest runs of groups that are zero.
    fileprivate var longestZeroRun: (start: Int, count: Int) {
        var best = (start: 0, count: 0)
        var start = 0
        while start < 8 {
            var count = 0
            while start + count < 8, group(start + count) == 0 { count += 1 }
            if count > best.count { best = (start, count) }
            start += count + 1
        }
        return best
    }
}
