/// What is wrong with a kubeconfig file: which file, which field, and what.
package struct KubeConfigError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or where else the settings come from.
    package let file: String
    /// The field, such as `users[0].user.token`; empty when the whole is at fault.
    package let field: String
    /// What is wrong.
    package let message: String

    /// The parts in one line.
    package var description: String { field.isEmpty ? "\(file): \(message)" : "\(file): \(field): \(message)" }
}
