/// A number that is kept elsewhere, as it stands when it is asked for.
package struct CollectedMetric: Hashable, Sendable {
    /// How the number moves.
    package enum Kind: String, Sendable {
        /// It only grows.
        case counter
        /// It goes up and down.
        case gauge
    }

    /// The name; the caller sees to it that no other metric has it.
    package let name: String
    /// What it counts, in a sentence.
    package let help: String
    /// How it moves.
    package let kind: Kind
    /// The number.
    package let value: Double

    /// Describes a number.
    package init(_ kind: Kind, _ name: String, _ help: String, _ value: Double) {
        self.name = name
        self.help = help
        self.kind = kind
        self.value = value
    }
}
