/// One picture of a report: the same case, measured of several subjects.
struct Chart {
    /// What the numbers are drawn against.
    enum Shape: Equatable {
        /// A line for each subject, against the number of Services, both axes logarithmic.
        case lines
        /// A bar for each subject.
        case bars
    }

    /// What tells it apart from the other pictures of its run.
    struct Key: Hashable {
        let name: String
        let unit: String
        let endpoints: Int?
        let family: String?
    }

    let key: Key
    let shape: Shape
    /// The results, subject by subject in the order of the run.
    let subjects: [(name: String, results: [RunResult])]

    /// Sorts the results of a run into pictures, in the order in which they were measured.
    static func all(of results: [RunResult]) -> [Chart] {
        var order: [Key] = []
        var sorted: [Key: [RunResult]] = [:]
        for result in results {
            let key = Key(name: result.name, unit: result.unit, endpoints: result.endpoints, family: result.family)
            if sorted[key] == nil { order.append(key) }
            sorted[key, default: []].append(result)
        }
        return order.compactMap { key in sorted[key].map { Chart(key, $0) } }
    }

    private init(_ key: Key, _ results: [RunResult]) {
        self.key = key
        shape = Set(results.compactMap(\.services)).count > 1 ? .lines : .bars
        var order: [String] = []
        for result in results where !order.contains(result.subject) { order.append(result.subject) }
        subjects = order.map { name in
            let own = results.filter { $0.subject == name }
            return (name, own.sorted { ($0.services ?? 0) < ($1.services ?? 0) })
        }
    }

    /// What it shows, in words.
    var title: String {
        var words = key.name
        if shape == .bars, let services = subjects.first?.results.first?.services { words += ", \(services) Services" }
        if let endpoints = key.endpoints { words += ", \(endpoints) endpoints" }
        if let family = key.family { words += ", \(family)" }
        return words
    }

    /// What its axis counts, in words.
    var unitText: String {
        switch key.unit {
        case "us": "µs"
        case "requests-per-cpu-second": "requests for each second of processor time"
        case "connections-per-cpu-second": "connections for each second of processor time"
        case "connections-per-second": "connections a second"
        case "bytes-per-connection": "bytes for each connection"
        default: key.unit
        }
    }

    // MARK: - gnuplot

    /// The picture as gnuplot is told to draw it, to its output.
    var script: String {
        var lines = [
            "set terminal svg size \(size.width),\(size.height) dynamic font 'sans-serif,12' background '#ffffff' "
                + "noenhanced",
            "set encoding utf8", "set title \(Self.quoted(title))", "set ylabel \(Self.quoted(unitText))",
            "set grid ytics linecolor '#dddddd'", "set border 3", "set tics nomirror out",
        ]
        switch shape {
        case .lines: lines += lineCommands
        case .bars: lines += barCommands
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var size: (width: Int, height: Int) {
        switch shape {
        case .lines: (720, 420)
        case .bars: (120 + 75 * max(3, subjects.count), 320)
        }
    }

    /// The medians as lines, with a bar from the least to the 99th percentile.
    private var lineCommands: [String] {
        var commands = [
            "set logscale xy", "set xlabel 'Services'", "set key outside right top",
            "set offsets graph 0.05, graph 0.05, graph 0, graph 0",
        ]
        // What a logarithmic axis cannot show is left out: nothing takes no time.
        let shown = subjects.map {
            (name: $0.name, results: $0.results.filter { $0.median > 0 && $0.services ?? 0 > 0 })
        }
        .filter { !$0.results.isEmpty }
        let places = Set(shown.flatMap { $0.results.compactMap(\.services) }).sorted()
        commands.append("set xtics (\(places.map { "'\($0)' \($0)" }.joined(separator: ", ")))")
        if shown.isEmpty { return commands + ["set xrange [1:10]", "set yrange [1:10]", "plot NaN notitle"] }
        let plots = shown.enumerated().map { index, subject in
            "'-' using 1:2:3:4 with yerrorlines linecolor rgb '\(Self.color(index))' linewidth 1.5 "
                + "pointtype \(index + 1) pointsize 0.6 title \(Self.quoted(subject.name))"
        }
        commands.append("plot \(plots.joined(separator: ", "))")
        for subject in shown {
            for result in subject.results {
                let low = max(result.least, result.median / 1000)
                let high = max(result.high, result.median)
                commands.append("\(result.services ?? 0) \(result.median) \(low) \(high)")
            }
            commands.append("e")
        }
        return commands
    }

    /// The medians as bars, with a line from the least to the most.
    private var barCommands: [String] {
        let bars = subjects.compactMap { subject in subject.results.first.map { (subject.name, $0) } }
        let labels = bars.enumerated().map { index, bar in
            // The label of a tic is a format as well.
            "\(Self.quoted(bar.0.replacing("%", with: "%%"))) \(index)"
        }
        var commands = [
            "set style fill solid 0.8", "set boxwidth 0.6", "set xrange [-0.6:\(Double(bars.count) - 0.4)]",
            "set yrange [\(bars.contains { $0.1.least < 0 } ? "*" : "0"):*]",
            "set xtics (\(labels.joined(separator: ", ")))",
            "set format y '%.0s%c'", "unset key",
            "plot '-' using 1:2:3 with boxes linecolor rgb variable, "
                + "'-' using 1:2:3:4 with yerrorbars linecolor rgb '#333333' pointtype 0",
        ]
        for (index, bar) in bars.enumerated() {
            commands.append("\(index) \(bar.1.median) \(Self.number(of: Self.color(bar.0 == "fairlead" ? 0 : 1)))")
        }
        commands.append("e")
        for (index, bar) in bars.enumerated() {
            commands.append("\(index) \(bar.1.median) \(bar.1.least) \(bar.1.most)")
        }
        return commands + ["e"]
    }

    /// Text as gnuplot takes it: between single quotes nothing but these means anything, and a line has to end there.
    static func quoted(_ text: String) -> String {
        var quoted = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'": quoted += "''"
            case _ where scalar.properties.generalCategory == .control: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return "'\(quoted)'"
    }

    private static func color(_ index: Int) -> String { colors[index % colors.count] }

    private static func number(of color: String) -> Int { Int(color.dropFirst(), radix: 16) ?? 0 }

    /// Colours that people who see few of them tell apart as well.
    private static let colors = [
        "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#000000",
    ]
}
