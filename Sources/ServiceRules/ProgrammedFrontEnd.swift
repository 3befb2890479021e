internal import NetworkAddress
internal import Nftables
internal import ServiceModel

/// Endpoints in their slots, and the class of the chain that balances over them.
struct BalancedEndpoints: Hashable {
    /// The endpoints; their indices are their slots.
    let slots: [Endpoint]

    /// The class: a power of two.
    let size: UInt32

    /// Places endpoints into slots, keeping what the kernel holds already where it can.
    init(_ endpoints: [Endpoint], current: BalancedEndpoints?) {
        slots = Slots.filled(current?.slots ?? [], with: endpoints)
        size = BalancingClass.holding(slots.count, current: current?.size)
    }
}

/// A front end as the kernel holds it: which endpoint is in which slot.
struct ProgrammedFrontEnd: Hashable {
    /// What happens to a new flow.
    enum Action: Hashable {
        /// It goes to one of the endpoints.
        case forward(BalancedEndpoints)
        /// It is refused.
        case refuse
        /// It is dropped.
        case drop
    }

    let key: FrontEndKey

    /// The name of the Service port; empty for the only, unnamed one.
    let portName: String

    let masquerade: Masquerade
    let action: Action

    /// Where the flows of this node's pods and of the node go instead, if they differ.
    let shortCircuit: BalancedEndpoints?

    let sourceRanges: [IPPrefix]?
    let affinitySeconds: UInt32?

    /// Resolves a front end into slots, keeping what the kernel holds already where it can.
    ///
    /// - Parameters:
    ///   - frontEnd: What to program.
    ///   - current: What the kernel holds for the same key, if anything.
    init(_ frontEnd: FrontEnd, current: ProgrammedFrontEnd?) {
        key = frontEnd.key
        portName = frontEnd.portName
        masquerade = frontEnd.masquerade
        sourceRanges = frontEnd.sourceRanges
        affinitySeconds = frontEnd.affinitySeconds
        switch frontEnd.action {
        case .refuse: action = .refuse
        case .drop: action = .drop
        case .forward(let endpoints): action = .forward(BalancedEndpoints(endpoints, current: current?.forwarding))
        }
        if case .forward(let endpoints) = frontEnd.shortCircuit {
            shortCircuit = BalancedEndpoints(endpoints, current: current?.shortCircuit)
        } else {
            shortCircuit = nil
        }
    }

    /// The endpoints that new flows go to, if they go to any.
    var forwarding: BalancedEndpoints? {
        if case .forward(let balanced) = action { balanced } else { nil }
    }

    /// Every endpoint that a flow can go to, some of them twice.
    var endpoints: [Endpoint] { (forwarding?.slots ?? []) + (shortCircuit?.slots ?? []) }

    /// The endpoints that flows of clients outside this node go to.
    var endpointsOfOthers: [Endpoint] { forwarding?.slots ?? [] }

    /// The endpoints that flows of this node's pods, and of the node, go to.
    var endpointsOfOwnClients: [Endpoint] { shortCircuit?.slots ?? endpointsOfOthers }

    /// The front end that this is the programmed form of, its endpoints in the order of their slots.
    var frontEnd: FrontEnd {
        let action: FrontEndAction =
            switch action {
            case .forward(let balanced): .forward(balanced.slots)
            case .refuse: .refuse
            case .drop: .drop
            }
        return FrontEnd(
            key: key,
            portName: portName,
            masquerade: masquerade,
            action: action,
            shortCircuit: shortCircuit.map { .forward($0.slots) },
            sourceRanges: sourceRanges,
            affinitySeconds: affinitySeconds
        )
    }

    /// Whether both have the same elements but for those of the slots.
    func differsInSlotsOnly(from other: ProgrammedFrontEnd) -> Bool {
        let haveSameAction: Bool =
            switch (action, other.action) {
            case (.forward(let mine), .forward(let theirs)): mine.size == theirs.size
            default: action == other.action
            }
        return haveSameAction && shortCircuit?.size == other.shortCircuit?.size && key == other.key
            && portName == other.portName && masquerade == other.masquerade && sourceRanges == other.sourceRanges
            && affinitySeconds == other.affinitySeconds
    }
}
