internal import LabKit
internal import LinuxSystem

/// What reads rules as text and brings them to the kernel of the calling thread's namespace.
protocol TextTool: AnyObject {
    /// Applies a text, which is complete before anything is measured.
    func apply(_ text: String, watchesMemory: Bool) throws -> SyncSample

    /// Ends what the tool started.
    func stop()
}

/// How long a tool may take, who may end it earlier, and where its input lies.
struct ToolSetting {
    let directory: String
    let timeout: Duration
    let check: () throws -> Void

    /// Writes the input of a tool, and returns where it is.
    func write(_ text: String) throws -> String {
        let path = "\(directory)/rules"
        try writeFile(text, at: path)
        return path
    }
}

/// A program that is started for every text, as kube-proxy does.
final class CommandTool: TextTool {
    private let command: [String]
    private let setting: ToolSetting

    init(_ command: [String], _ setting: ToolSetting) {
        self.command = command
        self.setting = setting
    }

    func apply(_ text: String, watchesMemory: Bool) throws -> SyncSample {
        let path = try setting.write(text)
        let run = try TimedCommand(
            command,
            input: path,
            timeout: setting.timeout,
            watchesMemory: watchesMemory,
            check: setting.check
        )
        guard run.isSuccess else {
            throw BenchFault("'\(command.joined(separator: " "))' ended with \(run.status): \(run.output.prefix(500))")
        }
        return SyncSample(
            began: run.began,
            duration: run.duration,
            processorTime: run.processorTime,
            peakBytes: watchesMemory ? run.peakResidentBytes : nil
        )
    }

    func stop() {}
}

/// A process that has libnftables loaded, and is told by a pipe what to apply.
///
/// It is one of its own, so that what it needs can be told from what the bench needs, and so that it can be ended.
final class LibraryTool: TextTool {
    private let process: LabProcess
    private let input: LabPipe
    private let setting: ToolSetting
    private var answers = 0

    /// Starts the process in the calling thread's namespace.
    ///
    /// - Parameters:
    ///   - setting: How long it may take, and where its input lies.
    ///   - lab: The lab, which ends it at the latest.
    ///   - program: This program, if it is not the one that runs.
    /// - Throws: Why it does not start.
    init(_ setting: ToolSetting, in lab: Lab, program: String? = nil) throws {
        self.setting = setting
        input = try lab.makePipe()
        let program = try program ?? symbolicLinkDestination(at: "/proc/self/exe")
        process = try lab.start(
            ["setpriv", "--pdeathsig", "KILL", "--", program, LibraryCommand.word],
            input: input,
            ready: LibraryCommand.readyLine
        )
        answers = process.lines.count
    }

    func apply(_ text: String, watchesMemory: Bool) throws -> SyncSample {
        let path = try setting.write(text)
        let began = ContinuousClock.now
        try input.write("\(path)\n")
        var nap = Duration.microseconds(200)
        while process.lines.count == answers {
            try setting.check()
            guard process.isRunning else { throw BenchFault("libnftables ended: \(process.output.suffix(500))") }
            guard ContinuousClock.now < began + setting.timeout else {
                process.kill()
                throw LabError.timedOut([NftablesLibrary.name], after: setting.timeout, output: "")
            }
            try pause(nap)
            nap = min(nap * 2, .milliseconds(20))
        }
        let answer = process.lines[answers]
        answers += 1
        guard let done = LibraryCommand.Answer(parsing: answer) else { throw BenchFault("libnftables: \(answer)") }
        return SyncSample(
            began: began,
            duration: done.duration,
            processorTime: done.processorTime,
            peakBytes: watchesMemory ? done.peakBytes : nil
        )
    }

    func stop() { process.stop() }
}
