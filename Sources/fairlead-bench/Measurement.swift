internal import NetworkAddress
internal import Telemetry

/// Durations of one case, and what was measured.
struct Measurement {
    let name: String
    let cluster: SyntheticCluster
    var samples: [Duration] = []

    init(_ name: String, _ cluster: SyntheticCluster) {
        self.name = name
        self.cluster = cluster
    }

    /// The sample below which the given share of all samples lies.
    func percentile(_ share: Double) -> Duration {
        let sorted = samples.sorted()
        guard let last = sorted.last else { return .zero }
        let index = Int((Double(sorted.count) * share).rounded(.up)) - 1
        return index < sorted.count ? sorted[max(0, index)] : last
    }

    /// The measurement as one of the results of a run.
    var json: String {
        func microseconds(_ duration: Duration) -> String { Self.decimal(duration.inSeconds * 1_000_000) }
        return """
            {"case": \(JSONText.quoted(name)), "subject": "fairlead", "services": \(cluster.services), \
            "endpoints": \(cluster.endpoints), "family": \(JSONText.quoted(cluster.family.description)), "unit": "us", \
            "p50": \(microseconds(percentile(0.5))), "p99": \(microseconds(percentile(0.99))), \
            "min": \(microseconds(percentile(0))), "max": \(microseconds(percentile(1))), \
            "count": \(samples.count)}
            """
    }

    /// The measurement as a row of the table on the terminal.
    var row: String {
        let cells = [percentile(0.5), percentile(0.99), percentile(0), percentile(1)].map(\.shortText)
        return Self.row(
            [name, "\(cluster.services)", "\(cluster.endpoints)", cluster.family.description] + cells
                + ["\(samples.count)"]
        )
    }

    /// The head of the table on the terminal.
    static let head = row(["case", "services", "endpoints", "family", "p50", "p99", "min", "max", "count"])

    private static func row(_ cells: [String]) -> String {
        let widths = [20, 9, 10, 7, 9, 9, 9, 9, 7]
        return zip(cells, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return index == 0 ? cell.0 + padding : padding + cell.0
        }.joined(separator: " ")
    }

    private static func decimal(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
