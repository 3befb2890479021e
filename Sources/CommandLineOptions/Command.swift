/// A program's command line, declared: its options and operands, and the words of its help text.
///
/// Options and operands may come in any order, `--` ends the options, and `--help` is always accepted.
package struct Command: Sendable {
    /// What a good command line asks for.
    package enum Request: Sendable {
        /// Do the work with these arguments.
        case run(Arguments)
        /// Print this text, which ends in a line break, and exit with 0.
        case print(String)
    }

    /// How many operands are taken, and what they are called.
    package struct Operands: Sendable {
        let names: [String]
        /// Whether the last may be given more than once.
        let repeatsLast: Bool

        /// Takes none.
        package static let none = Operands(names: [], repeatsLast: false)

        /// Takes exactly one operand for each name.
        package static func exactly(_ names: String...) -> Operands { Operands(names: names, repeatsLast: false) }

        /// Takes one operand or several, all of the same kind.
        package static func oneOrMore(_ name: String) -> Operands { Operands(names: [name], repeatsLast: true) }

        /// The names as a help text shows them.
        var synopsis: [String] { repeatsLast ? names.dropLast() + [(names.last ?? "") + "..."] : names }
    }

    /// The words that call the command, such as `fairlead-echo serve`.
    package let name: String

    let summary: String
    let version: String?
    let operands: Operands
    let options: [OptionDeclaration]

    /// Declares a command.
    ///
    /// - Parameters:
    ///   - name: The words that call it.
    ///   - summary: What it does, in a sentence or two.
    ///   - version: What `--version` prints after the name; without it there is no such option.
    ///   - operands: The arguments that are no options.
    ///   - options: Its options, in the order of the help text.
    /// - Precondition: No name is declared twice, and none is `help`, or `version` beside a version.
    package init(
        _ name: String,
        _ summary: String,
        version: String? = nil,
        operands: Operands = .none,
        options: [any CommandOptionDeclaring]
    ) {
        self.name = name
        self.summary = summary
        self.version = version
        self.operands = operands
        var all = options.map(\.erased)
        if version != nil { all.append(CommandFlag("version", "Print the version and exit.").erased) }
        all.append(CommandFlag("help", "Print this help and exit.").erased)
        precondition(Set(all.map(\.name)).count == all.count, "an option of \(name) is declared twice")
        self.options = all
    }

    /// Reads a command line, which is the program's arguments without its own name.
    package func parse(_ words: [String]) throws(UsageError) -> Request {
        var parser = ArgumentParser(command: self)
        return try parser.parse(words)
    }

    func error(_ message: String) -> UsageError { UsageError(message: message, command: name) }
}

/// A program of several commands, such as `fairlead-echo serve` and `fairlead-echo probe`.
package struct CommandGroup: Sendable {
    /// What a good command line asks for.
    package enum Request: Sendable {
        /// Run the command of this name with these arguments.
        case run(String, Arguments)
        /// Print this text, which ends in a line break, and exit with 0.
        case print(String)
    }

    /// The program's name.
    package let name: String

    let summary: String
    let version: String
    let commands: [(word: String, command: Command)]

    /// Declares a program.
    ///
    /// - Precondition: Each command's name is the program's name, a space and a word.
    package init(_ name: String, _ summary: String, version: String, commands: [Command]) {
        self.name = name
        self.summary = summary
        self.version = version
        self.commands = commands.map { command in
            precondition(command.name.hasPrefix("\(name) "), "\(command.name) is no command of \(name)")
            return (String(command.name.dropFirst(name.count + 1)), command)
        }
    }

    /// Reads a command line, without the program's own name, whose first word chooses the command.
    package func parse(_ words: [String]) throws(UsageError) -> Request {
        let known = commands.map(\.word)
        guard let first = words.first else {
            throw error("no command given: expected \(known.joined(separator: " or "))")
        }
        switch first {
        case "--help", "help": return .print(helpText)
        case "--version": return .print("\(name) \(version)\n")
        default: break
        }
        guard let chosen = commands.first(where: { $0.word == first }) else {
            let suggestion = Spelling.nearest(to: first, among: known).map { "; did you mean \($0)?" }
            let kind = first.hasPrefix("-") ? "option" : "command"
            throw error("unknown \(kind) \(first)" + (suggestion ?? ": expected \(known.joined(separator: " or "))"))
        }
        switch try chosen.command.parse(Array(words.dropFirst())) {
        case .run(let arguments): return .run(chosen.word, arguments)
        case .print(let text): return .print(text)
        }
    }

    private func error(_ message: String) -> UsageError { UsageError(message: message, command: name) }
}
