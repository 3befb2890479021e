/// One thing that happened, as a value: rendering is a matter of the format.
package struct LogEvent: Hashable, Sendable {
    /// When it happened.
    package var time: WallTime
    /// How grave it is.
    package var level: LogLevel
    /// What happened, in a few words without a full stop.
    package var message: String
    /// The particulars, in the order in which they are printed.
    package var fields: [LogField]

    /// Creates an event.
    package init(time: WallTime, level: LogLevel, message: String, fields: [LogField] = []) {
        self.time = time
        self.level = level
        self.message = message
        self.fields = fields
    }
}

/// A particular of a log event.
package struct LogField: Hashable, Sendable {
    /// The name: a word of letters, digits, `_`, `.` or `-`.
    package var name: String
    /// The value.
    package var value: LogValue

    /// Creates a field.
    package init(_ name: String, _ value: LogValue) {
        self.name = name
        self.value = value
    }
}

/// The value of a log field.
package enum LogValue: Hashable, Sendable {
    case text(String)
    case integer(Int)
    case boolean(Bool)
    /// A length of time: `1.2ms` in text, seconds as a number in JSON.
    case duration(Duration)

    /// Wraps whatever can describe itself: an address, an error, a name.
    package static func describing(_ value: some CustomStringConvertible) -> LogValue { .text(value.description) }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Makes `["service": "default/web"]` possible.
    package init(stringLiteral value: String) { self = .text(value) }

    /// Makes `["endpoints": 3]` possible.
    package init(integerLiteral value: Int) { self = .integer(value) }

    /// Makes `["full": true]` possible.
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
}
