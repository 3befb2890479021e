internal import LinuxSystem
internal import Telemetry

/// What a run gives: rows on the terminal as they come, and a file of raw results at the end.
final class RunReport {
    private let benchmark: String
    private var versions: [String: String] = [:]
    private var results: [String] = []
    private var leftOut: [String] = []

    init(_ benchmark: String) { self.benchmark = benchmark }

    func start(versions: [String: String]) throws {
        self.versions = versions
        try StandardStream.output.write(Measurement.head + "\n")
    }

    /// Adds a result, and how much of its time was spent on processors.
    func add(_ measurement: Measurement, cpu: Measurement? = nil) {
        results += [measurement, cpu].compactMap { $0?.json }
        // A table that nobody takes is no reason to stop measuring.
        try? StandardStream.output.write(measurement.row(cpu: cpu) + "\n")
    }

    /// Notes that a subject has no result.
    func leaveOut(_ subject: String, services: Int?, _ reason: String) {
        let place = services.map { " at \($0) Services" } ?? ""
        try? StandardStream.error.write("\(subject) is left out\(place): \(reason)\n")
        leftOut.append(
            """
            {"subject": \(JSONText.quoted(subject)), "services": \(services.map { "\($0)" } ?? "null"), \
            "reason": \(JSONText.quoted(reason))}
            """
        )
    }

    /// The run as JSON.
    var json: String {
        let command = CommandLine.arguments.joined(separator: " ")
        let named = versions.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0)): \(JSONText.quoted($1))" }
        return """
            {"benchmark": \(JSONText.quoted(benchmark)), "machine": \(Machine.json), \
            "command": \(JSONText.quoted(command)), "versions": {\(named.joined(separator: ", "))}, "results": [
            \(results.joined(separator: ",\n"))
            ], "leftOut": [\(leftOut.joined(separator: ", "))]}

            """
    }
}
