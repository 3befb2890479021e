internal import Glibc
internal import LinuxSystem

/// A program that ran to its end, and what that took: for benches, where a poll for its end would be in the numbers.
package struct TimedCommand: Sendable {
    /// The exit status; 128 plus the signal when a signal ended it, as shells count.
    package let status: Int32
    /// The beginning of what it printed, to its output and its errors alike.
    package let output: String
    /// When it was started.
    package let began: ContinuousClock.Instant
    /// From the start to the end.
    package let duration: Duration
    /// Its time on processors, with the kernel's for it.
    package let processorTime: Duration
    /// The most memory in RAM that was seen of it, in bytes; 0 when nobody looked.
    package let peakResidentBytes: Int

    /// Whether the command says that it succeeded.
    package var isSuccess: Bool { status == 0 }

    /// How much of the output is kept by default.
    private static let usualOutputBytes = 64 * 1024

    /// How often somebody looks whether the run is still wanted.
    private static let checkPause = Duration.milliseconds(100)

    /// How often memory is looked at.
    private static let memoryPause = Duration.milliseconds(5)

    /// Runs a program from the calling thread's network namespace, and waits for its end.
    ///
    /// The end of its output wakes the caller, so that the time is exact.
    ///
    /// - Parameters:
    ///   - command: The words; the first is a path, or a name to look for in `PATH`.
    ///   - input: The file that is its standard input.
    ///   - timeout: How long it may take; then it is ended.
    ///   - outputBytesMax: How much of its output is kept.
    ///   - watchesMemory: Whether to look at its memory while it runs.
    ///   - check: Called now and then; when it throws, the program is ended.
    /// - Throws: `LabError` when it cannot be started or does not end in time, or what `check` throws.
    package init(
        _ command: [String],
        input: String = "/dev/null",
        timeout: Duration,
        outputBytesMax: Int? = nil,
        watchesMemory: Bool = false,
        check: () throws -> Void
    ) throws {
        var ends: [Int32] = [-1, -1]
        // The array holds the two numbers that the call writes.
        guard unsafe pipe(&ends) == 0 else { throw LabError.notStarted(command, .current) }
        let reading = FileDescriptor(owning: ends[0])
        // Other children must not hold the pipe open, nor this one its reading end.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(reading.number, F_SETFL, O_NONBLOCK)
        let child: ChildProcess
        let started: ContinuousClock.Instant
        do {
            let writing = FileDescriptor(owning: ends[1])
            started = .now
            // The child opens the pipe by its number, which it has until it becomes the program.
            let path = "/proc/self/fd/\(writing.number)"
            child = try ChildProcess(command, input: input, output: path, error: path)
        }
        began = started
        let deadline = started + timeout
        let limit = outputBytesMax ?? Self.usualOutputBytes
        let status = watchesMemory ? "/proc/\(child.pid)/status" : nil
        var peak = 0
        var bytes: [UInt8] = []
        while true {
            var waits = [Readiness(of: reading.number, reading: true)]
            if try Readiness.wait(for: &waits, timeout: watchesMemory ? Self.memoryPause : Self.checkPause) {
                let piece = try reading.read(upTo: 64 * 1024)
                if piece.isEmpty { break }
                if bytes.count < limit { bytes += piece.prefix(limit - bytes.count) }
            }
            if let status { peak = max(peak, Self.peakBytes(at: status)) }
            try check()
            guard ContinuousClock.now < deadline else {
                child.signal(SIGKILL)
                throw LabError.timedOut(command, after: timeout, output: String(decoding: bytes, as: UTF8.self))
            }
        }
        // What closes its output last is a program that ends: there is nothing to wait for but the kernel.
        while child.poll() == nil {
            guard ContinuousClock.now < deadline else {
                throw LabError.timedOut(command, after: timeout, output: String(decoding: bytes, as: UTF8.self))
            }
            sched_yield()
        }
        duration = .now - started
        processorTime = child.processorTime
        peakResidentBytes = peak
        output = String(decoding: bytes, as: UTF8.self)
        self.status = child.poll().map(LabProcess.status) ?? -1
    }

    /// The most memory in RAM that a process had so far, in bytes; 0 when it is gone.
    private static func peakBytes(at path: String) -> Int {
        let line = (try? readFile(at: path))?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) * 1024
    }
}

/// The time of the calling thread on processors, with the kernel's for it.
///
/// The corresponding C clock is `CLOCK_THREAD_CPUTIME_ID`.
package func threadProcessorTime() -> Duration {
    var time = timespec()
    // The structure is the one that the call fills.
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
}
