/// What `metadata` says that Fairlead reads.
package struct ObjectMetadata: Hashable, Sendable {
    /// The namespace; `default` where a namespaced manifest names none, empty for kinds without one.
    package var namespace: String

    /// The name.
    package var name: String

    /// What tells the object from a later one of its name; nil when no API server has made it.
    package var uid: ObjectUID?

    /// The labels.
    package var labels: [String: String]

    /// When the object was made, as RFC 3339 text in UTC, whose order is the order of time; nil when unknown.
    package var creationTimestamp: String?

    /// Whether the object is being deleted.
    package var isBeingDeleted: Bool

    /// Where the object was read, such as `web.yaml document 2`; nil when it came from an API server.
    package var origin: String?

    /// Creates metadata.
    package init(
        namespace: String = "default",
        name: String,
        labels: [String: String] = [:],
        creationTimestamp: String? = nil,
        isBeingDeleted: Bool = false,
        origin: String? = nil,
        uid: ObjectUID? = nil
    ) {
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.creationTimestamp = creationTimestamp
        self.isBeingDeleted = isBeingDeleted
        self.origin = origin
        self.uid = uid
    }
}
