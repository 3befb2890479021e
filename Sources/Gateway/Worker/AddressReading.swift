internal import NetworkAddress

extension IPAddress {
    /// Reads an address as fields of requests have it, without making anything of the text; a port behind it is passed over.
    init?(reading text: Span<UInt8>) {
        guard !text.isEmpty else { return nil }
        if text[0] == UInt8(ascii: "[") {
            var close = 1
            while close < text.count, text[close] != UInt8(ascii: "]") { close += 1 }
            guard close < text.count else { return nil }
            self.init(readingIPv6: text.extracting(1..<close))
            return
        }
        var colon: Int?
        for index in text.indices where text[index] == UInt8(ascii: ":") {
            if colon != nil {
                self.init(readingIPv6: text)
                return
            }
            colon = index
        }
        guard let number = Self.ipv4(text.extracting(0..<(colon ?? text.count))) else { return nil }
        self.init(ipv4: number)
    }

    private static func ipv4(_ text: Span<UInt8>) -> UInt32? {
        var (number, octet, digits, dots): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // One zero may stand alone, and leads nothing.
                if digits == 1, octet == 0 { return nil }
                octet = octet * 10 + UInt32(text[index] - UInt8(ascii: "0"))
                digits += 1
                guard octet <= 255 else { return nil }
            case UInt8(ascii: ".") where digits > 0 && dots < 3:
                number = number << 8 | octet
                (octet, digits, dots) = (0, 0, dots + 1)
            default: return nil
            }
        }
        return digits > 0 && dots == 3 ? number << 8 | octet : nil
    }

    private init?(readingIPv6 text: Span<UInt8>) {
        // The groups before the gap and behind it, and how many they are.
        var (head, tail): (UInt128, UInt128) = (0, 0)
        var (headCount, tailCount) = (0, 0)
        var hasGap = false
        var position = 0
        if text.count >= 2, text[0] == UInt8(ascii: ":"), text[1] == UInt8(ascii: ":") {
            hasGap = true
            position = 2
        }
        while position < text.count {
            let start = position
            var group: UInt128 = 0
            while position < text.count, position - start < 5, let digit = Self.hexadecimal(text[position]) {
                group = group << 4 | UInt128(digit)
                position += 1
            }
            guard position > start, position - start <= 4 else { return nil }
            var width = 1
            if position < text.count, text[position] == UInt8(ascii: ".") {
                guard let number = Self.ipv4(text.extracting(start..<text.count)) else { return nil }
                (group, width, position) = (UInt128(number), 2, text.count)
            }
            if hasGap { (tail, tailCount) = (tail << UInt128(16 * width) | group, tailCount + width) }
            if !hasGap { (head, headCount) = (head << UInt128(16 * width) | group, headCount + width) }
            guard headCount + tailCount <= 8 else { return nil }
            guard position < text.count else { break }
            guard text[position] == UInt8(ascii: ":"), position + 1 < text.count else { return nil }
            position += 1
            if text[position] == UInt8(ascii: ":") {
                guard !hasGap else { return nil }
                hasGap = true
                position += 1
            }
        }
        guard hasGap ? headCount + tailCount <= 7 : headCount == 8 else { return nil }
        self.init(family: .ipv6, bits: head << UInt128(16 * (8 - headCount)) | tail)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
