package import NetworkAddress

/// Where an endpoint runs, seen from this node.
package enum Locality: UInt8, Sendable {
    /// On this node.
    case local
    /// On another node.
    case remote
    /// Its object names no node, as hand-written ones do; it may be here.
    case unknown
}

/// A place that can answer a Service: an address and port, and whether it is on this node.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// Where the flow is sent.
    package let destination: TransportAddress

    /// Where the endpoint runs, seen from this node.
    package let locality: Locality

    /// Creates an endpoint.
    package init(_ destination: TransportAddress, locality: Locality = .unknown) {
        self.destination = destination
        self.locality = locality
    }

    package var description: String { destination.description }
}
