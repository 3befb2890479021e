package import LoadBalancing

/// A Service port with the endpoints behind it, and how they are spoken to.
///
/// Immutable; a change makes a new one with the same `id`, and each worker notices when it uses it the next time.
package final class Backend: Sendable {
    /// The place of a backend in the table; it stays the same for as long as the backend exists.
    package typealias ID = Int32

    /// How the endpoints are spoken to.
    package enum Scheme: UInt8, Hashable, Sendable {
        /// HTTP/1.1 in clear.
        case http
        /// HTTP/1.1 over TLS.
        case https
    }

    /// The place in the table.
    package let id: ID

    /// The name in access logs: `namespace-service-port`.
    package let name: String

    /// The same as bytes, for lines that are written at every request.
    package let nameBytes: [UInt8]

    /// How the endpoints are spoken to.
    package let scheme: Scheme

    /// How an endpoint is picked.
    package let policy: BalancingPolicy

    /// The endpoints, in a fixed order; with none every request is answered 503.
    package let endpoints: [BackendEndpoint]

    /// Creates a backend.
    package init(id: ID, name: String, scheme: Scheme, policy: BalancingPolicy, endpoints: [BackendEndpoint]) {
        self.id = id
        self.name = name
        nameBytes = Array(name.utf8)
        self.scheme = scheme
        self.policy = policy
        self.endpoints = endpoints
    }
}
