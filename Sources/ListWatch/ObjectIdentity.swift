package import KubernetesAPI

/// What an object from a server says of itself before anybody decodes it.
package struct ObjectIdentity: Hashable, Sendable {
    /// What identifies it.
    package var reference: ObjectReference
    /// Its version; nil when it names none.
    package var version: ResourceVersion?

    /// Creates an identity.
    package init(reference: ObjectReference, version: ResourceVersion?) {
        self.reference = reference
        self.version = version
    }

    /// Reads the identity of an object; nil when it has no name.
    package init?(of object: ObjectValue, kind: ObjectKind) {
        guard let metadata = object["metadata"], case .string(let name) = metadata["name"], !name.isEmpty else {
            return nil
        }
        var namespace = ""
        if case .string(let text) = metadata["namespace"] { namespace = text }
        if namespace.isEmpty, kind.isNamespaced { namespace = "default" }
        reference = ObjectReference(kind: kind, namespace: namespace, name: name)
        if case .string(let text) = metadata["resourceVersion"], !text.isEmpty { version = ResourceVersion(text) }
    }
}
