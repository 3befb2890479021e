internal import CivilTime

/// A moment as RFC 3339 text tells it, counted from 1970 in UTC.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int64
    /// Nanoseconds past the second, below 1,000,000,000.
    package let nanoseconds: Int32

    /// Creates a moment.
    ///
    /// - Precondition: `nanoseconds` is between 0 and 999,999,999.
    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        precondition((0..<1_000_000_000).contains(nanoseconds), "a second has 1,000,000,000 nanoseconds")
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Reads `2026-11-21T10:00:00Z`, with decimals and with an offset such as `+01:00` too; nil when it is none.
    ///
    /// Go writes times in annotations so (RFC3339Nano). Decimals past the ninth are cut off.
    package init?(rfc3339 text: some StringProtocol) {
        var reader = DigitReader(rest: Array(text.utf8)[...])
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
            reader.skip("-"), let day = reader.number(digits: 2), reader.skip("T"),
            let hour = reader.number(digits: 2), reader.skip(":"), let minute = reader.number(digits: 2),
            reader.skip(":"), let second = reader.number(digits: 2),
            (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60,
            // A leap second is the first moment of the next minute.
            second <= 60
        else { return nil }
        var nanoseconds: Int64 = 0
        if reader.skip(".") {
            guard let decimals = reader.decimals() else { return nil }
            nanoseconds = decimals
        }
        guard let offset = reader.offsetSeconds(), reader.rest.isEmpty else { return nil }
        let days = CivilTime.daysSince1970(year: year, month: month, day: day)
        self.init(
            seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset,
            nanoseconds: Int32(nanoseconds)
        )
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Takes digits from the front of ASCII text.
private struct DigitReader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// The digits behind a decimal point, at least one, as billionths.
    mutating func decimals() -> Int64? {
        guard var number = digit() else { return nil }
        var digits = 1
        while let next = digit() {
            if digits < 9 { number = number * 10 + next }
            digits += 1
        }
        for _ in min(digits, 9)..<9 { number *= 10 }
        return number
    }

    /// `Z`, or the sign, hours and minutes of an offset.
    mutating func offsetSeconds() -> Int64? {
        if skip("Z") { return 0 }
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2),
            hours < 24, minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - UInt8(ascii: "0"))
    }
}
