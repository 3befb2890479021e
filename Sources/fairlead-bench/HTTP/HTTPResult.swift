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
            "max": \(Self.decimal(most)), "count": \(samples.count), "waited": \(Self.decimal(waited * 100) )}
            """
    }

    private static func decimal(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}

/// The table on the terminal.
struct HTTPTable {
    let subjects: [HTTPSubject]

    var head: String {
        let peers = subjects.dropFirst().map { "vs \($0.rawValue)" }
        return Self.row("case", subjects.map { "\($0.rawValue) (min to max)" }, peers, "unit")
    }

    /// The row of a case, of which there is one result for each subject.
    func row(_ results: [HTTPResult]) -> String {
        guard let first = results.first else { return "" }
        let cells = results.map { "\(Self.grouped($0.median)) (\(Self.grouped($0.least)) to \(Self.grouped($0.most)))" }
        let isOurs = first.subject == .fairlead
        let ratios = results.dropFirst().map { isOurs ? Self.ratio(first.ratio(to: $0)) : "" }
        return Self.row(first.name, cells, ratios, first.unit.rawValue)
    }

    private static func row(_ name: String, _ cells: [String], _ ratios: [String], _ unit: String) -> String {
        (([padded(name, 18)] + cells.map { padded($0, 30, atStart: true) })
            + ratios.map { padded($0, 10, atStart: true) } + ["  " + unit]).joined(separator: " ")
    }

    private static func padded(_ text: String, _ width: Int, atStart: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(0, width - text.count))
        return atStart ? padding + text : text + padding
    }

    private static func ratio(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func grouped(_ number: Double) -> String {
        let digits = Array("\(Int(number.rounded()))")
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3), digits[index - 1] != "-" { text += "," }
            text.append(digit)
        }
        return text
    }
}
