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

    /// The map that holds the endpoints in their slots.
    var slotMap: DataPlaneSet { isNodePort ? .nodePortEndpoints : .endpoints }

    /// The element of a slot.
    func slotElement(_ slot: Int, _ endpoint: Endpoint, comment: String) -> Element {
        Element(
            tuple.appending(number: UInt32(slot)),
            .fields(PackedFields(endpoint.destination)),
            comment: comment
        )
    }

    /// Calls a closure with every element that belongs to this front end alone, but for those of the slots.
    func forEachFixedElement(comment: String, _ body: (DataPlaneSet, Element) -> Void) {
        switch action {
        case .forward(_, let size):
            let chain = isNodePort ? Skeleton.nodePortChain(size) : Skeleton.serviceChain(size)
            body(isNodePort ? .nodePorts : .services, Element(tuple, .verdict(.goto(chain)), comment: comment))
            if masquerade == .always {
                body(
                    isNodePort ? .masqueradedNodePorts : .masqueradedServices,
                    Element(tuple, comment: comment)
                )
            }
        case .refuse:
            body(unanswered, Element(tuple, .verdict(.goto(Skeleton.rejectChain)), comment: comment))
        case .drop:
            body(unanswered, Element(tuple, .verdict(.drop), comment: comment))
        }
    }

    private var unanswered: DataPlaneSet { isNodePort ? .unansweredNodePorts : .unansweredServices }

    /// Calls a closure with every element that other front ends may need too.
    func forEachSharedElement(_ body: (SharedElement) -> Void) {
        if masquerade == .offCluster, case .address(let address) = key.listener { body(.clusterIP(address)) }
        guard case .forward(let slots, _) = action else { return }
        for endpoint in slots where endpoint.locality != .remote { body(.hairpin(endpoint.destination.address)) }
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
