internal import LinuxSystem
internal import Telemetry

/// What a run gives: rows on the terminal as they come, and a file of raw results, which holds what there is so far.
final class RunReport {
    private let benchmark: String
    private let path: String?
    private var versions: [String: String] = [:]
    private var results: [String] = []
    private var leftOut: [String] = []

    /// Creates a report of a benchmark.
    ///
    /// - Parameters:
    ///   - benchmark: Its name.
    ///   - path: The file of raw results, if there is to be one.
    init(_ benchmark: String, to path: String? = nil) {
        self.benchmark = benchmark
        self.path = path
    }

    /// Begins the table and the file: one that cannot be written is known before anything is measured.
    func start(versions: [String: String]) throws {
        self.versions = versions
        try save()
        try StandardStream.output.write(Measurement.head + "\n")
    }

    /// Writes the file with all results so far.
    func save() throws {
        if let path { try writeFile(json, at: path) }
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
