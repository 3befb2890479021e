/// What gnuplot is told.
extension Chart {
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
        case .lines: return (720, 420)
        case .bars:
            let longest = subjects.map(\.name.count).max() ?? 0
            return (120 + min(max(75, longest * 8), 200) * max(3, subjects.count), 320)
        }
    }

    // MARK: - Lines

    /// The medians as lines, with whiskers from the least to the 99th percentile.
    private var lineCommands: [String] {
        // What a logarithmic axis cannot show is left out: nothing takes no time.
        let shown = subjects.map { subject in
            (name: subject.name, results: subject.results.filter { $0.median > 0 && ($0.services ?? 0) > 0 })
        }.filter { !$0.results.isEmpty }
        let places = Set(shown.flatMap { $0.results.compactMap(\.services) }).sorted()
        guard let first = places.first, let last = places.last else {
            return ["set xrange [1:10]", "set yrange [1:10]", "plot NaN notitle"]
        }
        var commands = [
            "set logscale xy", "set xlabel 'Services'", "set key outside right top",
            "set xrange [\(Double(first) / 1.3):\(Double(last) * 1.3)]",
            "set xtics (\(places.map { "'\($0)' \($0)" }.joined(separator: ", ")))",
        ]
        let plots = shown.enumerated().map { index, subject in
            "'-' using 1:2:3:4 with yerrorlines linecolor rgb '\(Self.color(index))' linewidth 1.5 "
                + "pointtype \(index + 1) pointsize 0.6 title \(Self.quoted(subject.name))"
        }
        commands.append("plot \(plots.joined(separator: ", "))")
        for (index, subject) in shown.enumerated() {
            // Beside each other, so that no whisker hides another.
            let shift = 1 + 0.012 * (Double(index) - Double(shown.count - 1) / 2)
            for result in subject.results {
                let place = Double(result.services ?? 0) * shift
                let low = max(result.least, result.median / 1000)
                commands.append("\(place) \(result.median) \(low) \(max(result.high, result.median))")
            }
            commands.append("e")
        }
        return commands
    }

    // MARK: - Bars

    /// The medians as columns, with whiskers from the least to the most.
    private var barCommands: [String] {
        let bars = subjects.compactMap { subject in subject.results.first.map { (name: subject.name, result: $0) } }
        let labels = bars.enumerated().map { index, bar in
            // The label of a tic is a format as well.
            "\(Self.quoted(bar.name.replacing("%", with: "%%"))) \(index)"
        }
        var commands = [
            "set style fill solid 0.8", "set boxwidth 0.6", "set xrange [-0.6:\(Double(bars.count) - 0.4)]",
            "set xtics (\(labels.joined(separator: ", ")))", "set format y '%.0s%c'", "unset key",
        ]
        commands += Self.rangeCommands(bars.map(\.result))
        commands.append(
            "plot '-' using 1:2:3 with boxes linecolor rgb variable, "
                + "'-' using 1:2:3:4 with yerrorbars linecolor rgb '#333333' pointtype 0"
        )
        for (index, bar) in bars.enumerated() {
            let color = Self.color(bar.name == "fairlead" ? 0 : 1)
            commands.append("\(index) \(bar.result.median) \(Int(color.dropFirst(), radix: 16) ?? 0)")
        }
        commands.append("e")
        for (index, bar) in bars.enumerated() {
            commands.append("\(index) \(bar.result.median) \(bar.result.least) \(bar.result.most)")
        }
        return commands + ["e"]
    }

    /// An axis from nothing on; a logarithmic one where the smallest could not be seen beside the largest.
    private static func rangeCommands(_ results: [RunResult]) -> [String] {
        let least = results.map(\.least).min() ?? 0
        let smallest = results.map(\.median).min() ?? 0
        let largest = results.map(\.median).max() ?? 0
        if least > 0, largest > smallest * 50 { return ["set logscale y", "set yrange [\(least / 2):*]"] }
        return ["set yrange [\(least < 0 ? "*" : "0"):*]"]
    }

    // MARK: - Text

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

    /// Colours that people who see few of them tell apart as well.
    private static let colors = [
        "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#000000",
    ]
}
