internal import ByteBuffers
internal import LinuxSystem
internal import Telemetry

/// The work of the access log's thread: take what waits, write it, say what went wrong.
struct AccessLogLoop: Sendable {
    let queue: AccessLogQueue
    let file: AccessLogFile
    let log: Logger

    func run() {
        var writing = WritingState(file: file)
        var buffer = ByteBuffer(capacity: 64 * 1024)
        while true {
            queue.await()
            let errands = queue.take(into: &buffer)
            if !buffer.isEmpty { write(buffer.bytes, &writing) }
            report(linesDropped: errands.linesDropped, &writing)
            buffer.removeAll()
            // What a burst needed is given back.
            buffer.shrink(to: Self.keptBytesMax)
            if errands.reopens { reopen(&writing) }
            if errands.ends { break }
        }
        queue.ended()
    }

    /// What is remembered from one write to the next.
    private struct WritingState {
        var file: AccessLogFile
        /// Why the last write failed, if it did.
        var failure: Errno?
        /// Lines lost since writing failed.
        var linesLost: UInt64 = 0
        /// Whether the last line in the file has no line break, so that the next would continue it.
        var hasBrokenLine = false
        /// The lines dropped when last reported.
        var linesDropped: UInt64 = 0
    }

    private func write(_ bytes: Span<UInt8>, _ state: inout WritingState) {
        var offset = 0
        do throws(Errno) {
            if state.hasBrokenLine {
                let lineBreak: [1 of UInt8] = [UInt8(ascii: "\n")]
                _ = try writeSome(lineBreak.span, from: 0, state.file)
                state.hasBrokenLine = false
            }
            while offset < bytes.count { offset += try writeSome(bytes, from: offset, state.file) }
            queue.count(bytesWritten: bytes.count, linesLost: 0, failed: false)
            if state.failure != nil {
                log.info("access log is written again", ["linesLost": .integer(Int(clamping: state.linesLost))])
                state.failure = nil
                state.linesLost = 0
            }
        } catch {
            let lost = lineCount(bytes, from: offset)
            if offset > 0 { state.hasBrokenLine = bytes[offset - 1] != UInt8(ascii: "\n") }
            state.linesLost += lost
            queue.count(bytesWritten: offset, linesLost: lost, failed: true)
            // Once for each reason, not once for each line.
            if state.failure != error {
                log.error("access log cannot be written", ["file": name(state.file), "reason": .describing(error)])
            }
            state.failure = error
        }
    }

    /// Writes what the file takes at once; waits for a pipe that is full, until the end is asked for.
    private func writeSome(_ bytes: Span<UInt8>, from offset: Int, _ file: AccessLogFile) throws(Errno) -> Int {
        while true {
            do throws(Errno) {
                return try file.write(bytes, from: offset)
            } catch {
                guard error == .wouldBlock else { throw error }
                var entries = [Readiness(of: file.number, writing: true)]
                let isReady = try Readiness.wait(for: &entries, timeout: Self.patience)
                if !isReady, queue.isAskedToEnd { throw error }
            }
        }
    }

    /// Says how many lines the queue had no room for, now that there is room again.
    private func report(linesDropped: UInt64, _ state: inout WritingState) {
        guard linesDropped > state.linesDropped, state.failure == nil else { return }
        let count = linesDropped - state.linesDropped
        log.warning("access log lines dropped: it was written too slowly", ["lines": .integer(Int(clamping: count))])
        state.linesDropped = linesDropped
    }

    private func reopen(_ state: inout WritingState) {
        guard let path = state.file.path else { return }
        do throws(Errno) {
            state.file = try AccessLogFile(path: path)
            state.hasBrokenLine = false
            log.info("access log reopened", ["file": name(state.file)])
        } catch {
            log.error(
                "access log cannot be reopened, the old file stays in use",
                ["file": name(state.file), "reason": .describing(error)]
            )
        }
    }

    private func name(_ file: AccessLogFile) -> LogValue { .text(file.path ?? "standard output") }

    /// How long a full pipe is waited for before asking whether to end.
    private static let patience = Duration.milliseconds(200)
    /// The storage that an idle buffer keeps.
    private static let keptBytesMax = 1024 * 1024
}
