import LabKit
import LinuxSystem
import Testing

@testable import fairlead_bench

/// What becomes of results in pictures and on the page.
struct `A report` {
    private static func run(_ results: [String], more: String = "") throws -> RunFile {
        try RunFile(`A file of raw results`.file(results.joined(separator: ",\n"), more: more), name: "a.json")
    }

    private static func result(
        _ name: String = "cold",
        _ subject: String = "fairlead",
        services: Int? = 1000,
        unit: String = "us",
        median: Double = 20
    ) -> String {
        let cluster = services.map { #""services": \#($0), "endpoints": 4, "family": "IPv4", "# } ?? ""
        return #"{"case": "\#(name)", "subject": "\#(subject)", \#(cluster)"unit": "\#(unit)", "p50": \#(median), "#
            + #""p99": \#(median * 2), "min": \#(median / 2), "max": \#(median * 3), "count": 3}"#
    }

    /// A name that would be understood as something else wherever it is not escaped; as JSON has it.
    private static let oddInJSON = #"<b>'\"&`id`\n%d\\@x$(y)"#
    private static let odd = "<b>'\"&`id`\n%d\\@x$(y)"

    // MARK: - Pictures

    @Test func `several sizes become lines, one size becomes bars`() throws {
        let sizes = [1000, 10_000].flatMap { size in
            [Self.result(services: size), Self.result("cold", "nft", services: size)]
        }
        let run = try Self.run(sizes + [Self.result("memory", unit: "bytes")])
        let charts = Chart.all(of: run.results)
        #expect(charts.map(\.key.name) == ["cold", "memory"])
        #expect(charts.map(\.shape) == [.lines, .bars])
        #expect(charts[0].subjects.map(\.name) == ["fairlead", "nft"])
        #expect(charts[0].script.contains("set logscale xy"))
        // Each beside the other by a little, with the least and the 99th percentile behind the median.
        #expect(charts[0].script.contains("\n994.0 20.0 10.0 40.0\n9940.0 20.0 10.0 40.0\ne\n1006.0 "))
        #expect(charts[1].script.contains("set ylabel 'bytes'"))
        #expect(charts[1].title == "memory, 1000 Services, 4 endpoints, IPv4")
    }

    @Test(arguments: [(900.0, false), (1100, true), (-5, false), (0, false)])
    func `columns get a logarithmic axis when the smallest could not be seen`(
        median: Double,
        isLogarithmic: Bool
    ) throws {
        let run = try Self.run([
            Self.result(services: nil), Self.result("cold", "nft", services: nil, median: abs(median)),
            Self.result("cold", "odd", services: nil).replacing("10.0", with: "\(min(10, median))"),
        ])
        let script = Chart.all(of: run.results)[0].script
        #expect(script.contains("set logscale y") == isLogarithmic)
        #expect(script.contains("set yrange [*:*]") == (median < 0))
    }

    @Test func `different families and units are different pictures`() throws {
        let other = Self.result().replacing("IPv4", with: "IPv6")
        let run = try Self.run([Self.result(), other, Self.result(unit: "bytes")])
        #expect(Chart.all(of: run.results).count == 3)
    }

    @Test func `nothing but numbers and quoted text reaches gnuplot`() throws {
        let run = try Self.run([
            Self.result(Self.oddInJSON, Self.oddInJSON), Self.result(Self.oddInJSON, Self.oddInJSON, services: 2000),
            Self.result(Self.oddInJSON, Self.oddInJSON, unit: "bytes"),
        ])
        #expect(run.results.first?.subject == Self.odd)
        let charts = Chart.all(of: run.results)
        #expect(charts.map(\.shape) == [.lines, .bars])
        for chart in charts {
            let outside = Self.outsideQuotes(chart.script)
            for piece in ["<b>", "`", "\"", "%d", "@x", "$("] { #expect(!outside.contains(piece), "\(piece)") }
            // A line that ended inside a quotation would end the command.
            #expect(!chart.script.split(separator: "\n").contains { $0.count { $0 == "'" } % 2 != 0 })
        }
        // Where a label is a format, a per cent sign stands for itself only twice.
        #expect(charts[1].script.contains("%%d"))
    }

    /// What is left of a script without what stands between single quotes.
    private static func outsideQuotes(_ script: String) -> String {
        script.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset.isMultiple(of: 2) }.map { String($0.element) }.joined(separator: "|")
    }

    @Test func `what a logarithmic axis cannot show is left out`() throws {
        let run = try Self.run([Self.result(median: 0), Self.result(services: 2000, median: 0)])
        #expect(Chart.all(of: run.results)[0].script.contains("plot NaN notitle"))
    }

    // MARK: - The page

    private static func page(_ run: RunFile, svg: String = "<svg></svg>") -> String {
        let pictures = Chart.all(of: run.results).map { ($0, svg) }
        return ReportPage(sections: [ReportPage.Section(run: run, pictures: pictures)]).html
    }

    @Test func `odd names are escaped`() throws {
        let more =
            #""benchmark": "\#(Self.oddInJSON)", "started": "\#(Self.oddInJSON)", "warnings": ["\#(Self.oddInJSON)"], "#
            + #""versions": {"\#(Self.oddInJSON)": "\#(Self.oddInJSON)"}, "#
            + #""leftOut": [{"subject": "\#(Self.oddInJSON)", "reason": "\#(Self.oddInJSON)"}], "#
        let page = Self.page(
            try Self.run([Self.result(Self.oddInJSON, Self.oddInJSON, unit: Self.oddInJSON)], more: more)
        )
        #expect(!page.contains("<b>"))
        #expect(!page.contains("'\"&`"))
        let shown = "&lt;b&gt;&#39;&quot;&amp;`id`\n%d\\@x$(y)"
        // bench, start, warning, version twice, omission twice, case and subject and unit, and the picture's caption.
        #expect(page.ranges(of: shown).count == 11)
    }

    @Test func `machine, command, warnings and ratios are shown`() throws {
        let results = [
            Self.result(median: 10), Self.result("cold", "nft", median: 25), Self.result("cold", "netlink", median: 8),
        ]
        let page = Self.page(try Self.run(results, more: #""warnings": ["the load was 7"], "#))
        for piece in [
            "<dt>kernel</dt><dd>6.18</dd>", "<code>fairlead-bench sync</code>", "<li>the load was 7</li>",
            "of the floor",
        ] { #expect(page.contains(piece), "\(piece)") }
        // Ours is 2.5 times as good as nft, and takes 1.25 times what the floor takes.
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("<tr") && $0.contains("<td>cold</td>") }
        #expect(rows.count == 3)
        #expect(rows[0].hasSuffix(#"<td class="number"></td><td class="number">0.80</td></tr>"#))
        #expect(rows[1].hasSuffix(#"<td class="number">2.50</td><td class="number">0.32</td></tr>"#))
        #expect(rows[2].hasSuffix(#"<td class="number">0.80</td><td class="number">1.00</td></tr>"#))
    }

    @Test func `a quiet machine is not warned of`() throws {
        #expect(!Self.page(try Self.run([Self.result()])).contains("class=\"warning\""))
    }

    @Test func `the page asks for nothing over a network`() throws {
        let page = Self.page(try Self.run([Self.result()]))
        for piece in ["http:", "https:", "<script", "<link", "<img", "url(", "@import"] {
            #expect(!page.contains(piece), "\(piece)")
        }
    }

    @Test func `pictures on one page have names of their own`() {
        let svg = "<?xml version=\"1.0\"?>\n<svg><path id='gpPt0'/><use xlink:href='#gpPt0'/></svg>"
        #expect(ReportPage.embedded(svg, prefix: "a") == "<svg><path id='aPt0'/><use xlink:href='#aPt0'/></svg>")
    }

    // MARK: - Files

    @Test func `names of files are harmless`() {
        #expect(ReportCommand.fileName("1-../a b'\n") == "1----a-b--")
    }

    private static let hasGnuplot =
        (try? Lab().run(["sh", "-c", "command -v gnuplot"]).isSuccess) == true

    @Test(.enabled(if: hasGnuplot, "needs gnuplot"))
    func `gnuplot draws what it is told, odd names and all`() throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        let sizes = [1000, 10_000].map { Self.result(Self.oddInJSON, Self.oddInJSON, services: $0) }
        let run = try Self.run(sizes + [Self.result("bars", Self.oddInJSON), Self.result("bars", "nft")])
        for chart in Chart.all(of: run.results) {
            let svg = try ReportCommand.draw(chart.script, in: lab)
            #expect(!svg.contains("<b>"))
            #expect(svg.contains("&lt;b>'\"&amp;`id` %d\\@x$(y)"), "\(chart.shape): \(svg.prefix(2000))")
        }
    }

    @Test func `every picture is a file, and the page holds them all`() throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        let run = try Self.run([Self.result(), Self.result("warm/restart")])
        var drawn = 0
        try ReportCommand.write([run, run], to: "\(lab.directory)/report") { _ in
            drawn += 1
            return "<svg>picture \(drawn)</svg>"
        }
        let files = try directoryEntries(at: "\(lab.directory)/report").sorted()
        #expect(
            files == [
                "1-sync-1-cold.svg", "1-sync-2-warm-restart.svg", "2-sync-1-cold.svg", "2-sync-2-warm-restart.svg",
                "index.html",
            ]
        )
        let page = try readFile(at: "\(lab.directory)/report/index.html")
        for number in 1...4 { #expect(page.contains("<svg>picture \(number)</svg>")) }
    }
}
