internal import ByteBuffers
internal import LinuxSystem
internal import Synchronization

/// What waits to be written, between the workers and the writing thread.
final class AccessLogQueue: Sendable {
    /// What the thread is asked to do besides writing.
    enum Request: Sendable {
        case reopening
        case end
    }

    private struct State: ~Copyable {
        var waiting = ByteBuffer(capacity: 64 * 1024)
        var numbers = AccessLogNumbers()
        var wantsReopening = false
        var wantsEnd = false
    }

    /// What the thread takes at a time.
    struct Errands {
        var reopens: Bool
        var ends: Bool
        /// How many lines were dropped up to now.
        var linesDropped: UInt64
    }

    private let bytesMax: Int
    private let state = Mutex(State())
    private let wakeup: Wakeup
    private let endBell: Wakeup

    init(bytesMax: Int) throws(Errno) {
        self.bytesMax = bytesMax
        wakeup = try Wakeup()
        endBell = try Wakeup()
    }

    var numbers: AccessLogNumbers { state.withLock { $0.numbers } }

    /// Takes bytes in if there is room, and counts their lines as dropped if not.
    func append(_ bytes: Span<UInt8>) {
        let rings = state.withLock { state in
            guard !state.wantsEnd, state.waiting.count + bytes.count <= bytesMax else {
                state.numbers.linesDropped += lineCount(bytes)
                return false
            }
            let wasEmpty = state.waiting.isEmpty
            state.waiting.append(bytes)
            // The thread takes all there is, so that one ring is enough.
            return wasEmpty
        }
        if rings { wakeup.ring() }
    }

    func ask(for request: Request) {
        state.withLock { state in
            switch request {
            case .reopening: state.wantsReopening = true
            case .end: state.wantsEnd = true
            }
        }
        wakeup.ring()
    }

    /// Waits until the thread has ended, and returns whether it has.
    func awaitEnd(within limit: Duration) -> Bool {
        var entries = [Readiness(of: endBell.descriptor, reading: true)]
        return (try? Readiness.wait(for: &entries, timeout: limit)) ?? false
    }

    // MARK: - For the thread

    /// Waits until there is something to do.
    func await() {
        var entries = [Readiness(of: wakeup.descriptor, reading: true)]
        // A wait without end fails only for lack of memory; then there may be work as well.
        _ = try? Readiness.wait(for: &entries, timeout: nil)
        wakeup.answer()
    }

    /// Exchanges an empty buffer for what waits.
    func take(into buffer: inout ByteBuffer) -> Errands {
        state.withLock { state in
            swap(&state.waiting, &buffer)
            defer { state.wantsReopening = false }
            return Errands(
                reopens: state.wantsReopening,
                ends: state.wantsEnd,
                linesDropped: state.numbers.linesDropped
            )
        }
    }

    var isAskedToEnd: Bool { state.withLock { $0.wantsEnd } }

    /// Counts what a write achieved.
    func count(bytesWritten: Int, linesLost: UInt64, failed: Bool) {
        state.withLock { state in
            state.numbers.bytesWritten += UInt64(bytesWritten)
            state.numbers.linesLost += linesLost
            if failed { state.numbers.failedWrites += 1 }
        }
    }

    func ended() { endBell.ring() }
}
