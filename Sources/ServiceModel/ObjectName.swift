/// The namespace and name of a Kubernetes object whose kind is known from where it stands.
package struct ObjectName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The namespace; empty for objects that have none, such as Nodes.
    package let namespace: String

    /// The name, unique for one kind within the namespace.
    package let name: String

    /// Creates a name within a namespace.
    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or the name alone when there is no namespace.
    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    package static func < (left: ObjectName, right: ObjectName) -> Bool {
        left.namespace == right.namespace ? left.name < right.name : left.namespace < right.namespace
    }
}
