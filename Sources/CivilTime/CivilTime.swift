/// A second of the Gregorian calendar in UTC, as people write it.
package struct CivilTime: Hashable, Sendable, BitwiseCopyable {
    /// The year; 0 is the one before the year 1.
    package let year: Int64
    /// The month, from 1 to 12.
    package let month: Int64
    /// The day of the month, from 1.
    package let day: Int64
    /// The day of the week, from 0 for Sunday to 6.
    package let weekday: Int64
    /// The hour, from 0 to 23.
    package let hour: Int64
    /// The minute, from 0 to 59.
    package let minute: Int64
    /// The second, from 0 to 59.
    package let second: Int64

    /// Creates the time of a second counted from 1970-01-01T00:00:00Z; negative before it.
    package init(secondsSince1970: Int64) {
        let (days, rest) = secondsSince1970.floored(by: 86_400)
        // Years are counted from March, so that the leap day is the last of a year; 400 of them have 146,097 days, and
        // 719,468 lie between 0000-03-01 and 1970-01-01.
        let (era, dayOfEra) = (days + 719_468).floored(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        // The first of January 1970 was a Thursday.
        weekday = (days + 4).floored(by: 7).1
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
    }

    /// How many days lie between 1970-01-01 and a date; negative before it.
    ///
    /// - Parameters:
    ///   - year: The year, not negative.
    ///   - month: The month, from 1 to 12.
    ///   - day: The day of the month, from 1.
    /// - Returns: The number of days.
    package static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let yearFromMarch = month > 2 ? year : year - 1
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let leapDays =
            yearFromMarch.floored(by: 4).0 - yearFromMarch.floored(by: 100).0 + yearFromMarch.floored(by: 400).0
        return yearFromMarch * 365 + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1 - 719_468
    }

    /// The day of the week in three letters, such as `Sun`.
    package var weekdayName: StaticString {
        switch weekday {
        case 0: "Sun"
        case 1: "Mon"
        case 2: "Tue"
        case 3: "Wed"
        case 4: "Thu"
        case 5: "Fri"
        default: "Sat"
        }
    }

    /// The month in three letters, such as `Jan`.
    package var monthName: StaticString {
        switch month {
        case 1: "Jan"
        case 2: "Feb"
        case 3: "Mar"
        case 4: "Apr"
        case 5: "May"
        case 6: "Jun"
        case 7: "Jul"
        case 8: "Aug"
        case 9: "Sep"
        case 10: "Oct"
        case 11: "Nov"
        default: "Dec"
        }
    }
}

extension Int64 {
    /// The quotient towards minus infinity, and what is left.
    fileprivate func floored(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
