internal import CivilTime

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
        let time = CivilTime(secondsSince1970: seconds)
        let date = "\(padded(time.day, 2)) \(time.monthName) \(padded(time.year, 4))"
        return "\(time.weekdayName), \(date) \(Self.clock(time)) GMT"
    }

    private var dateAndClock: String {
        let time = CivilTime(secondsSince1970: seconds)
        return "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))T\(Self.clock(time))"
    }

    private static func clock(_ time: CivilTime) -> String {
        [time.hour, time.minute, time.second].map { padded($0, 2) }.joined(separator: ":")
    }

    package static func < (left: WallTime, right: WallTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

private func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
