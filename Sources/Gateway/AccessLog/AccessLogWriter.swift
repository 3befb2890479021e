package import ByteBuffers
package import LinuxSystem
internal import Synchronization
package import Telemetry

/// Writes the access log, on a thread of its own: no worker ever waits for a disk or a reader.
///
/// ```
///  worker ──handOver──▶ queue (at most queueBytesMax) ──swap──▶ thread ──write──▶ file
/// ```
///
/// Workers hand over whole lines, many at a time. When the queue is full what comes is dropped and counted: a log that
/// cannot be written must not stop the traffic. The bytes are copied once, and both buffers live on.
package final class AccessLogWriter: Sendable {
    private let queue: AccessLogQueue
    private let thread: Mutex<Thread?>

    /// Opens the log and starts the thread.
    ///
    /// - Parameters:
    ///   - path: The file; nil means the standard output.
    ///   - queueBytesMax: How much may wait to be written.
    ///   - log: Is told once when writing fails or lines are dropped, and once when that is over.
    /// - Throws: Why the file cannot be opened, or there is no thread or descriptor left.
    package init(path: String?, queueBytesMax: Int = 8 * 1024 * 1024, log: Logger) throws(Errno) {
        let file = try AccessLogFile(path: path)
        let queue = try AccessLogQueue(bytesMax: queueBytesMax)
        self.queue = queue
        let loop = AccessLogLoop(queue: queue, file: file, log: log)
        thread = Mutex(try Thread("fairlead-log") { loop.run() })
    }

    deinit { close() }

    /// What was written and what was not.
    package var numbers: AccessLogNumbers { queue.numbers }

    /// Takes all lines out of a worker's buffer, which keeps its storage; returns at once.
    package func handOver(_ buffer: inout ByteBuffer) {
        if buffer.isEmpty { return }
        queue.append(buffer.bytes)
        buffer.removeAll()
    }

    /// Opens the file anew by its path, after what was handed over so far has gone to the old one.
    ///
    /// If that fails the old one stays in use and the logger is told. The standard output is left alone.
    package func reopen() { queue.ask(for: .reopening) }

    /// Writes what was handed over and ends; whatever is handed over later is dropped.
    ///
    /// - Parameter limit: How long to wait for a file that does not take it.
    package func close(within limit: Duration = .seconds(5)) {
        // Only the first caller finds the thread.
        guard let thread = thread.withLock({ $0.take() }) else { return }
        queue.ask(for: .end)
        // A thread that hangs in a write is left behind: nothing can end it, and it holds nothing that others need.
        if queue.awaitEnd(within: limit) { thread.join() }
    }
}

/// What became of the lines of the access log.
package struct AccessLogNumbers: Hashable, Sendable {
    /// The bytes that were written.
    package var bytesWritten: UInt64 = 0
    /// The lines for which the queue had no room, or that came after the end.
    package var linesDropped: UInt64 = 0
    /// The lines that could not be written, or not whole.
    package var linesLost: UInt64 = 0
    /// The writes that failed.
    package var failedWrites: UInt64 = 0

    /// Creates the numbers of a log that has just begun.
    package init() {}
}

/// Counts the lines among bytes; a last one without a line break counts as well.
func lineCount(_ bytes: Span<UInt8>, from offset: Int = 0) -> UInt64 {
    var count: UInt64 = 0
    for index in offset..<bytes.count where bytes[index] == UInt8(ascii: "\n") { count += 1 }
    if offset < bytes.count, bytes[bytes.count - 1] != UInt8(ascii: "\n") { count += 1 }
    return count
}
