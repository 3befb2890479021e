internal import CivilTime

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
        let time = CivilTime(secondsSince1970: seconds)
        var text = "\(Self.padded(time.year, 4))-\(Self.padded(time.month, 2))-\(Self.padded(time.day, 2))T"
        text += "\(Self.padded(time.hour, 2)):\(Self.padded(time.minute, 2)):\(Self.padded(time.second, 2))"
        if case .microseconds = precision { text += ".\(Self.padded(Int64(nanoseconds / 1000), 6))" }
        return text + "Z"
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
