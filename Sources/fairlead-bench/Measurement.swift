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
        return Self.table.row(
            [name, subject, "\(cluster.services)", "\(cluster.endpoints)", cluster.family.description] + cells
                + ["\(samples.count)", cpu.map { $0.text($0.median) } ?? ""]
        )
    }

    /// A number with its unit, as short as it can be said.
    private func text(_ number: Double) -> String {
        switch unit {
        case .microseconds: Duration.nanoseconds(Int64(number * 1000)).shortText
        case .bytes: "\(Self.decimal(number / 1_000_000))MB"
        case .connectionsPerSecond: "\(TerminalTable.grouped(number))/s"
        }
    }

    /// The head of the table on the terminal.
    static let head = table.head

    private static let table = TerminalTable(
        columns: [.init(title: "case", width: 17, isName: true), .init(title: "subject", width: 22, isName: true)]
            + [("services", 8), ("endpoints", 9), ("family", 6), ("p50", 8), ("p99", 8), ("min", 8), ("max", 8)].map {
                .init(title: $0.0, width: $0.1)
            } + [.init(title: "count", width: 6), .init(title: "cpu p50", width: 8)]
    )

    private static func decimal(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
