/// An option or flag that is ready to stand in a command's list, whatever the type of its values.
package protocol CommandOptionDeclaring: Sendable {
    /// The declaration, as parsing and the help text need it.
    var erased: OptionDeclaration { get }
}

extension CommandOption: CommandOptionDeclaring {
    /// The option without the type of its values.
    package var erased: OptionDeclaration { declaration }
}

extension CommandFlag: CommandOptionDeclaring {
    /// The flag as an option among others.
    package var erased: OptionDeclaration { declaration }
}

/// What parsing and the help text need to know of an option.
package struct OptionDeclaration: Sendable {
    enum Form: Hashable {
        case flag
        case value(String, bare: String?)
        case list(String)
    }

    let name: String
    let form: Form
    let help: String
    let expectation: String
    let accepts: @Sendable (String) -> Bool

    /// The option as errors and people write it: one letter takes one dash.
    var spelling: String { name.count == 1 ? "-\(name)" : "--\(name)" }

    /// The left column of the help text.
    var synopsis: String {
        let names = name.count == 1 ? "-\(name), --\(name)" : "--\(name)"
        return switch form {
        case .flag: names
        case .value(let placeholder, bare: nil): "\(names) \(placeholder)"
        case .value(let placeholder, bare: .some): "\(names)[=\(placeholder)]"
        case .list(let placeholder): "\(names) \(placeholder)[,\(placeholder)]"
        }
    }
}
