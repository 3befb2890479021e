internal import CommandLineOptions
internal import LabKit
internal import LinuxSystem

/// `fairlead-bench libnftables`: the process behind the peer of that name, which is told what to apply line by line.
enum LibraryCommand {
    static let word = "libnftables"
    static let readyLine = "ready"

    static let declaration = Command(
        "fairlead-bench \(word)",
        "Applies nft commands through libnftables: reads the paths of files from its input, a line each, and prints how "
            + "long each took. 'sync' starts it for its peer of that name.",
        options: []
    )

    /// What the process says of a text that it has applied.
    struct Answer {
        let duration: Duration
        let processorTime: Duration
        let peakBytes: Int

        init(duration: Duration, processorTime: Duration, peakBytes: Int) {
            self.duration = duration
            self.processorTime = processorTime
            self.peakBytes = peakBytes
        }

        /// Reads a line; nil when it is a complaint.
        init?(parsing line: Substring) {
            let words = line.split(separator: " ")
            guard words.count == 4, words[0] == "done", let duration = Int64(words[1]), let time = Int64(words[2]),
                let bytes = Int(words[3])
            else { return nil }
            self.init(duration: .nanoseconds(duration), processorTime: .nanoseconds(time), peakBytes: bytes)
        }

        var line: String { "done \(Self.nanoseconds(duration)) \(Self.nanoseconds(processorTime)) \(peakBytes)\n" }

        private static func nanoseconds(_ duration: Duration) -> Int64 {
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
        }
    }

    static func run() throws {
        let library = try NftablesLibrary()
        let input = try FileDescriptor.open(forReading: "/proc/self/fd/0")
        try StandardStream.output.write("\(readyLine)\n")
        var rest: [UInt8] = []
        while true {
            var waits = [Readiness(of: input.number, reading: true)]
            _ = try Readiness.wait(for: &waits, timeout: nil)
            let piece = try input.read(upTo: 4096)
            if piece.isEmpty { return }
            rest += piece
            while let end = rest.firstIndex(of: 10) {
                let path = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeSubrange(...end)
                try StandardStream.output.write(try apply(path, with: library))
            }
        }
    }

    /// Applies a file, and returns the line to print.
    private static func apply(_ path: String, with library: NftablesLibrary) throws -> String {
        let text = try readFile(at: path)
        let processorBefore = threadProcessorTime()
        let began = ContinuousClock.now
        do {
            try library.run(text)
        } catch {
            return error.description.split(separator: "\n").joined(separator: "; ") + "\n"
        }
        let duration = ContinuousClock.now - began
        let processorTime = threadProcessorTime() - processorBefore
        let peak = try readFile(at: "/proc/self/status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kibibytes = peak.flatMap { Int($0.filter(\.isNumber)) } ?? 0
        return Answer(duration: duration, processorTime: processorTime, peakBytes: kibibytes * 1024).line
    }
}
