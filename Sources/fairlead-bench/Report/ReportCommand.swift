internal import CommandLineOptions
internal import LabKit
internal import LinuxSystem

/// `fairlead-bench report`: raw results of runs become pictures and a page.
enum ReportCommand {
    private static let output = CommandOption("output", "DIR", "The directory to write to; it is made if need be.")

    static let declaration = Command(
        "fairlead-bench report",
        "Draws the raw results that other commands write with --json: a picture for each case (DIR/*.svg), and one "
            + "page that opens without a network (DIR/index.html). Needs Debian's package gnuplot-nox.",
        operands: .oneOrMore("FILE"),
        options: [output]
    )

    static func run(_ arguments: Arguments) throws {
        guard let directory = arguments[output] else {
            throw UsageError(message: "--output DIR is missing", command: declaration.name)
        }
        // What is wrong with a file is said before anything is drawn.
        let runs = try arguments.operands.map { try RunFile(path: $0) }
        let lab = try Lab()
        defer { lab.tearDown() }
        guard try lab.run(["sh", "-c", "command -v gnuplot"]).isSuccess else {
            throw ReportFault("there is no gnuplot, which draws the pictures: install Debian's package gnuplot-nox")
        }
        try write(runs, to: directory) { try draw($0, in: lab) }
        try StandardStream.output.write("\(directory)/index.html\n")
    }

    /// Writes the page and its pictures.
    ///
    /// - Parameters:
    ///   - runs: What is reported.
    ///   - directory: Where to.
    ///   - draw: Turns what gnuplot is told into SVG.
    /// - Throws: What the drawing or the system refuses.
    static func write(_ runs: [RunFile], to directory: String, draw: (String) throws -> String) throws {
        try makeDirectory(at: directory)
        var sections: [ReportPage.Section] = []
        for (number, run) in runs.enumerated() {
            var pictures: [(chart: Chart, svg: String)] = []
            for (index, chart) in Chart.all(of: run.results).enumerated() {
                let svg = try draw(chart.script)
                let name = fileName("\(number + 1)-\(run.bench)-\(index + 1)-\(chart.key.name)")
                try writeFile(svg, at: "\(directory)/\(name).svg")
                pictures.append((chart, svg))
            }
            sections.append(ReportPage.Section(run: run, pictures: pictures))
        }
        try writeFile(ReportPage(sections: sections).html, at: "\(directory)/index.html")
    }

    /// Letters, digits and dashes alone, whatever a file says.
    static func fileName(_ text: String) -> String {
        String(text.prefix(80).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }

    /// Lets gnuplot draw, and returns the picture.
    static func draw(_ script: String, in lab: Lab) throws -> String {
        // Without the settings of whoever runs it.
        let result = try lab.run(["gnuplot", "-d", try lab.write(script, to: "chart.gp")])
        guard result.isSuccess, result.output.contains("</svg>") else {
            throw ReportFault("gnuplot draws nothing: \(result.error)")
        }
        return result.output
    }
}
