/// An option that carries values, such as `--http-port 80`, and how to read one.
///
/// Declared once and used twice: in the `Command` that accepts it, and as the key to what was given:
///
///     let port = CommandOption("http-port", "PORT", "Serve HTTP on this port.", reading: Port.init(parsing:))
///     let given = arguments[port]
package struct CommandOption<Value: Sendable>: Sendable {
    /// The name without its dashes; a single letter is accepted with one dash as well as with two.
    package let name: String

    let declaration: OptionDeclaration
    let read: @Sendable (String) -> Value?

    /// Declares an option with one value; when it is repeated, the last one counts, as in kube-proxy.
    ///
    /// - Parameters:
    ///   - name: The name without its dashes.
    ///   - placeholder: What stands for the value in the help text, such as `PORT`.
    ///   - help: What it does, in sentences.
    ///   - expectation: What a good value looks like, for the error message: "a port from 1 to 65535".
    ///   - bareValue: What the option means when it stands alone. A value then needs `=`, never a space.
    ///   - read: Makes the value of its text, or returns nil when the text is no such value.
    package init(
        _ name: String,
        _ placeholder: String,
        _ help: String,
        expecting expectation: String = "another value",
        bareValue: String? = nil,
        reading read: @escaping @Sendable (String) -> Value?
    ) {
        self.init(name, .value(placeholder, bare: bareValue), help, expectation, read)
    }

    /// Declares an option with a list of values, separated by commas, repeated, or both.
    ///
    /// An empty text is an empty list, as in kube-proxy.
    package static func list(
        _ name: String,
        _ placeholder: String,
        _ help: String,
        expecting expectation: String = "another value",
        reading read: @escaping @Sendable (String) -> Value?
    ) -> CommandOption {
        CommandOption(name, .list(placeholder), help, expectation, read)
    }

    private init(
        _ name: String,
        _ form: OptionDeclaration.Form,
        _ help: String,
        _ expectation: String,
        _ read: @escaping @Sendable (String) -> Value?
    ) {
        self.name = name
        self.read = read
        declaration = OptionDeclaration(
            name: name,
            form: form,
            help: help,
            expectation: expectation,
            accepts: { read($0) != nil }
        )
    }
}

extension CommandOption where Value == String {
    /// Declares an option whose value is any text that is not empty.
    package init(_ name: String, _ placeholder: String, _ help: String) {
        self.init(name, placeholder, help, expecting: "a text that is not empty") { $0.isEmpty ? nil : $0 }
    }
}

extension CommandOption where Value == Int {
    /// Declares an option whose value is a whole number in a range.
    package init(_ name: String, _ placeholder: String, _ help: String, in range: ClosedRange<Int>) {
        self.init(name, placeholder, help, expecting: "a number from \(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension CommandOption where Value: CaseIterable & RawRepresentable<String> {
    /// Declares an option whose value is one of the cases of an enumeration.
    package init(_ name: String, _ help: String, bareValue: Value? = nil) {
        let names = Value.allCases.map(\.rawValue)
        self.init(
            name,
            names.joined(separator: "|"),
            help,
            expecting: names.dropLast().joined(separator: ", ") + (names.count > 1 ? " or " : "") + (names.last ?? ""),
            bareValue: bareValue?.rawValue
        ) { Value(rawValue: $0) }
    }
}

/// An option that is either given or not, such as `--once`.
package struct CommandFlag: Sendable {
    /// The name without its dashes.
    package let name: String

    let declaration: OptionDeclaration

    /// Declares a flag; `--name=true` and `--name=false` are read too, as kube-proxy reads them.
    package init(_ name: String, _ help: String) {
        self.name = name
        declaration = OptionDeclaration(
            name: name,
            form: .flag,
            help: help,
            expectation: "true or false",
            accepts: { Bool($0) != nil }
        )
    }
}
