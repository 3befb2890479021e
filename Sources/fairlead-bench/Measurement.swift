internal import NetworkAddress
internal import Telemetry

/// What was measured of one subject in one case, at one size of cluster: a number for each round.
struct Measurement {
    /// What a number counts.
    enum Unit: String {
        case microseconds = "us"
        case bytes
        case connectionsPerSecond = "connections-per-second"
    }

    let name: String
    let subject: String
    let unit: Unit
    let cluster: SyntheticCluster
    var samples: [Double] = []

    init(
        _ name: String,
        of subject: String,
        _ unit: Unit = .microseconds,
        at cluster: SyntheticCluster,
        samples: [Double] = []
    ) {
        self.name = name
        self.subject = subject
        self.unit = unit
        self.cluster = cluster
        self.samples = samples
    }

    mutating func append(_ duration: Duration) { samples.append(duration.inSeconds * 1_000_000) }

    /// The middle of the samples, or the mean of the two in the middle.
    var median: Double {
        let sorted = samples.sorted()
        if sorted.isEmpty { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The sample below which the given share of all samples lies.
    func percentile(_ share: Double) -> Double {
        let sorted = samples.sorted()
        guard let last = sorted.last else { return 0 }
        let index = Int((Double(sorted.count) * share).rounded(.up)) - 1
        return index < sorted.count ? sorted[max(0, index)] : last
    }

    /// The measurement as one of the results of a run.
    var json: String {
        """
        {"case": \(JSONText.quoted(name)), "subject": \(JSONText.quoted(subject)), "services": \(cluster.services), \
        "endpoints": \(cluster.endpoints), "family": \(JSONText.quoted(cluster.family.description)), \
        "unit": "\(unit.rawValue)", \
        "p50": \(Self.decimal(median)), "p99": \(Self.decimal(percentile(0.99))), \
        "min": \(Self.decimal(percentile(0))), "max": \(Self.decimal(percentile(1))), \
        "count": \(samples.count), "rounds": [\(samples.map(Self.decimal).joined(separator: ", "))]}
        """
    }

    /// The measurement as a row of the table on the terminal, with the median of the time on processors.
    func row(cpu: Measurement?) -> String {
        let cells = [median, percentile(0.99), percentile(0), percentile(1)].map(text)
        return Self.row(
            [name, subject, "\(cluster.services)", "\(cluster.endpoints)", cluster.family.description] + cells
                + ["\(samples.count)", cpu.map { $0.text($0.median) } ?? ""]
        )
    }

    /// A number with its unit, as short as it can be said.
    private func text(_ number: Double) -> String {
        switch unit {
        case .microseconds: Duration.nanoseconds(Int64(number * 1000)).shortText
        case .bytes: "\(Self.decimal(number / 1_000_000))MB"
        case .connectionsPerSecond: "\(Int(number.rounded()))/s"
        }
    }

    /// The head of the table on the terminal.
    static let head = row([
        "case", "subject", "services", "endpoints", "family", "p50", "p99", "min", "max", "count", "cpu p50",
    ])

    private static func row(_ cells: [String]) -> String {
        let widths = [18, 22, 8, 9, 6, 8, 8, 8, 8, 6, 8]
        return zip(cells, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return index < 2 ? cell.0 + padding : padding + cell.0
        }.joined(separator: " ")
    }

    private static func decimal(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
