/// Whether an endpoint is meant for this node's flows, by the hints that the EndpointSlice controller gives.
struct TopologyHints: Equatable, Comparable, Sendable {
    /// What the hints of one kind say.
    enum Hint: UInt8, Comparable, Sendable {
        /// The endpoint is meant for flows from here.
        case here
        /// The endpoint is meant for flows from other places.
        case elsewhere
        /// There is no hint.
        case none

        static func < (left: Hint, right: Hint) -> Bool { left.rawValue < right.rawValue }
    }

    /// What `hints.forNodes` says.
    let node: Hint
    /// What `hints.forZones` says.
    let zone: Hint

    /// The hints of an endpoint that has none.
    static let none = TopologyHints(node: .none, zone: .none)

    /// Orders duplicates of one endpoint, so that the choice between them does not depend on their order.
    static func < (left: TopologyHints, right: TopologyHints) -> Bool {
        left.node == right.node ? left.zone < right.zone : left.node < right.node
    }
}

extension [EndpointCandidate] {
    /// Those of ready endpoints that this node is meant to use; all of them when the hints do not say.
    ///
    /// Hints of a kind count when every ready endpoint has one and at least one of them names this place; those for
    /// nodes go first. Otherwise they may be half written, or made for a cluster that looked different, and leaving an
    /// endpoint out could leave none (`topologyModeFromHints` of kube-proxy).
    func preferredByTopology() -> [EndpointCandidate] {
        for kind in [\TopologyHints.node, \TopologyHints.zone] where allSatisfy({ $0.hints[keyPath: kind] != .none }) {
            let here = filter { $0.hints[keyPath: kind] == .here }
            if !here.isEmpty { return here }
        }
        return self
    }
}
