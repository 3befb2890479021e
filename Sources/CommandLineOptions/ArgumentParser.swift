/// Reads one command line against a declaration.
struct ArgumentParser {
    private let command: Command
    private var arguments = Arguments()

    init(command: Command) { self.command = command }

    mutating func parse(_ words: [String]) throws(UsageError) -> Command.Request {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                arguments.operands += rest
                break
            }
            // A lone dash conventionally names standard input or output, so it is an operand.
            guard word.hasPrefix("-"), word != "-" else {
                arguments.operands.append(word)
                continue
            }
            let (option, attached) = try resolve(word)
            // Help is given at once: whoever asks for it may not know the rest yet.
            if option.name == "help" { return .print(command.helpText) }
            if option.name == "version", let version = command.version { return .print("\(command.name) \(version)\n") }
            try take(option, attached: attached, rest: &rest)
        }
        try checkOperands()
        return .run(arguments)
    }

    /// Splits `--name=value`, `-n=value` and `-nvalue`, and finds the option.
    private func resolve(_ word: String) throws(UsageError) -> (OptionDeclaration, attached: String?) {
        let isLong = word.hasPrefix("--")
        let body = word.drop { $0 == "-" }
        let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        let attached = parts.count > 1 ? parts[1] : nil
        if isLong || name.count == 1, let option = option(named: name) { return (option, attached) }
        if !isLong, let letter = body.first, let option = option(named: String(letter)), option.form != .flag {
            return (option, String(body.dropFirst()))
        }
        throw unknown(isLong ? "--\(name)" : "-\(name)", name: name)
    }

    private func option(named name: String) -> OptionDeclaration? { command.options.first { $0.name == name } }

    private func unknown(_ spelling: String, name: String) -> UsageError {
        let nearest = Spelling.nearest(to: name, among: command.options.map(\.name)).flatMap(option(named:))
        let suggestion = nearest.map { "; did you mean \($0.spelling)?" } ?? ""
        return command.error("unknown option \(spelling)\(suggestion)")
    }

    private mutating func take(
        _ option: OptionDeclaration,
        attached: String?,
        rest: inout ArraySlice<String>
    ) throws(UsageError) {
        switch option.form {
        case .flag:
            try record([attached ?? "true"], for: option)
        case .value(_, let bare):
            let text = if let given = attached ?? bare { given } else { try next(of: &rest, for: option) }
            try record([text], for: option)
        case .list:
            let text = if let attached { attached } else { try next(of: &rest, for: option) }
            let items = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            try record(text.isEmpty ? [] : items, for: option)
        }
    }

    private func next(of rest: inout ArraySlice<String>, for option: OptionDeclaration) throws(UsageError) -> String {
        guard let text = rest.popFirst() else {
            throw command.error("option \(option.spelling) needs a value: \(option.synopsis)")
        }
        // "--config --once" is a forgotten value far more often than a file of that name; "=" can still say it.
        if text.hasPrefix("--"), text != "--" {
            throw command.error(
                "option \(option.spelling) needs a value, but \(text) follows it; "
                    + "write \(option.spelling)=\(text) if that is the value"
            )
        }
        return text
    }

    private mutating func record(_ texts: [String], for option: OptionDeclaration) throws(UsageError) {
        for text in texts where !option.accepts(text) {
            throw command.error("option \(option.spelling): '\(text)' is not valid; expected \(option.expectation)")
        }
        arguments.texts[option.name, default: []] += texts
    }

    private func checkOperands() throws(UsageError) {
        let names = command.operands.names
        let given = arguments.operands
        if given.count < names.count {
            let expected = command.operands.synopsis.joined(separator: " ")
            throw command.error("\(names[given.count]) is missing; expected \(expected)")
        }
        if given.count > names.count, !command.operands.repeatsLast {
            throw command.error("unexpected argument '\(given[names.count])'")
        }
    }
}
