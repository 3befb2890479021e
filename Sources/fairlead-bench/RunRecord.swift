internal import LinuxSystem
internal import Telemetry

/// What a run leaves behind for those who compare: results, and what they were measured with.
final class RunRecord {
    let bench: String
    /// Subjects and what they say of their versions.
    var versions: [(subject: String, version: String)] = []
    /// The results, each as JSON.
    var results: [String] = []
    private(set) var warnings: [String] = []
    private(set) var leftOut: [(subject: String, reason: String)] = []
    private let began = wallClockNanoseconds()

    init(bench: String) { self.bench = bench }

    /// Notes why the numbers may say less than they seem to, and prints it.
    func warn(_ text: String) {
        warnings.append(text)
        // Complaints that nobody takes are no reason to stop measuring.
        try? StandardStream.error.write("warning: \(text)\n")
    }

    /// Notes that a subject is not measured, and prints it.
    func leaveOut(_ subject: String, _ reason: String) {
        leftOut.append((subject, reason))
        try? StandardStream.error.write("\(subject) is left out: \(reason)\n")
    }

    /// The run as JSON.
    var json: String {
        let started = WallTime(seconds: began / 1_000_000_000)
        let versions = versions.map { "\(JSONText.quoted($0.subject)): \(JSONText.quoted($0.version))" }
        let leftOut = leftOut.map { entry in
            "{\"subject\": \(JSONText.quoted(entry.subject)), \"reason\": \(JSONText.quoted(entry.reason))}"
        }
        return """
            {"benchmark": \(JSONText.quoted(bench)), "started": \(JSONText.quoted(started.description)), \
            "machine": \(Machine.json), \
            "command": \(JSONText.quoted(CommandLine.arguments.joined(separator: " "))), \
            "versions": {\(versions.joined(separator: ", "))}, \
            "warnings": [\(warnings.map(JSONText.quoted).joined(separator: ", "))], \
            "leftOut": [\(leftOut.joined(separator: ", "))], "results": [
            \(results.joined(separator: ",\n"))
            ]}

            """
    }
}
