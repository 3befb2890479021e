/// A command line that cannot be obeyed; programs print it and exit with 2.
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and, where it can be guessed, what was meant.
    package let message: String

    /// The words that call the command.
    package let command: String

    /// Says what is wrong with a command line, for rules that a declaration cannot express.
    package init(message: String, command: String) {
        self.message = message
        self.command = command
    }

    /// The whole complaint in one line, with the way to the help text.
    package var description: String { "\(command): \(message) (see '\(command) --help')" }
}
