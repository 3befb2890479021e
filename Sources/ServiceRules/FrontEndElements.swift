internal import NetworkAddress
internal import Nftables
internal import ServiceModel

extension ProgrammedFrontEnd {
    /// The key of the front end in maps of tuples or of node ports.
    private var tuple: PackedFields {
        switch key.listener {
        case .address(let address): PackedFields(address, key.transport, key.port)
        case .nodeAddresses: PackedFields(key.transport, key.port)
        }
    }

    private var isNodePort: Bool {
        if case .nodeAddresses = key.listener { true } else { false }
    }

    private var balancing: DataPlaneChain.Balancing { isNodePort ? .nodePort : .service }
    private var ownBalancing: DataPlaneChain.Balancing { isNodePort ? .nodePortShortCircuit : .shortCircuit }

    // MARK: - Slots

    /// The two lists of slots, each with the map that holds it.
    var slotLists: [(map: DataPlaneSet, slots: [Endpoint])] {
        [(balancing.slots, forwarding?.slots ?? []), (ownBalancing.slots, shortCircuit?.slots ?? [])]
    }

    /// The element of a slot.
    func slotElement(_ slot: Int, _ endpoint: Endpoint, comment: String) -> Element {
        Element(
            tuple.appending(number: UInt32(slot)),
            .fields(PackedFields(endpoint.destination)),
            comment: comment
        )
    }

    /// The set of the endpoints that clients may return to, and the element of one.
    func affinityElement(_ endpoint: Endpoint, comment: String) -> (DataPlaneSet, Element) {
        var key = tuple
        key.append(endpoint.destination.address)
        key.append(endpoint.destination.port)
        return (isNodePort ? .affinityNodePortEndpoints : .affinityEndpoints, Element(key, comment: comment))
    }

    // MARK: - Everything else

    /// Calls a closure with every element that belongs to this front end alone, but for those of single endpoints.
    func forEachFixedElement(comment: String, _ body: (DataPlaneSet, Element) -> Void) {
        func verdict(_ set: DataPlaneSet, _ verdict: Verdict) {
            body(set, Element(tuple, .verdict(verdict), comment: comment))
        }
        if let entryChain { verdict(isNodePort ? .nodePorts : .services, .goto(entryChain.name)) }
        switch action {
        case .forward:
            if masquerade == .always {
                body(isNodePort ? .masqueradedNodePorts : .masqueradedServices, Element(tuple, comment: comment))
            }
        case .refuse: verdict(isNodePort ? .unansweredNodePorts : .unansweredServices, .goto(DataPlaneChain.reject))
        case .drop: verdict(isNodePort ? .unansweredNodePorts : .unansweredServices, .drop)
        }
        if let ownChain { verdict(isNodePort ? .nodePortShortCircuits : .shortCircuits, .goto(ownChain.name)) }
        if let recordChain { verdict(isNodePort ? .affinityNodePorts : .affinityServices, .goto(recordChain.name)) }
        forEachSourceRange(comment: comment, body)
    }

    // MARK: - Chains

    /// Calls a closure with every chain on demand that the elements lead to.
    func forEachChain(_ body: (DataPlaneChain) -> Void) {
        for chain in [entryChain, ownChain, recordChain] { if let chain { body(chain) } }
    }

    private var isAffine: Bool { affinitySeconds != nil }

    /// The chain that new flows enter, unless nothing answers them.
    private var entryChain: DataPlaneChain? {
        guard let forwarding else { return shortCircuit.map { _ in .externalOnly(isNodePort: isNodePort) } }
        let size = forwarding.size
        if shortCircuit != nil { return .external(balancing, size, isAffine: isAffine) }
        return isAffine ? .affine(balancing, size) : .balance(balancing, size)
    }

    /// The chain that new flows of the node's own clients enter, where they are led elsewhere.
    private var ownChain: DataPlaneChain? {
        shortCircuit.map { isAffine ? .affine(ownBalancing, $0.size) : .balance(ownBalancing, $0.size) }
    }

    /// The chain that remembers clients, where they stick to their endpoints.
    private var recordChain: DataPlaneChain? {
        endpoints.isEmpty
            ? nil : affinitySeconds.map { .record(key.transport, key.family, seconds: $0, isNodePort: isNodePort) }
    }

    private func forEachSourceRange(comment: String, _ body: (DataPlaneSet, Element) -> Void) {
        guard let sourceRanges, !isNodePort else { return }
        body(.firewalledServices, Element(tuple, comment: comment))
        for range in sourceRanges.withoutNested where range.family == key.family {
            var first = tuple
            first.append(range.address)
            var last = tuple
            last.append(range.lastAddress)
            body(.sourceRanges, Element(first, .upTo(last), comment: comment))
        }
    }

    /// Calls a closure with every element that other front ends may need too.
    func forEachSharedElement(_ body: (SharedElement) -> Void) {
        if masquerade == .offCluster, case .address(let address) = key.listener { body(.clusterIP(address)) }
        for (_, slots) in slotLists {
            for endpoint in slots where endpoint.locality != .remote { body(.hairpin(endpoint.destination.address)) }
        }
    }
}

extension [IPPrefix] {
    /// The ranges that lie in no other one: the kernel takes no ranges that overlap.
    fileprivate var withoutNested: [IPPrefix] {
        let unique = Set(self)
        return unique.filter { range in
            !unique.contains { $0.length < range.length && $0.contains(range.address) }
        }.sorted { ($0.address, $0.length) < ($1.address, $1.length) }
    }
}

/// An element that stands in its set once, however many front ends need it.
enum SharedElement: Hashable {
    /// An address that is a cluster IP.
    case clusterIP(IPAddress)
    /// An address that may be a pod of this node, which may reach itself.
    case hairpin(IPAddress)

    var set: DataPlaneSet {
        switch self {
        case .clusterIP: .clusterIPs
        case .hairpin: .hairpin
        }
    }

    var family: TableFamily {
        switch self {
        case .clusterIP(let address), .hairpin(let address): TableFamily(address.family)
        }
    }

    var element: Element {
        switch self {
        case .clusterIP(let address): Element(PackedFields(address))
        case .hairpin(let address): Element(PackedFields(address, address))
        }
    }
}
