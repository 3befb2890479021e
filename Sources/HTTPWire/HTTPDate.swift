internal import CivilTime

/// A moment as HTTP writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
package struct HTTPDate: Sendable, BitwiseCopyable {
    /// The 29 characters.
    package private(set) var text = InlineArray<29, UInt8>(repeating: .space)

    /// Creates the text of a moment in the years 1970 to 9999; a moment outside them becomes the nearest one inside.
    package init(unixSeconds: Int64) {
        let seconds = min(max(unixSeconds, 0), Self.latest)
        let time = CivilTime(secondsSince1970: seconds)
        put(time.weekdayName, at: 0)
        text[3] = UInt8(ascii: ",")
        put(number: time.day, at: 5, digits: 2)
        put(time.monthName, at: 8)
        put(number: time.year, at: 12, digits: 4)
        put(number: time.hour, at: 17, digits: 2)
        text[19] = UInt8(ascii: ":")
        put(number: time.minute, at: 20, digits: 2)
        text[22] = UInt8(ascii: ":")
        put(number: time.second, at: 23, digits: 2)
        put("GMT", at: 26)
    }

    private mutating func put(_ word: StaticString, at offset: Int) {
        var position = offset
        for byte in word.description.utf8 {
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

    private static let latest: Int64 = 253_402_300_799  // the last second of 9999
}
