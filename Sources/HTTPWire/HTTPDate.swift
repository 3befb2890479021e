/// A moment as HTTP writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
package struct HTTPDate: Sendable, BitwiseCopyable {
    /// The 29 characters.
    package private(set) var text = InlineArray<29, UInt8>(repeating: .space)

    /// Creates the text of a moment in the years 1970 to 9999; a moment outside them becomes the nearest one inside.
    package init(unixSeconds: Int64) {
        let seconds = min(max(unixSeconds, 0), Self.latest)
        let (days, secondOfDay) = seconds.quotientAndRemainder(dividingBy: 86400)
        let date = Self.civil(daysSinceEpoch: days)
        // 1 January 1970 was a Thursday.
        put(Self.weekdays[Int((days + 4) % 7)], at: 0)
        text[3] = UInt8(ascii: ",")
        put(number: date.day, at: 5, digits: 2)
        put(Self.months[Int(date.month) - 1], at: 8)
        put(number: date.year, at: 12, digits: 4)
        put(number: secondOfDay / 3600, at: 17, digits: 2)
        text[19] = UInt8(ascii: ":")
        put(number: secondOfDay / 60 % 60, at: 20, digits: 2)
        text[22] = UInt8(ascii: ":")
        put(number: secondOfDay % 60, at: 23, digits: 2)
        put("GMT", at: 26)
    }

    private mutating func put(_ word: String, at offset: Int) {
        var position = offset
        for byte in word.utf8 {
            text[position] = byte
            position += 1
        }
    }

    private mutating func put(number: Int64, at offset: Int, digits: Int) {
        var rest = number
        for position in (offset..<(offset + digits)).reversed() {
            text[position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    /// The date in the Gregorian calendar, counted in years that begin in March, so that a leap day comes last.
    private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let days = daysSinceEpoch + 719_468  // since 1 March of the year 0
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let latest: Int64 = 253_402_300_799  // the last second of 9999
}
