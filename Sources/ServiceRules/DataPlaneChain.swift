internal import NetworkAddress

/// A chain that elements lead to.
///
/// It is made when the first element needs it, and never more than there are cases.
enum DataPlaneChain: Hashable {
    /// How the flows to a front end are balanced: which map holds its endpoints.
    enum Balancing: String, CaseIterable {
        /// Those to an address.
        case service = "lb"
        /// Those to a node port.
        case nodePort = "np"
        /// Those of this node's pods, and of the node, to an external address under a `Local` policy.
        case shortCircuit = "sc"
        /// Those of this node's pods, and of the node, to a node port under a `Local` policy.
        case nodePortShortCircuit = "scnp"

        /// Whether the destination address is no part of the key.
        var isNodePort: Bool { self == .nodePort || self == .nodePortShortCircuit }

        /// Whether it is for the node's own clients alone.
        var isShortCircuit: Bool { self == .shortCircuit || self == .nodePortShortCircuit }

        /// The map that holds the endpoints.
        var slots: DataPlaneSet {
            switch self {
            case .service: .endpoints
            case .nodePort: .nodePortEndpoints
            case .shortCircuit: .shortCircuitEndpoints
            case .nodePortShortCircuit: .nodePortShortCircuitEndpoints
            }
        }
    }

    /// Balances over the endpoints in slots below a power of two.
    case balance(Balancing, UInt32)
    /// Leads a client back to the endpoint that it was given, or else balances.
    case affine(Balancing, UInt32)
    /// Leads the node's own clients to the short circuit; balances all others, leading them back if they are known.
    case external(Balancing, UInt32, isAffine: Bool)
    /// Leads the node's own clients to the short circuit, and nobody else anywhere.
    case externalOnly(isNodePort: Bool)
    /// Remembers a client's endpoint for so many seconds; only in the family that needs it, as nft 1.0.6 cannot load
    /// those of IPv6.
    case record(TransportProtocol, AddressFamily, seconds: UInt32, isNodePort: Bool)

    /// The chain that refuses what nothing answers; it is always there.
    static let reject = "reject-chain"

    /// The chain that leads the node's own clients to the short circuit and returns with all others; it is always there.
    static func shortCircuit(isNodePort: Bool) -> String { isNodePort ? "short-circuit-np" : "short-circuit-lb" }

    /// The name in the table.
    var name: String {
        switch self {
        case .balance(let balancing, let size): "\(balancing.rawValue)-\(size)"
        case .affine(let balancing, let size): "aff-\(balancing.rawValue)-\(size)"
        case .external(let balancing, let size, let isAffine):
            "ext-" + Self.next(balancing, size, isAffine: isAffine).name
        case .externalOnly(let isNodePort): isNodePort ? "ext-np-none" : "ext-lb-none"
        case .record(let transport, _, let seconds, let isNodePort):
            "record-\(isNodePort ? "np-" : "")\(transport)-\(seconds)"
        }
    }

    /// Whether the table of a family has it when any has.
    func belongs(in family: AddressFamily) -> Bool {
        if case .record(_, let own, _, _) = self { own == family } else { true }
    }

    /// The chain on demand that this one leads to, if any.
    var next: DataPlaneChain? {
        switch self {
        case .balance, .externalOnly, .record: nil
        case .affine(let balancing, let size): .balance(balancing, size)
        case .external(let balancing, let size, let isAffine): Self.next(balancing, size, isAffine: isAffine)
        }
    }

    private static func next(_ balancing: Balancing, _ size: UInt32, isAffine: Bool) -> DataPlaneChain {
        isAffine ? .affine(balancing, size) : .balance(balancing, size)
    }

    /// This chain and all on demand that it leads to, the last one first.
    var withDependencies: [DataPlaneChain] { (next?.withDependencies ?? []) + [self] }
}
