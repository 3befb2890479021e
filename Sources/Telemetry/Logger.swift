/// Writes log events of sufficient gravity to whatever it was given.
///
///     log.info("programmed", ["services": 12, "took": .duration(took)])
package struct Logger: Sendable {
    /// The least grave level that is written.
    package let threshold: LogLevel

    private let format: LogFormat
    private let now: @Sendable () -> WallTime
    private let write: @Sendable (String) -> Void

    /// Creates a logger.
    ///
    /// - Parameters:
    ///   - threshold: The least grave level that is written.
    ///   - format: How lines look.
    ///   - now: The clock.
    ///   - write: Takes one whole line with its line break. A failure to write is the writer's to answer: there is
    ///     nowhere to report it to.
    package init(
        threshold: LogLevel,
        format: LogFormat,
        now: @escaping @Sendable () -> WallTime,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.threshold = threshold
        self.format = format
        self.now = now
        self.write = write
    }

    /// Whether events of a level are written, for work that only a log line needs.
    package func writes(_ level: LogLevel) -> Bool { level <= threshold }

    /// Writes an event that stays broken until someone acts.
    package func error(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        record(.error, message, fields)
    }

    /// Writes an event that is wrong, but that the program outlives.
    package func warning(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        record(.warning, message, fields)
    }

    /// Writes an ordinary event.
    package func info(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        record(.info, message, fields)
    }

    /// Writes a detail; its words and fields are made only when it is written.
    package func debug(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
    ) {
        if writes(.debug) { record(.debug, message(), fields()) }
    }

    /// Writes an event whose fields were gathered in a list.
    package func record(_ level: LogLevel, _ message: String, _ fields: [LogField]) {
        guard writes(level) else { return }
        write(format.line(for: LogEvent(time: now(), level: level, message: message, fields: fields)) + "\n")
    }

    private func record(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, LogValue>) {
        guard writes(level) else { return }
        record(level, message, fields.map { LogField($0.key, $0.value) })
    }
}
