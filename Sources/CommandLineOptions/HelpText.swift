/// The width that help texts keep to: it fits a terminal beside another one.
private let lineWidthMax = 100

extension Command {
    /// The text of `--help`: how to call the command, what it does, and its options in two columns.
    package var helpText: String {
        let words = [name] + operands.synopsis + ["[OPTION]..."]
        var text = "Usage: \(words.joined(separator: " "))\n\n"
        text += wrapped(summary, indent: 0)
        text += "\nOptions:\n"
        text += columns(options.map { ($0.synopsis, $0.help) })
        return text
    }
}

extension CommandGroup {
    /// The text of `--help`: the commands and what each does.
    package var helpText: String {
        var text = "Usage: \(name) COMMAND [OPTION]...\n\n"
        text += wrapped(summary, indent: 0)
        text += "\nCommands:\n"
        text += columns(commands.map { ($0.word, $0.command.summary) })
        text += "\n'\(name) COMMAND --help' tells more about a command; '\(name) --version' prints the version.\n"
        return text
    }
}

/// Two columns; where the left one is too wide, the right one starts on the next line.
private func columns(_ rows: [(left: String, right: String)]) -> String {
    let leftWidthMax = 34
    let width = rows.map(\.left.count).filter { $0 <= leftWidthMax }.max() ?? leftWidthMax
    return rows.map { left, right in
        let body = wrapped(right, indent: width + 4)
        guard left.count <= width else { return "  \(left)\n\(body)" }
        return "  \(left)" + String(repeating: " ", count: width - left.count) + body.dropFirst(width + 2)
    }.joined()
}

/// Breaks a text into lines at spaces, each indented and ended by a line break.
private func wrapped(_ text: String, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, indent + line.count + 1 + word.count > lineWidthMax {
            lines.append(line)
            line = ""
        }
        line += line.isEmpty ? String(word) : " \(word)"
    }
    lines.append(line)
    return lines.map { "\(margin)\($0)\n" }.joined()
}
