/// What a client asks for, as far as a status page cares.
package struct StatusRequest: Hashable, Sendable {
    /// The method, such as `GET`; methods are case-sensitive.
    package let method: String

    /// The path without the query, such as `/healthz`; as it was sent, no escape is resolved.
    package let path: String

    /// Describes a request.
    package init(method: String, path: String) {
        self.method = method
        self.path = path
    }
}
