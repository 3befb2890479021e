package import KubernetesAPI

/// The namespace and name of an object whose kind is known.
package struct NamespacedName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The namespace.
    package let namespace: String
    /// The name.
    package let name: String

    /// Creates a name in a namespace.
    package init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Creates the name of an object that a reference is to.
    package init(_ reference: ObjectReference) { self.init(reference.namespace, reference.name) }

    /// Reads `namespace/name`, or returns nil.
    package init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(String(parts[0]), String(parts[1]))
    }

    /// `namespace/name`.
    package var description: String { "\(namespace)/\(name)" }

    package static func < (left: NamespacedName, right: NamespacedName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}
