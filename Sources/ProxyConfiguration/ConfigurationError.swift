/// Why a configuration file cannot be used at all.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field as the file writes it, such as `conntrack.maxPerCore`; empty when the whole document is meant.
    package let field: String

    /// What is wrong with it.
    package let message: String

    /// Describes what is wrong with a field.
    package init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }

    package var description: String { field.isEmpty ? message : "field \(field): \(message)" }
}
