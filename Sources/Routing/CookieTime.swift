internal import ByteBuffers
internal import CivilTime

/// A time as cookies have it: `Thu, 18-Nov-10 11:27:35 GMT`, with four digits for years after 2037.
struct CookieTime {
    let secondsSince1970: Int64

    /// Appends the text.
    func write(into output: inout ByteBuffer) {
        let time = CivilTime(secondsSince1970: secondsSince1970)
        output.append(time.weekdayName)
        output.append(", ")
        Self.writeTwoDigits(time.day, into: &output)
        output.append("-")
        output.append(time.monthName)
        output.append("-")
        if time.year > 2037 {
            output.append(decimal: time.year)
        } else {
            Self.writeTwoDigits(time.year % 100, into: &output)
        }
        output.append(" ")
        Self.writeTwoDigits(time.hour, into: &output)
        output.append(":")
        Self.writeTwoDigits(time.minute, into: &output)
        output.append(":")
        Self.writeTwoDigits(time.second, into: &output)
        output.append(" GMT")
    }

    private static func writeTwoDigits(_ number: Int64, into output: inout ByteBuffer) {
        output.append(UInt8(ascii: "0") + UInt8(number / 10))
        output.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
