internal import LinuxSystem

/// A table that is printed row by row while a bench runs.
///
/// Columns are as wide as they are declared to be; what is longer takes the room that it needs.
struct TerminalTable {
    /// One column.
    struct Column {
        let title: String
        let width: Int
        /// Whether texts begin at its left edge, as names do; numbers end at its right.
        var isName = false
    }

    let columns: [Column]

    /// The titles of the columns.
    var head: String { row(columns.map(\.title)) }

    /// A row, with a cell for each column.
    func row(_ cells: [String]) -> String {
        let texts = zip(cells, columns).map { cell, column in
            let padding = String(repeating: " ", count: max(0, column.width - cell.count))
            return column.isName ? cell + padding : padding + cell
        }
        var line = texts.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }

    /// A number with its thousands apart, such as `70,091`.
    static func grouped(_ number: Double) -> String {
        let digits = Array("\(Int(number.rounded()))")
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3), digits[index - 1] != "-" { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A number with two digits behind the point, such as `1.07`.
    static func hundredths(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

/// The line that tells what a bench does at the moment, on a terminal alone.
final class ProgressLine {
    private let isShown: Bool
    private var isOnScreen = false

    /// Creates a line on the stream for complaints, if that is a terminal.
    init() {
        let target = (try? symbolicLinkDestination(at: "/proc/self/fd/2")) ?? ""
        isShown = target.hasPrefix("/dev/pts/") || target.hasPrefix("/dev/tty") || target == "/dev/console"
    }

    /// Shows a text in place of the last.
    func show(_ text: String) {
        guard isShown else { return }
        // A line that nobody can see is no reason to stop.
        try? StandardStream.error.write("\r\u{1b}[K\(text)")
        isOnScreen = true
    }

    /// Takes the line away, so that others can be printed.
    func clear() {
        guard isOnScreen else { return }
        try? StandardStream.error.write("\r\u{1b}[K")
        isOnScreen = false
    }
}
