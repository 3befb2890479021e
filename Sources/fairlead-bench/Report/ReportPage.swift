/// A report as one HTML file that needs nothing else: no network, no script, no other file.
struct ReportPage {
    /// A run and its pictures, each as SVG.
    struct Section {
        let run: RunFile
        let pictures: [(chart: Chart, svg: String)]
    }

    let sections: [Section]

    /// The whole file.
    var html: String {
        let body = sections.enumerated().map { section($1, number: $0) }.joined()
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>fairlead-bench</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <h1>fairlead-bench</h1>
            <p>Numbers say something only beside their command and machine. These are medians, with the least and the
            most of each. Whiskers of lines reach from the least to the 99th percentile, those of columns to the
            most.</p>
            \(body)</body>
            </html>

            """
    }

    private func section(_ section: Section, number: Int) -> String {
        let run = section.run
        var html = "<section>\n<h2>\(Self.escaped(run.bench))</h2>\n"
        if !run.warnings.isEmpty {
            html +=
                "<div class=\"warning\"><p>The machine was not quiet, or something else speaks against these:</p>\n"
            html += "<ul>\(run.warnings.map { "<li>\(Self.escaped($0))</li>" }.joined())</ul></div>\n"
        }
        html += "<p>Command: <code>\(Self.escaped(run.command))</code></p>\n"
        if let started = run.started { html += "<p>Started: \(Self.escaped(started))</p>\n" }
        html += Self.list("Machine", run.machine)
        html += Self.list("Versions", run.versions)
        html += Self.list("Left out", run.leftOut.map { ($0.subject, $0.reason) })
        for (index, picture) in section.pictures.enumerated() {
            let svg = Self.embedded(picture.svg, prefix: "s\(number)p\(index)")
            html += "<figure>\(svg)<figcaption>\(Self.escaped(picture.chart.title))</figcaption></figure>\n"
        }
        return html + table(of: run) + "</section>\n"
    }

    private static func list(_ title: String, _ entries: [(name: String, value: String)]) -> String {
        if entries.isEmpty { return "" }
        let rows = entries.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd>" }
        return "<h3>\(title)</h3>\n<dl>\(rows.joined())</dl>\n"
    }

    // MARK: - Numbers

    private func table(of run: RunFile) -> String {
        let hasClusters = run.results.contains { $0.services != nil }
        let hasFloor = run.results.contains { Self.floors.contains($0.subject) }
        var titles = ["case", "subject"] + (hasClusters ? ["Services", "endpoints", "family"] : [])
        titles +=
            ["unit", "median", "99th", "least", "most", "count", "fairlead is"] + (hasFloor ? ["of the floor"] : [])
        var html = "<table>\n<thead><tr>\(titles.map { "<th>\($0)</th>" }.joined())</tr></thead>\n<tbody>\n"
        for result in run.results {
            let ours = Self.partner(of: result, in: run) { $0 == "fairlead" }
            let floor = Self.partner(of: result, in: run, where: Self.floors.contains)
            var names = [result.name, result.subject]
            if hasClusters {
                names += [
                    result.services.map { "\($0)" } ?? "", result.endpoints.map { "\($0)" } ?? "", result.family ?? "",
                ]
            }
            names.append(result.unit)
            var numbers = [result.median, result.high, result.least, result.most].map(Self.text) + ["\(result.count)"]
            numbers.append(result.subject == "fairlead" ? "" : ours.map { Self.ratio($0, to: result) } ?? "")
            if hasFloor { numbers.append(floor.map { Self.ratio(result, to: $0) } ?? "") }
            html += "<tr\(result.subject == "fairlead" ? " class=\"ours\"" : "")>"
            html += names.map { "<td>\(Self.escaped($0))</td>" }.joined()
            html += numbers.map { "<td class=\"number\">\($0)</td>" }.joined() + "</tr>\n"
        }
        return html + "</tbody>\n</table>\n"
    }

    /// The subjects that do nothing but what cannot be avoided.
    private static let floors: Set = ["relay", "netlink", "no-rules"]

    /// The result of another subject for the same work.
    private static func partner(
        of result: RunResult,
        in run: RunFile,
        where isWanted: (String) -> Bool
    ) -> RunResult? {
        run.results.first { other in
            isWanted(other.subject) && other.name == result.name && other.unit == result.unit
                && other.services == result.services && other.endpoints == result.endpoints
                && other.family == result.family
        }
    }

    /// How many times as good one result is as another.
    static func ratio(_ result: RunResult, to other: RunResult) -> String {
        let (own, peer) = result.isBetterWhenMore ? (result.median, other.median) : (other.median, result.median)
        return own > 0 && peer > 0 ? TerminalTable.hundredths(own / peer) : ""
    }

    private static func text(_ number: Double) -> String {
        abs(number) < 100 && number != number.rounded()
            ? "\((number * 10).rounded() / 10)" : TerminalTable.grouped(number)
    }

    // MARK: - HTML

    /// Text as HTML shows it, in elements and in attributes.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A picture inside a page: without the declaration of a file, and with names that no other picture has.
    static func embedded(_ svg: String, prefix: String) -> String {
        var text = svg
        if let start = text.firstRange(of: "<svg") { text = String(text[start.lowerBound...]) }
        for (name, own) in [
            ("id='gp", "id='\(prefix)"), ("\"#gp", "\"#\(prefix)"), ("'#gp", "'#\(prefix)"),
            ("url(#gp", "url(#\(prefix)"),
            ("id=\"gnuplot_", "id=\"\(prefix)"),
        ] {
            text = text.replacing(name, with: own)
        }
        return text
    }

    private static let style = """
        body { font: 15px/1.45 sans-serif; color: #222; background: #fff }
        body { max-width: 80rem; margin: 2rem auto; padding: 0 1rem }
        h2 { border-bottom: 2px solid #0072b2; margin-top: 3rem }
        code { background: #f3f3f3; padding: .1em .3em; overflow-wrap: anywhere }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem }
        dt { color: #666 } dd { margin: 0 }
        figure { display: inline-block; margin: .5rem } figcaption { text-align: center; color: #666 }
        figure svg { max-width: 100%; height: auto }
        .warning { background: #fff1e0; border-left: 4px solid #d55e00; padding: .2rem 1rem }
        table { border-collapse: collapse; font-size: 13px; display: block; overflow-x: auto }
        th, td { padding: .15rem .6rem; text-align: left; border-bottom: 1px solid #e5e5e5 }
        .number { text-align: right; font-variant-numeric: tabular-nums } .ours { background: #eaf4fb }
        """
}
