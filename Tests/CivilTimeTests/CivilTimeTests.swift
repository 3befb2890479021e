import CivilTime
import Testing

struct `A time of the calendar` {
    struct Row: Sendable, CustomTestStringConvertible {
        let seconds: Int64
        let date: [Int64]
        let weekday: String
        let month: String

        var testDescription: String { "\(seconds)" }
    }

    @Test(arguments: [
        Row(seconds: 0, date: [1970, 1, 1, 0, 0, 0], weekday: "Thu", month: "Jan"),
        Row(seconds: -1, date: [1969, 12, 31, 23, 59, 59], weekday: "Wed", month: "Dec"),
        Row(seconds: 784_111_777, date: [1994, 11, 6, 8, 49, 37], weekday: "Sun", month: "Nov"),
        Row(seconds: 951_782_400, date: [2000, 2, 29, 0, 0, 0], weekday: "Tue", month: "Feb"),
        Row(seconds: 4_107_542_400, date: [2100, 3, 1, 0, 0, 0], weekday: "Mon", month: "Mar"),
        Row(seconds: 253_402_300_799, date: [9999, 12, 31, 23, 59, 59], weekday: "Fri", month: "Dec"),
        Row(seconds: -62_167_219_200, date: [0, 1, 1, 0, 0, 0], weekday: "Sat", month: "Jan"),
    ])
    func `is what people would write`(row: Row) {
        let time = CivilTime(secondsSince1970: row.seconds)
        #expect([time.year, time.month, time.day, time.hour, time.minute, time.second] == row.date)
        #expect(time.weekdayName.description == row.weekday)
        #expect(time.monthName.description == row.month)
    }

    @Test func `every day of eight centuries follows the one before, and its number leads back to it`() {
        var (year, month, day, weekday): (Int64, Int64, Int64, Int64) = (1600, 1, 1, 6)
        let first = CivilTime.daysSince1970(year: 1600, month: 1, day: 1)
        let lengths: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var isRight = true
        for number in first..<(first + 2 * 146_097) {
            let time = CivilTime(secondsSince1970: number * 86_400 + 86_399)
            isRight = isRight && [time.year, time.month, time.day, time.weekday] == [year, month, day, weekday]
            isRight = isRight && CivilTime.daysSince1970(year: year, month: month, day: day) == number
            weekday = (weekday + 1) % 7
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > lengths[Int(month) - 1] + (isLeap && month == 2 ? 1 : 0) {
                day = 1
                month += 1
            }
            if month > 12 {
                month = 1
                year += 1
            }
        }
        #expect(isRight)
        #expect(year == 2400)
    }
}
