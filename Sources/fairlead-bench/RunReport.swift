internal import LinuxSystem

/// What a run of `sync` or `connect` gives: rows on the terminal as they come, and a file of raw results, which holds
/// what there is so far.
final class RunReport {
    let record: RunRecord
    private let path: String?
    private let progress = ProgressLine()
    private let stolenBefore = Machine.processorTicks

    /// Creates a report of a benchmark.
    ///
    /// - Parameters:
    ///   - bench: Its name.
    ///   - path: The file of raw results, if there is to be one.
    init(_ bench: String, to path: String? = nil) {
        record = RunRecord(bench: bench)
        self.path = path
        if let warning = Machine.warningOfLoad { record.warn(warning) }
    }

    /// Begins the table and the file: one that cannot be written is known before anything is measured.
    func start(versions: [(subject: String, version: String)]) throws {
        record.versions = versions
        try save()
        try StandardStream.output.write(Measurement.head + "\n")
    }

    /// Writes the file with all results so far.
    func save() throws {
        if let path { try writeFile(record.json, at: path) }
    }

    /// Ends the file: notes when other machines took time from this one.
    func finish() throws {
        if let warning = Machine.warningOfTheft(since: stolenBefore) { record.warn(warning) }
        try save()
    }

    /// Tells what is measured at the moment.
    func show(_ text: String) { progress.show(text) }

    /// Takes what was told away.
    func clear() { progress.clear() }

    /// Adds a result, and how much of its time was spent on processors.
    func add(_ measurement: Measurement, cpu: Measurement? = nil) {
        record.results += [measurement, cpu].compactMap { $0?.json }
        progress.clear()
        // A table that nobody takes is no reason to stop measuring.
        try? StandardStream.output.write(measurement.row(cpu: cpu) + "\n")
    }

    /// Notes that a subject has no result.
    func leaveOut(_ subject: String, services: Int? = nil, _ reason: String) {
        progress.clear()
        record.leaveOut(subject, at: services, reason)
    }
}
