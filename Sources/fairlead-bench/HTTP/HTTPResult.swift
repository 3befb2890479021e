internal import Telemetry

/// What was measured of one subject in one case: a number for each round.
struct HTTPResult {
    /// What a number counts, and whether more of it is better.
    enum Unit: String {
        case requestsPerCPUSecond = "requests-per-cpu-second"
        case connectionsPerCPUSecond = "connections-per-cpu-second"
        case microseconds = "us"
        case bytesPerConnection = "bytes-per-connection"
        case bytes = "bytes"

        var isBetterWhenMore: Bool { self == .requestsPerCPUSecond || self == .connectionsPerCPUSecond }
    }

    let name: String
    let subject: HTTPSubject
    let unit: Unit
    var samples: [Double] = []
    /// The share of time that the subject was ready and had no processor, in the worst round.
    var waited = 0.0

    /// Notes how long a subject waited in a round; threads of one subject that wait for each other tell nothing.
    mutating func note(_ used: ProcessAccounts.Times) {
        guard subject.hasOneThread else { return }
        waited = max(waited, Double(used.waiting) / Double(max(1, used.running + used.waiting)))
    }

    var median: Double {
        let sorted = samples.sorted()
        if sorted.isEmpty { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    var least: Double { samples.min() ?? 0 }
    var most: Double { samples.max() ?? 0 }

    /// How many times as good this is as another subject's result.
    func ratio(to peer: HTTPResult) -> Double {
        let (own, other) = (median, peer.median)
        if unit.isBetterWhenMore { return other > 0 ? own / other : 0 }
        return own > 0 ? other / own : 0
    }

    /// The result as one of the results of a run.
    var json: String {
        let rank = Int((Double(samples.count) * 0.99).rounded(.up))
        let high = samples.isEmpty ? 0 : samples.sorted()[rank - 1]
        return """
            {"case": \(JSONText.quoted(name)), "subject": "\(subject.rawValue)", "unit": "\(unit.rawValue)", \
            "p50": \(Self.decimal(median)), "p99": \(Self.decimal(high)), "min": \(Self.decimal(least)), \
            "max": \(Self.decimal(most)), "count": \(samples.count), "waited": \(Self.decimal(waited * 100)), \
            "rounds": [\(samples.map(Self.decimal).joined(separator: ", "))]}
            """
    }

    private static func decimal(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}

/// The rows of `http` on the terminal: one for each subject of a case.
enum HTTPTable {
    private static let table = TerminalTable(columns: [
        .init(title: "case", width: 18, isName: true), .init(title: "subject", width: 8, isName: true),
        .init(title: "median", width: 10), .init(title: "min", width: 10), .init(title: "max", width: 10),
        .init(title: "unit", width: 26, isName: true), .init(title: "fairlead is", width: 11),
        .init(title: "of the floor", width: 12), .init(title: "waited", width: 6),
    ])

    static var head: String { table.head }

    /// The rows of a case, of which there is one result for each subject.
    ///
    /// They say how many times as good fairlead is as each other subject, and how near each comes to the relay, which
    /// does nothing but relay.
    static func rows(_ results: [HTTPResult]) -> [String] {
        let ours = results.first { $0.subject == .fairlead }
        let floor = results.first { $0.subject == .relay }
        return results.map { result in
            let isOurs = result.subject == .fairlead
            return table.row([
                result.name, result.subject.rawValue, TerminalTable.grouped(result.median),
                TerminalTable.grouped(result.least), TerminalTable.grouped(result.most), result.unit.rawValue,
                isOurs ? "" : ours.map { text($0.ratio(to: result)) } ?? "",
                floor.map { text(result.ratio(to: $0)) } ?? "",
                result.waited > 0 ? "\(Int((result.waited * 100).rounded())) %" : "",
            ])
        }
    }

    /// A ratio; nothing where one of both sides is nothing.
    private static func text(_ ratio: Double) -> String { ratio > 0 ? TerminalTable.hundredths(ratio) : "" }
}
