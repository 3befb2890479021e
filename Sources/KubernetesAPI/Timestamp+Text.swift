extension Timestamp {
    /// How exactly a moment is written.
    package enum Precision: Sendable {
        /// Whole seconds, as `metav1.Time` is written.
        case seconds
        /// Microseconds, as `metav1.MicroTime` is written.
        case microseconds
    }

    /// The moment as RFC 3339 text in UTC, such as `2026-11-21T10:00:00Z`; what is finer is cut off.
    package func rfc3339(_ precision: Precision = .seconds) -> String {
        let (days, rest) = seconds.flooredQuotientAndRemainder(by: 86_400)
        let (year, month, day) = Self.date(daysSince1970: days)
        var text = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T"
        text += "\(Self.padded(rest / 3600, 2)):\(Self.padded(rest / 60 % 60, 2)):\(Self.padded(rest % 60, 2))"
        if case .microseconds = precision { text += ".\(Self.padded(Int64(nanoseconds / 1000), 6))" }
        return text + "Z"
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// The date in the Gregorian calendar, found in years from March, so that the leap day is the last of a year.
    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 719,468 days lie between 0000-03-01 and 1970-01-01; 400 years have 146,097.
        let (era, dayOfEra) = (days + 719_468).flooredQuotientAndRemainder(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    /// The quotient towards minus infinity, and what is left.
    fileprivate func flooredQuotientAndRemainder(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
