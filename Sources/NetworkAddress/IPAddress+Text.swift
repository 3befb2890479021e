/// How the octets of a dotted IPv4 address may be written.
package enum LeadingZeros: Sendable {
    /// `010.0.0.1` is refused: some programs read it as octal.
    case refused
    /// `010.0.0.1` means 10.0.0.1, as Kubernetes' `ParseIPSloppy` reads stored objects.
    case ignored
}

extension IPAddress {
    /// Creates an address from dotted IPv4 text or RFC 4291 §2.2 IPv6 text, or returns nil.
    ///
    /// Zones (`fe80::1%eth0`), surrounding blanks and prefixes (`10.0.0.0/8`) are refused.
    package init?(parsing text: some StringProtocol, leadingZeros: LeadingZeros = .refused) {
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            guard let number = Self.ipv6Number(bytes[...], leadingZeros: leadingZeros) else { return nil }
            self.init(family: .ipv6, bits: number)
        } else {
            guard let number = Self.ipv4Number(bytes[...], leadingZeros: leadingZeros) else { return nil }
            self.init(ipv4: number)
        }
    }

    private static func ipv4Number(_ bytes: ArraySlice<UInt8>, leadingZeros: LeadingZeros) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            // An octet longer than this is a mistake however many zeros lead it.
            guard !part.isEmpty, part.count <= (leadingZeros == .ignored ? 15 : 3) else { return nil }
            if leadingZeros == .refused, part.count > 1, part.first == UInt8(ascii: "0") { return nil }
            var octet: UInt32 = 0
            for byte in part {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
                guard octet <= 255 else { return nil }
            }
            number = number << 8 | octet
        }
        return number
    }

    private static func ipv6Number(_ bytes: ArraySlice<UInt8>, leadingZeros: LeadingZeros) -> UInt128? {
        // "::" splits the text in two; each side is a list of groups, and the gap is filled with zeros.
        guard let gap = firstGap(in: bytes) else {
            guard let groups = groups(bytes, leadingZeros: leadingZeros), groups.count == 8 else { return nil }
            return number(of: groups)
        }
        guard let head = groups(bytes[..<gap], leadingZeros: leadingZeros, allowsDotted: false),
            let tail = groups(bytes[(gap + 2)...], leadingZeros: leadingZeros),
            head.count + tail.count <= 7
        else { return nil }
        return number(of: head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func number(of groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func firstGap(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.dropLast().first {
            bytes[$0] == UInt8(ascii: ":") && bytes[$0 + 1] == UInt8(ascii: ":")
        }
    }

    /// The 16-bit groups of one side of an IPv6 address; the last may be a dotted IPv4 address.
    private static func groups(
        _ bytes: ArraySlice<UInt8>,
        leadingZeros: LeadingZeros,
        allowsDotted: Bool = true
    ) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if part.contains(UInt8(ascii: ".")) {
                guard allowsDotted, index == parts.count - 1,
                    let dotted = ipv4Number(part, leadingZeros: leadingZeros)
                else { return nil }
                groups.append(UInt16(dotted >> 16))
                groups.append(UInt16(truncatingIfNeeded: dotted))
            } else {
                guard (1...4).contains(part.count) else { return nil }
                var group: UInt16 = 0
                for byte in part {
                    guard let digit = hexDigit(byte) else { return nil }
                    group = group << 4 | digit
                }
                groups.append(group)
            }
        }
        return groups
    }

    private static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: dotted octets, or RFC 5952 form.
    package var description: String {
        guard family == .ipv6 else {
            let number = ipv4Number
            return "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
        }
        // RFC 5952 §5: an IPv4-mapped address is written with its dotted part.
        if isIPv4Mapped { return "::ffff:\(IPAddress(ipv4: ipv4Number))" }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128((7 - $0) * 16)) }
        guard let gap = Self.longestZeroRun(groups) else { return Self.joined(groups[...]) }
        return Self.joined(groups[..<gap.lowerBound]) + "::" + Self.joined(groups[gap.upperBound...])
    }

    private static func joined(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// The first longest run of two or more zero groups (RFC 5952 §4.2).
    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var index = 0
        while index < groups.count {
            guard groups[index] == 0 else {
                index += 1
                continue
            }
            let start = index
            while index < groups.count, groups[index] == 0 { index += 1 }
            if index - start >= 2, index - start > (best?.count ?? 0) { best = start..<index }
        }
        return best
    }
}
