package import NetfilterKernel
package import NetworkAddress
package import ServiceModel

/// Which tracked UDP flows are to be forgotten.
package enum CleaningJob: Hashable, Sendable {
    /// Flows that a front end sent to an endpoint.
    case departed(FrontEndKey, TransportAddress)
    /// Flows that went untranslated while a front end led nowhere.
    case answered(FrontEndKey)
    /// Flows to any of the front ends that go elsewhere than to its endpoints.
    case reconcile([FrontEndKey: Set<TransportAddress>])

    /// The same job without flows to the given endpoints, or nil when nothing is left of it.
    func sparing(_ endpoints: [FrontEndKey: Set<TransportAddress>]) -> CleaningJob? {
        switch self {
        case .departed(let key, let endpoint): endpoints[key]?.contains(endpoint) == true ? nil : self
        case .answered: self
        case .reconcile(let known): .reconcile(known.merging(endpoints) { $0.union($1) })
        }
    }

    /// Whether flows of a family can be meant.
    package func concerns(_ family: AddressFamily) -> Bool {
        switch self {
        case .departed(let key, _), .answered(let key): key.family == family && key.transport == .udp
        case .reconcile(let endpoints): endpoints.keys.contains { $0.family == family }
        }
    }

    /// What the kernel is to look for; `FlowMatcher` then looks more closely.
    package func filter(_ family: AddressFamily) -> ConnectionFilter {
        var filter = ConnectionFilter(family: family, transport: .udp)
        switch self {
        case .departed(let key, let endpoint):
            filter.originalPort = key.port
            filter.replySource = endpoint
            if case .address(let address) = key.listener { filter.originalDestination = address }
        case .answered(let key):
            filter.originalPort = key.port
            if case .address(let address) = key.listener { filter.originalDestination = address }
        case .reconcile: break
        }
        return filter
    }
}

/// Tells which tracked UDP flows jobs mean, by what the flows asked for.
package struct FlowMatcher {
    private let local: Set<IPAddress>
    private var departed: [FrontEndKey: Set<TransportAddress>] = [:]
    private var answered: Set<FrontEndKey> = []
    private var wanted: [FrontEndKey: Set<TransportAddress>] = [:]

    /// Creates a matcher.
    ///
    /// - Parameters:
    ///   - jobs: The jobs.
    ///   - local: The node's own addresses: a flow to a node port is one to such an address. Flows that are merely
    ///     passed on, and happen to have the same port, are nobody's here.
    package init(_ jobs: [CleaningJob], local: Set<IPAddress>) {
        self.local = local
        for job in jobs {
            switch job {
            case .departed(let key, let endpoint): departed[key, default: []].insert(endpoint)
            case .answered(let key): answered.insert(key)
            case .reconcile(let endpoints): wanted.merge(endpoints) { $1 }
            }
        }
    }

    /// Whether one of the jobs means the flow.
    package func matches(_ flow: TrackedConnection) -> Bool {
        let asked = flow.originalDestination
        let address = FrontEndKey(listener: .address(asked.address), transport: .udp, port: asked.port)
        if means(flow, under: address) { return true }
        guard local.contains(asked.address) else { return false }
        let nodePort = FrontEndKey(
            listener: .nodeAddresses(asked.address.family),
            transport: .udp,
            port: asked.port
        )
        return means(flow, under: nodePort)
    }

    private func means(_ flow: TrackedConnection, under key: FrontEndKey) -> Bool {
        if departed[key]?.contains(flow.replySource) == true { return true }
        if answered.contains(key), flow.replySource == flow.originalDestination { return true }
        if let endpoints = wanted[key], !endpoints.contains(flow.replySource) { return true }
        return false
    }
}
