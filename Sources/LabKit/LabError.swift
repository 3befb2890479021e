package import LinuxSystem
package import NetworkAddress

/// Why a lab could not do what a test asked for: a fault of the machine or of the test, not of the product.
package enum LabError: Error, CustomStringConvertible {
    case notStarted([String], Errno)
    case timedOut([String], after: Duration, output: String)
    case failed([String], CommandResult)
    case ended([String], String, output: String)
    case silent([String], awaited: String, after: Duration, output: String)
    case file(String, Errno)
    case programMissing(String, directory: String)
    case badSummary(String)
    case mute(TransportAddress, String)

    package var description: String {
        switch self {
        case .notStarted(let command, let error):
            "cannot start '\(words(command))': \(error)"
        case .timedOut(let command, let time, let output):
            "'\(words(command))' did not end within \(time); it printed: \(output)"
        case .failed(let command, let result):
            "'\(words(command))' failed with status \(result.status): \(result.error)\(result.output)"
        case .ended(let command, let ending, let output):
            "'\(words(command))' ended too early (\(ending)); it printed: \(output)"
        case .silent(let command, let awaited, let time, let output):
            "'\(words(command))' did not print '\(awaited)' within \(time); it printed: \(output)"
        case .file(let path, let error):
            "\(path): \(error)"
        case .programMissing(let name, let directory):
            "there is no \(name) in \(directory): build it with 'swift build --product \(name)', "
                + "or name its directory in FAIRLEAD_BIN_DIR"
        case .badSummary(let text):
            "fairlead-echo probe printed no summary: \(text)"
        case .mute(let peer, let what):
            "\(peer) did not do what the test waits for: \(what)"
        }
    }

    private func words(_ command: [String]) -> String { command.joined(separator: " ") }
}

/// What a command printed and how it ended.
package struct CommandResult: Sendable {
    /// The exit status; 128 plus the signal when a signal ended it, as shells count.
    package let status: Int32
    /// What it wrote to its standard output.
    package let output: String
    /// What it wrote to its standard error.
    package let error: String

    /// Whether the command says that it succeeded.
    package var isSuccess: Bool { status == 0 }
}
