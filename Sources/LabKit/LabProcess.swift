internal import Glibc

/// A program that runs in the background of a lab; it is killed when the lab or its last owner goes away.
package final class LabProcess {
    /// The words that started it.
    package let command: [String]

    private let child: ChildProcess
    private let logPath: String

    init(_ command: [String], input: String, logPath: String) throws {
        self.command = command
        self.logPath = logPath
        child = try ChildProcess(command, input: input, output: logPath, error: logPath)
    }

    /// The number of the process.
    package var pid: Int32 { child.pid }

    /// Whether it still runs.
    package var isRunning: Bool { child.poll() == nil }

    /// Everything that it printed so far, to its output and its errors alike.
    package var output: String { (try? LabFiles.read(logPath)) ?? "" }

    /// The lines that it printed so far.
    package var lines: [Substring] { output.split(separator: "\n") }

    /// Waits until it has printed a text, and returns the whole line.
    ///
    /// Lines before `start` (an index into `lines`) do not count: pass the count from before a change to wait for what
    /// the change makes it print. Throws when the program ends or the time is over first.
    @discardableResult
    package func waitForLine(
        containing text: String,
        after start: Int = 0,
        timeout: Duration = .seconds(20)
    ) throws -> Substring {
        let deadline = ContinuousClock.now + timeout
        while true {
            // Whether it runs is asked first: what it printed last must be seen before its end counts.
            let ending = child.poll()
            if let line = lines.dropFirst(start).first(where: { $0.contains(text) }) { return line }
            if let ending { throw LabError.ended(command, "\(ending)", output: output) }
            guard ContinuousClock.now < deadline else {
                throw LabError.silent(command, awaited: text, after: timeout, output: output)
            }
            usleep(2000)
        }
    }

    /// Asks it to end (`SIGTERM`), kills it if it does not, and returns its exit status as shells count.
    @discardableResult
    package func stop(timeout: Duration = .seconds(5)) -> Int32 {
        child.signal(SIGTERM)
        if let ending = child.wait(until: ContinuousClock.now + timeout) { return Self.status(of: ending) }
        return kill()
    }

    /// Ends it on the spot (`SIGKILL`), as a crash would.
    @discardableResult
    package func kill() -> Int32 {
        child.signal(SIGKILL)
        return child.wait(until: ContinuousClock.now + .seconds(5)).map(Self.status) ?? -1
    }

    /// Sends it a signal.
    package func signal(_ number: Int32) { child.signal(number) }

    /// Waits for it to end by itself, and returns its exit status; nil when it did not in time.
    package func waitForEnd(timeout: Duration = .seconds(20)) -> Int32? {
        child.wait(until: ContinuousClock.now + timeout).map(Self.status)
    }

    static func status(of ending: ChildProcess.Ending) -> Int32 {
        switch ending {
        case .exited(let status): status
        case .killed(let signal): 128 + signal
        }
    }
}
