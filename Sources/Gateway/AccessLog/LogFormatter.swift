package import ByteBuffers
internal import NetworkAddress
internal import Telemetry

/// Makes lines of the access log from records.
///
/// Each worker has its own. Nothing that a client or a backend sends can end a line or forge another one.
package struct LogFormatter: ~Copyable {
    private let format: AccessLogFormat
    var time = LogTime()

    /// Creates a formatter.
    package init(_ format: AccessLogFormat) { self.format = format }

    /// Appends the line of an exchange, with its line break.
    package mutating func append(_ record: borrowing LogRecord, to buffer: inout ByteBuffer) {
        time.turn(to: record.time)
        switch format {
        case .upstreamInfo: appendText(record, to: &buffer)
        case .json: appendJSON(record, to: &buffer)
        }
    }

    private func appendText(_ record: borrowing LogRecord, to buffer: inout ByteBuffer) {
        buffer.append(record.remoteAddress)
        buffer.append(" - ")
        buffer.append(textOrDash: record.remoteUser)
        buffer.append(" [")
        buffer.append(time.local.bytes)
        buffer.append("] \"")
        appendRequest(record, to: &buffer)
        buffer.append("\" ")
        buffer.append(status: record.status)
        buffer.append(UInt8(ascii: " "))
        buffer.append(decimal: record.bodyBytesSent)
        buffer.append(" \"")
        buffer.append(textOrDash: record.referer)
        buffer.append("\" \"")
        buffer.append(textOrDash: record.userAgent)
        buffer.append("\" ")
        buffer.append(decimal: record.requestLength)
        buffer.append(UInt8(ascii: " "))
        buffer.append(seconds: record.requestTime)
        buffer.append(" [")
        buffer.append(escapingForText: record.upstreamName)
        buffer.append("] [")
        buffer.append(escapingForText: record.alternativeUpstreamName)
        buffer.append("] ")
        appendAttempts(record.attempts, to: &buffer)
        buffer.append(textOrDash: record.requestID)
        buffer.append(UInt8(ascii: "\n"))
    }

    /// The request line as it came, or as it would have looked in HTTP/1.
    private func appendRequest(_ record: borrowing LogRecord, to buffer: inout ByteBuffer) {
        buffer.append(escapingForText: record.method)
        if !record.method.isEmpty { buffer.append(UInt8(ascii: " ")) }
        buffer.append(escapingForText: record.target)
        if !record.version.isEmpty { buffer.append(UInt8(ascii: " ")) }
        buffer.append(escapingForText: record.version)
    }

    /// Four lists, in each of which attempts are parted by a comma and a space, and a space behind each list.
    private func appendAttempts(_ attempts: Span<UpstreamAttempt>, to buffer: inout ByteBuffer) {
        guard !attempts.isEmpty else { return buffer.append("- - - - ") }
        for index in attempts.indices {
            if index > 0 { buffer.append(", ") }
            buffer.append(attempts[index].address)
        }
        buffer.append(UInt8(ascii: " "))
        for index in attempts.indices {
            if index > 0 { buffer.append(", ") }
            buffer.append(decimal: attempts[index].responseLength)
        }
        buffer.append(UInt8(ascii: " "))
        for index in attempts.indices {
            if index > 0 { buffer.append(", ") }
            buffer.append(secondsOrDash: attempts[index].responseTime)
        }
        buffer.append(UInt8(ascii: " "))
        for index in attempts.indices {
            if index > 0 { buffer.append(", ") }
            buffer.append(statusOrDash: attempts[index].status)
        }
        buffer.append(UInt8(ascii: " "))
    }
}

extension ByteBuffer {
    fileprivate mutating func append(textOrDash text: Span<UInt8>?) {
        if let text { append(escapingForText: text) } else { append(UInt8(ascii: "-")) }
    }

    fileprivate mutating func append(secondsOrDash milliseconds: Int64) {
        if milliseconds < 0 { append(UInt8(ascii: "-")) } else { append(seconds: milliseconds) }
    }

    fileprivate mutating func append(statusOrDash status: UInt16) {
        if status == 0 { append(UInt8(ascii: "-")) } else { append(decimal: Int64(status)) }
    }

    /// Three digits at least.
    fileprivate mutating func append(status: UInt16) {
        append(threeDigits: UInt32(status))
    }

    /// Appends milliseconds as seconds with three decimals.
    mutating func append(seconds milliseconds: Int64) {
        let (seconds, rest) = max(milliseconds, 0).quotientAndRemainder(dividingBy: 1000)
        append(decimal: seconds)
        append(UInt8(ascii: "."))
        append(threeDigits: UInt32(rest))
    }

    /// Appends a number below 1000 with leading zeros.
    mutating func append(threeDigits number: UInt32) {
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 100 % 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10 % 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}
