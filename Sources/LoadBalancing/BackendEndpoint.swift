package import NetworkAddress

/// How a backend's endpoints take turns.
package enum BalancingPolicy: UInt8, CaseIterable, Hashable, Sendable {
    /// One after the other.
    case roundRobin
    /// The quicker and less busy of two that are drawn at random.
    case peakEWMA
}

/// A place that answers a backend's requests.
package struct BackendEndpoint: Hashable, Sendable {
    /// Where connections go.
    package let address: TransportAddress

    /// Describes an endpoint.
    package init(_ address: TransportAddress) { self.address = address }
}
