/// Rows of text below each other, each column as wide as its widest field.
struct TextColumns: CustomStringConvertible {
    private let rows: [[String]]

    /// Creates rows below a heading; of no rows nothing is shown but a dash.
    init(_ heading: [String], _ rows: [[String]]) { self.rows = rows.isEmpty ? [["-"]] : [heading] + rows }

    /// The rows, indented, without blanks at their ends.
    var description: String {
        var widths: [Int] = []
        for row in rows {
            for (index, field) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], field.count)
            }
        }
        var text = ""
        for row in rows {
            var line = " "
            for (field, width) in zip(row, widths) {
                line += " " + field + String(repeating: " ", count: width - field.count + 1)
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }
}
