/// A moment of the calendar's clock, counted from 1970 in UTC.
package struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
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

    /// The moment as RFC 3339 text in UTC with milliseconds, such as `2026-11-21T10:00:00.123Z`.
    package var description: String { "\(dateAndClock).\(padded(nanoseconds / 1_000_000, 3))Z" }

    /// The moment as RFC 3339 text in UTC with as many decimals as it takes, such as `2026-11-21T10:00:00.12Z`.
    ///
    /// It is what Go calls RFC3339Nano, and how Kubernetes' programs write a time in JSON.
    package var rfc3339Nano: String {
        var decimals = Substring(padded(nanoseconds, 9))
        while decimals.last == "0" { decimals.removeLast() }
        return decimals.isEmpty ? "\(dateAndClock)Z" : "\(dateAndClock).\(decimals)Z"
    }

    /// The moment as HTTP writes it (RFC 9110 §5.6.7), such as `Sat, 21 Nov 2026 10:00:00 GMT`.
    package var httpDate: String {
        let (days, second) = seconds.flooredQuotientAndRemainder(by: 86_400)
        let (year, month, day) = Self.civilDate(daysSince1970: days)
        let weekday = Self.weekdays[Int(days.flooredQuotientAndRemainder(by: 7).1)]
        let monthName = Self.months[Int(month) - 1]
        return "\(weekday), \(padded(day, 2)) \(monthName) \(padded(year, 4)) \(Self.clock(second)) GMT"
    }

    /// 1970 began on a Thursday.
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private var dateAndClock: String {
        let (days, second) = seconds.flooredQuotientAndRemainder(by: 86_400)
        let (year, month, day) = Self.civilDate(daysSince1970: days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(Self.clock(second))"
    }

    private static func clock(_ second: Int64) -> String {
        [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
    }

    package static func < (left: WallTime, right: WallTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The date in the Gregorian calendar.
    ///
    /// Years are counted from March, so that the leap day is the last day of a year and months follow one formula.
    private static func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let daysFromYearZero = daysSince1970 + 719_468  // 1970-01-01, counted from 0000-03-01
        let (era, dayOfEra) = daysFromYearZero.flooredQuotientAndRemainder(by: 146_097)  // 400 years
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}

private func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int64 {
    fileprivate func flooredQuotientAndRemainder(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
