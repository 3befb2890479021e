package import KubernetesAPI

/// One event of a watch.
package enum WatchEvent: Hashable, Sendable {
    /// The object is new, or has changed.
    case applied(ObjectValue)
    /// The object is gone, or the selectors do not pick it any more.
    case deleted(ObjectValue)
    /// Nothing has changed up to a version.
    case bookmark(ResourceVersion, endsInitialEvents: Bool)
    /// The watch is over.
    case error(ServerStatus)

    /// Reads an event.
    ///
    /// - Parameters:
    ///   - bytes: One value of the stream.
    ///   - texts: The texts of the values before.
    /// - Throws: Why it is no event.
    package init(_ bytes: Span<UInt8>, sharing texts: inout TextCache) throws(JSONError) {
        let value = try JSONReader.value(of: bytes, sharing: &texts)
        guard case .string(let type) = value["type"], let object = value["object"] else {
            throw JSONError(offset: 0, message: "this is no watch event")
        }
        switch type {
        case "ADDED", "MODIFIED": self = .applied(object)
        case "DELETED": self = .deleted(object)
        case "BOOKMARK":
            guard case .string(let version) = object["metadata"]?["resourceVersion"] else {
                throw JSONError(offset: 0, message: "this bookmark has no resourceVersion")
            }
            let mark = object["metadata"]?["annotations"]?["k8s.io/initial-events-end"]
            self = .bookmark(ResourceVersion(version), endsInitialEvents: mark == .string("true"))
        case "ERROR": self = .error(ServerStatus(object))
        default: throw JSONError(offset: 0, message: "\(ObjectValue.quoted(type)) is no type of watch event")
        }
    }
}

/// What stands around the items of a list.
package struct ListEnvelope: Hashable, Sendable {
    /// The version of the list.
    package var version: ResourceVersion?
    /// The token that leads to the next page; nil on the last one.
    package var continuation: String?

    /// Creates what stands around the items.
    package init(version: ResourceVersion?, continuation: String? = nil) {
        self.version = version
        self.continuation = continuation
    }

    /// Reads what a scanner has kept.
    ///
    /// - Parameter bytes: The list without its items.
    /// - Throws: Why it is no list.
    package init(_ bytes: Span<UInt8>) throws(JSONError) {
        let value = try JSONReader.value(of: bytes)
        guard let metadata = value["metadata"] else { throw JSONError(offset: 0, message: "this list has no metadata") }
        if case .string(let text) = metadata["resourceVersion"], !text.isEmpty { version = ResourceVersion(text) }
        if case .string(let text) = metadata["continue"], !text.isEmpty { continuation = text }
    }
}
