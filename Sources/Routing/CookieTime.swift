internal import ByteBuffers

/// A time as cookies have it: `Thu, 18-Nov-10 11:27:35 GMT`, with four digits for years after 2037.
struct CookieTime {
    let secondsSince1970: Int64

    /// Appends the text.
    func write(into output: inout ByteBuffer) {
        let days = secondsSince1970 >= 0 ? secondsSince1970 / 86_400 : (secondsSince1970 - 86_399) / 86_400
        let second = secondsSince1970 - days * 86_400
        let (year, month, day) = Self.date(days: days)
        // The first of January 1970 was a Thursday.
        output.append(Self.weekdays[Int((days % 7 + 7) % 7)])
        output.append(", ")
        Self.writeTwoDigits(day, into: &output)
        output.append("-")
        output.append(Self.months[Int(month - 1)])
        output.append("-")
        if year > 2037 { output.append(decimal: year) } else { Self.writeTwoDigits(year % 100, into: &output) }
        output.append(" ")
        Self.writeTwoDigits(second / 3600, into: &output)
        output.append(":")
        Self.writeTwoDigits(second / 60 % 60, into: &output)
        output.append(":")
        Self.writeTwoDigits(second % 60, into: &output)
        output.append(" GMT")
    }

    // Counted in years that begin on the first of March, so that a leap day is a year's last; a cycle of the Gregorian
    // calendar has 400 years or 146,097 days, and day 0 of the first is 719,468 days before 1970.
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let cycle = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfCycle = shifted - cycle * 146_097
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month, day)
    }

    private static func writeTwoDigits(_ number: Int64, into output: inout ByteBuffer) {
        output.append(UInt8(ascii: "0") + UInt8(number / 10))
        output.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private static let weekdays: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
