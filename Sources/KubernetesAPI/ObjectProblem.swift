/// Why an object, or a part of it, is left out, in words for the operator who can mend it.
package struct ObjectProblem: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Where the object was read, such as `web.yaml document 2`; nil when it came from an API server.
    package var origin: String?

    /// The object, such as `Service default/web`; nil when the text was too broken to tell.
    package var object: String?

    /// The field, such as `spec.ports[0].nodePort`; nil when the whole object is at fault.
    package var field: String?

    /// What is wrong and what follows, such as `port 70000 is not between 1 and 65535; the Service is left out`.
    package var message: String

    /// Creates a problem.
    package init(origin: String? = nil, object: String? = nil, field: String? = nil, message: String) {
        self.origin = origin
        self.object = object
        self.field = field
        self.message = message
    }

    /// The parts in one line: `web.yaml document 2: Service default/web: spec.ports[0].port: …`.
    package var description: String {
        [origin, object, field, message].compactMap(\.self).joined(separator: ": ")
    }

    package static func < (left: ObjectProblem, right: ObjectProblem) -> Bool {
        left.description < right.description
    }
}
