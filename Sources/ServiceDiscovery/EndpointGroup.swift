internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

/// Endpoints of one family that share their ports: a slice, or one family of an Endpoints subset.
///
/// Only what selection needs is kept, 32 bytes an endpoint; what cannot be used is told once, while reading.
/// Zones are kept by name, since this node's zone can change; they are the group's, so that an endpoint stays small.
struct EndpointGroup: Equatable, Sendable {
    /// One endpoint.
    struct Member: Equatable, Sendable {
        let address: IPAddress
        let state: EndpointState
        let locality: Locality
        /// What the hints for nodes say; this node's name never changes.
        var nodeHint = TopologyHints.Hint.none
        /// The position of the zones hinted in the group's `zoneHints`, counted from 1; 0 when there are none.
        var zoneHintNumber: UInt32 = 0
    }

    /// The family of every address.
    let family: AddressFamily
    /// The ports that every endpoint has.
    let ports: [EndpointSlice.EndpointPort]
    /// The endpoints, in the object's order.
    var members: [Member]
    /// The zones hinted, each combination once, sorted: few, while endpoints are many.
    var zoneHints: [[String]] = []

    /// What the hints say to a node in a zone, by the `zoneHintNumber` of a member.
    func zoneHintMeanings(in zone: String?) -> [TopologyHints.Hint] {
        [.none] + zoneHints.map { zones in zone.map(zones.contains) == true ? .here : .elsewhere }
    }
}

/// What an EndpointSlice offers its Service.
struct SliceReading: Equatable, Sendable {
    /// The slice's name, unique in the namespace.
    let name: String
    /// Its endpoints.
    let group: EndpointGroup
    /// What of it is left out.
    let problems: [ObjectProblem]

    /// Reads a slice, or returns nil when it is one to pass over: of names, or of a headless Service.
    init?(_ slice: EndpointSlice, on node: NodeIdentity) {
        guard slice.metadata.labels[EndpointSlice.headlessLabel] == nil, let family = slice.addressType.family
        else { return nil }
        var problems: [ObjectProblem] = []
        var group = EndpointGroup(family: family, ports: slice.ports, members: [])
        var zoneHintNumbers: [[String]: UInt32] = [:]
        group.members.reserveCapacity(slice.endpoints.count)
        for (index, endpoint) in slice.endpoints.enumerated() {
            let address = endpoint.address
            let fault = address.family == family ? address.faultAsEndpoint : "is not an \(family) address"
            if let fault {
                problems.append(
                    ObjectProblem(
                        .endpointSlice,
                        slice.metadata,
                        field: "endpoints[\(index)].addresses[0]",
                        message: "\(address) \(fault); the endpoint is left out"
                    )
                )
                continue
            }
            let state = EndpointState(
                isReady: endpoint.isReady,
                isServing: endpoint.isServing,
                isTerminating: endpoint.isTerminating
            )
            let locality = node.locality(ofNodeNamed: endpoint.nodeName)
            var member = EndpointGroup.Member(address: address, state: state, locality: locality)
            if !endpoint.nodeHints.isEmpty {
                member.nodeHint = endpoint.nodeHints.contains(where: node.isNamed) ? .here : .elsewhere
            }
            if !endpoint.zoneHints.isEmpty {
                let zones = Set(endpoint.zoneHints).sorted()
                if zoneHintNumbers[zones] == nil {
                    group.zoneHints.append(zones)
                    zoneHintNumbers[zones] = UInt32(group.zoneHints.count)
                }
                member.zoneHintNumber = zoneHintNumbers[zones, default: 0]
            }
            group.members.append(member)
        }
        self.name = slice.metadata.name
        self.group = group
        self.problems = problems
    }
}

/// What an Endpoints object offers its Service.
struct EndpointsReading: Equatable, Sendable {
    /// Its endpoints, by subset and family.
    let groups: [EndpointGroup]
    /// What of it is left out.
    let problems: [ObjectProblem]

    /// Reads an Endpoints object; subsets may mix the families.
    init(_ endpoints: Endpoints, on node: NodeIdentity) {
        var groups: [EndpointGroup] = []
        var problems: [ObjectProblem] = []
        for (index, subset) in endpoints.subsets.enumerated() {
            var members: [EndpointGroup.Member] = []
            let lists = [
                ("addresses", subset.addresses, EndpointState.ready),
                ("notReadyAddresses", subset.notReadyAddresses, .notReady),
            ]
            for (list, addresses, state) in lists {
                for (position, entry) in addresses.enumerated() {
                    if let fault = entry.address.faultAsEndpoint {
                        problems.append(
                            ObjectProblem(
                                .endpoints,
                                endpoints.metadata,
                                field: "subsets[\(index)].\(list)[\(position)].ip",
                                message: "\(entry.address) \(fault); the endpoint is left out"
                            )
                        )
                        continue
                    }
                    let locality = node.locality(ofNodeNamed: entry.nodeName)
                    members.append(EndpointGroup.Member(address: entry.address, state: state, locality: locality))
                }
            }
            for family in AddressFamily.allCases {
                let ofFamily = members.filter { $0.address.family == family }
                guard !ofFamily.isEmpty else { continue }
                groups.append(EndpointGroup(family: family, ports: subset.ports, members: ofFamily))
            }
        }
        self.groups = groups
        self.problems = problems
    }
}

extension EndpointSlice.AddressType {
    /// The family of the addresses; nil for names.
    var family: AddressFamily? {
        switch self {
        case .ipv4: .ipv4
        case .ipv6: .ipv6
        case .fqdn: nil
        }
    }
}
