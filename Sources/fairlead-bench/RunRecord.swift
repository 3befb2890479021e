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
    private(set) var leftOut: [(subject: String, services: Int?, reason: String)] = []
    private let began = wallClockNanoseconds()

    init(bench: String) { self.bench = bench }

    /// Notes why the numbers may say less than they seem to, and prints it.
    func warn(_ text: String) {
        warnings.append(text)
        // Complaints that nobody takes are no reason to stop measuring.
        try? StandardStream.error.write("warning: \(text)\n")
    }

    /// Notes that a subject is not measured, or not at a number of Services, and prints it.
    func leaveOut(_ subject: String, at services: Int? = nil, _ reason: String) {
        leftOut.append((subject, services, reason))
        let place = services.map { " at \($0) Services" } ?? ""
        try? StandardStream.error.write("\(subject) is left out\(place): \(reason)\n")
    }

    /// The run as JSON.
    var json: String {
        let started = WallTime(seconds: began / 1_000_000_000)
        let versions = versions.map { "\(JSONText.quoted($0.subject)): \(JSONText.quoted($0.version))" }
        let leftOut = leftOut.map { entry in
            "{\"subject\": \(JSONText.quoted(entry.subject)), "
                + (entry.services.map { "\"services\": \($0), " } ?? "")
                + "\"reason\": \(JSONText.quoted(entry.reason))}"
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
