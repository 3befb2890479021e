internal import ByteBuffers
internal import Telemetry

/// The text of the time, made once a second.
///
/// Time is told in UTC, as containers have it.
struct LogTime: ~Copyable {
    private var second = Int64.min
    /// The time as nginx's logs have it: `21/Nov/2026:10:00:00 +0000`.
    private(set) var local = ByteBuffer(capacity: 32)
    /// The beginning of RFC 3339 text: `2026-11-21T10:00:00`.
    private(set) var iso = ByteBuffer(capacity: 32)

    /// Makes the texts those of a moment.
    mutating func turn(to time: WallTime) {
        if time.seconds != second { render(time) }
    }

    @inline(never)
    private mutating func render(_ time: WallTime) {
        second = time.seconds
        // "Sat, 21 Nov 2026 10:00:00 GMT" holds all parts at known places.
        let date = Array(time.httpDate.utf8)
        local.removeAll()
        local.append(date.span, from: 5, count: 2)
        local.append("/")
        local.append(date.span, from: 8, count: 3)
        local.append("/")
        local.append(date.span, from: 12, count: 4)
        local.append(":")
        local.append(date.span, from: 17, count: 8)
        local.append(" +0000")
        iso.removeAll()
        iso.append(Array(time.description.utf8.prefix(19)))
    }
}
