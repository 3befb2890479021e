/// How log events are written, one line each.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-11-21T10:00:00.123Z INFO  programmed services=12 took=1.2ms`, for people.
    case text
    /// `{"time":"…","level":"info","message":"programmed","services":12,"took":0.0012}`, for collectors.
    case json

    /// Renders an event as one line without its line break.
    ///
    /// Nothing in an event can end the line or forge another one: control characters are escaped.
    package func line(for event: LogEvent) -> String {
        switch self {
        case .text: Self.textLine(event)
        case .json: Self.jsonLine(event)
        }
    }

    private static func textLine(_ event: LogEvent) -> String {
        let name = event.level == .warning ? "WARN" : event.level.description.uppercased()
        // Padded, so that messages stand in one column.
        var line = "\(event.time) \(name)" + String(repeating: " ", count: 6 - name.utf8.count)
        line += JSONText.escaped(event.message, quotes: false)
        for field in event.fields { line += " \(field.name)=\(text(field.value))" }
        return line
    }

    private static func text(_ value: LogValue) -> String {
        switch value {
        case .text(let text): isPlain(text) ? text : JSONText.quoted(text)
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        case .duration(let duration): duration.shortText
        }
    }

    /// Whether a value can stand without quotes and still be told from the next field.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7f && $0 != "\"" && $0 != "=" && $0 != "\\"
            }
    }

    private static func jsonLine(_ event: LogEvent) -> String {
        var line =
            "{\"time\":\"\(event.time)\",\"level\":\"\(event.level)\",\"message\":\(JSONText.quoted(event.message))"
        for field in event.fields { line += ",\(JSONText.quoted(field.name)):\(json(field.value))" }
        return line + "}"
    }

    private static func json(_ value: LogValue) -> String {
        switch value {
        case .text(let text): JSONText.quoted(text)
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        case .duration(let duration): NumberText.decimal(duration.inSeconds)
        }
    }
}
