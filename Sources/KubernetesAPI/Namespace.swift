/// A core/v1 Namespace, as far as it is read: its labels.
package struct Namespace: Hashable, Sendable {
    /// The metadata.
    package var metadata: ObjectMetadata

    /// Creates a namespace.
    package init(metadata: ObjectMetadata) { self.metadata = metadata }
}
