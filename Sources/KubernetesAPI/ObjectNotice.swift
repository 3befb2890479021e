/// Something worth a quiet line in the log that is no mistake, such as a Deployment beside the Services.
package struct ObjectNotice: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Where it was read, such as `web.yaml document 2`; nil when it came from an API server.
    package var origin: String?

    /// The object, such as `Deployment default/web`; nil when it is about none.
    package var object: String?

    /// What there is to know.
    package var message: String

    /// Creates a notice.
    package init(origin: String? = nil, object: String? = nil, message: String) {
        self.origin = origin
        self.object = object
        self.message = message
    }

    /// The parts in one line.
    package var description: String { [origin, object, message].compactMap(\.self).joined(separator: ": ") }

    package static func < (left: ObjectNotice, right: ObjectNotice) -> Bool {
        left.description < right.description
    }
}
