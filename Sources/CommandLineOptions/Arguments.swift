/// The options and operands that a command line gave.
package struct Arguments: Sendable {
    /// The arguments that are no options, in order.
    package internal(set) var operands: [String] = []

    /// The accepted texts of each option, in order.
    var texts: [String: [String]] = [:]

    /// The value of an option: the last one given, or nil.
    package subscript<Value>(option: CommandOption<Value>) -> Value? {
        texts[option.name]?.last.flatMap(option.read)
    }

    /// All values of an option, in order; none when it was not given.
    package func all<Value>(_ option: CommandOption<Value>) -> [Value] {
        (texts[option.name] ?? []).compactMap(option.read)
    }

    /// Whether a flag was given, and not with `=false`.
    package subscript(flag: CommandFlag) -> Bool { texts[flag.name]?.last == "true" }

    /// The options that were given, by name, with what they say: the last value, or all of a list with commas between.
    package var given: [String: String] { texts.mapValues { $0.joined(separator: ",") } }

    /// Whether an option was given at all, even as an empty list.
    package func gives<Value>(_ option: CommandOption<Value>) -> Bool { texts[option.name] != nil }
}
