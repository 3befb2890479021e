package import NetworkAddress
internal import KubernetesAPI

/// How many Service ports have endpoints on other nodes only, where a `Local` policy wants them on this one.
///
/// These drop flows: kube-proxy counts them as `sync_proxy_rules_no_local_endpoints_total`.
package struct LocalEndpointGaps: Hashable, Sendable {
    /// The traffic that a policy is for.
    package enum Traffic: String, CaseIterable, Sendable {
        /// Flows to cluster IPs.
        case `internal`
        /// Flows to node ports, external IPs and load balancers.
        case external
    }

    private struct Place: Hashable {
        let traffic: Traffic
        let family: AddressFamily
    }

    /// The counts that are not zero.
    private var counts: [Place: Int] = [:]

    /// Creates counts of zero.
    package init() {}

    /// The ports of one kind of traffic in one family.
    package subscript(traffic: Traffic, family: AddressFamily) -> Int {
        counts[Place(traffic: traffic, family: family), default: 0]
    }

    /// Counts a port of a Service in one family.
    mutating func count(_ selection: EndpointSelection, _ family: AddressFamily, of service: ServedService) {
        let isInternalLocal = service.internalTrafficPolicy == .local
        let isExternalLocal = service.externalTrafficPolicy == .local
        guard isInternalLocal || isExternalLocal, selection.isUsableElsewhereOnly else { return }
        if isInternalLocal { add(1, to: Place(traffic: .internal, family: family)) }
        if isExternalLocal { add(1, to: Place(traffic: .external, family: family)) }
    }

    /// Puts what one Service has in the place of what it had.
    mutating func replace(_ former: LocalEndpointGaps, with latter: LocalEndpointGaps) {
        for (place, count) in former.counts { add(-count, to: place) }
        for (place, count) in latter.counts { add(count, to: place) }
    }

    private mutating func add(_ count: Int, to place: Place) {
        let sum = counts[place, default: 0] + count
        counts[place] = sum == 0 ? nil : sum
    }
}
