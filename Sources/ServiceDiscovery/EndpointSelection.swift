internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

/// An endpoint that a Service port may use, before duplicates and readiness are looked at.
struct EndpointCandidate: Comparable, Sendable {
    let destination: TransportAddress
    let state: EndpointState
    let locality: Locality
    let hints: TopologyHints

    /// Orders by destination, then the better duplicate first.
    static func < (left: EndpointCandidate, right: EndpointCandidate) -> Bool {
        if left.destination != right.destination { return left.destination < right.destination }
        if left.state != right.state { return left.state < right.state }
        if left.locality != right.locality { return left.locality.rawValue < right.locality.rawValue }
        return left.hints < right.hints
    }
}

/// The endpoints of one Service port in one family, and which of them new flows go to.
struct EndpointSelection: Sendable {
    /// The most endpoints of one front end, which is the largest class of the data plane.
    static let endpointsMax = 4096

    /// The candidates by destination, each destination once.
    private let candidates: [EndpointCandidate]

    /// The endpoints of the `Cluster` policy, which topology hints may narrow, at most `endpointsMax`: the first by address.
    let cluster: [Endpoint]

    /// Chooses among candidates in any order, which may name a destination more than once.
    init(_ candidates: [EndpointCandidate]) {
        var distinct: [EndpointCandidate] = []
        distinct.reserveCapacity(candidates.count)
        for candidate in candidates.sorted() where distinct.last?.destination != candidate.destination {
            distinct.append(candidate)
        }
        self.candidates = distinct
        self.cluster = Self.endpoints(of: Self.usable(distinct, under: .cluster))
    }

    /// What a front end under a traffic policy does with a new flow.
    ///
    /// Under `Local` the endpoints of this node are chosen among themselves. A flow that only another node could serve
    /// is dropped, so that whoever spreads the flows leads it there; one that no node can serve is refused.
    func action(under policy: Service.TrafficPolicy) -> FrontEndAction {
        let endpoints = policy == .cluster ? cluster : Self.endpoints(of: Self.usable(candidates, under: policy))
        if !endpoints.isEmpty { return .forward(endpoints) }
        return cluster.isEmpty ? .refuse : .drop
    }

    /// Whether a front end under a traffic policy does without some endpoints, because there are too many.
    func isTruncated(under policy: Service.TrafficPolicy) -> Bool {
        candidates.count > Self.endpointsMax && Self.usable(candidates, under: policy).count > Self.endpointsMax
    }

    /// Whether endpoints are usable, but none on this node: what a `Local` policy drops flows for.
    var isUsableElsewhereOnly: Bool { !cluster.isEmpty && Self.usable(candidates, under: .local).isEmpty }

    /// The addresses of this node's endpoints that are ready; those that are ending do not count.
    var localReadyAddresses: some Sequence<IPAddress> {
        candidates.lazy.filter { $0.locality == .local && $0.state.isReady }.map(\.destination.address)
    }

    /// The ready ones or, where none is, those that still serve while they end.
    ///
    /// Topology has a say only where a policy looks beyond this node, and only over ready ones.
    private static func usable(
        _ candidates: [EndpointCandidate],
        under policy: Service.TrafficPolicy
    ) -> [EndpointCandidate] {
        let eligible = policy == .cluster ? candidates : candidates.filter { $0.locality == .local }
        let ready = eligible.filter(\.state.isReady)
        if ready.isEmpty { return eligible.filter { $0.state == .servingWhileTerminating } }
        return policy == .cluster ? ready.preferredByTopology() : ready
    }

    private static func endpoints(of usable: [EndpointCandidate]) -> [Endpoint] {
        usable.prefix(endpointsMax).map { Endpoint($0.destination, locality: $0.locality) }
    }
}
