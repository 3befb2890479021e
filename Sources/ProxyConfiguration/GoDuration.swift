extension Duration {
    /// Reads a duration in Go's syntax, such as `30s`, `1h2m` or `1.5s`; nil when it is none.
    ///
    /// Numbers with a unit (`ns`, `us`, `µs`, `ms`, `s`, `m`, `h`) follow one another and add up, with one sign before
    /// them all; `0` needs no unit. What does not fit 64 bits of nanoseconds is none, as for Go's `time.ParseDuration`.
    package init?(goSyntax text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        let sign = rest.first
        let isNegative = sign == UInt8(ascii: "-")
        if isNegative || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
        if Array(rest) == [UInt8(ascii: "0")] {
            self = .zero
            return
        }
        guard !rest.isEmpty else { return nil }
        var sum: Int64 = 0
        while !rest.isEmpty {
            guard let part = Self.takePart(&rest) else { return nil }
            let (total, isTooLong) = sum.addingReportingOverflow(part)
            guard !isTooLong else { return nil }
            sum = total
        }
        self = .nanoseconds(isNegative ? -sum : sum)
    }

    /// Takes a number and its unit from the front; returns them in nanoseconds.
    private static func takePart(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let name = rest.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(name.count)
        guard let unit = units[String(decoding: name, as: UTF8.self)],
            let number = whole.isEmpty ? 0 : Int64(String(decoding: whole, as: UTF8.self))
        else { return nil }
        let (product, isTooLong) = number.multipliedReportingOverflow(by: unit)
        // Eighteen digits after the point are more than a nanosecond can show of any unit.
        let digits = fraction.prefix(18)
        var part: Int128 = 0
        var scale: Int128 = 1
        for digit in digits {
            part = part * 10 + Int128(digit - UInt8(ascii: "0"))
            scale *= 10
        }
        let (total, isTooLongAfterAll) = product.addingReportingOverflow(Int64(part * Int128(unit) / scale))
        return isTooLong || isTooLongAfterAll ? nil : total
    }

    private static var units: [String: Int64] {
        [
            "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000,
            "m": 60_000_000_000, "h": 3_600_000_000_000,
        ]
    }

    /// The duration as Go prints it: `30s`, `1h2m0s`, `1.5s`, `250ms`, `0s`.
    package var goSyntax: String {
        let total = wholeNanoseconds
        guard total != 0 else { return "0s" }
        let sign = total < 0 ? "-" : ""
        let rest = total.magnitude
        switch rest {
        case ..<1000: return "\(sign)\(rest)ns"
        case ..<1_000_000: return sign + Self.decimal(rest, digits: 3) + "µs"
        case ..<1_000_000_000: return sign + Self.decimal(rest, digits: 6) + "ms"
        default: break
        }
        let minutes = rest / 60_000_000_000
        let seconds = Self.decimal(rest % 60_000_000_000, digits: 9) + "s"
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    /// The duration in nanoseconds, cut to 64 bits.
    private var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return Int64(clamping: Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000))
    }

    /// A number of units that are split into ten to the power of `digits`, without zeros at the end.
    private static func decimal(_ number: UInt64, digits: Int) -> String {
        var scale: UInt64 = 1
        for _ in 0..<digits { scale *= 10 }
        let fraction = String(number % scale)
        let padded = String(repeating: "0", count: digits - fraction.count) + fraction
        guard let last = padded.lastIndex(where: { $0 != "0" }) else { return "\(number / scale)" }
        return "\(number / scale).\(padded[...last])"
    }
}
