/// What a client asks for, as far as a status page cares.
package struct StatusRequest: Hashable, Sendable {
    /// The method, such as `GET`; methods are case-sensitive.
    package let method: String

    /// The path without the query, such as `/healthz`; as it was sent, no escape is resolved.
    package let path: String

    /// What follows the first question mark, as it was sent; empty for nothing.
    package let query: String

    /// Whether the client is on this machine and came through its loopback interface.
    package internal(set) var isLocal = false

    /// Describes a request of a client that is anywhere.
    package init(method: String, path: String, query: String = "") {
        self.method = method
        self.path = path
        self.query = query
    }
}
