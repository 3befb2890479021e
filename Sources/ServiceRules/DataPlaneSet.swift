internal import Nftables

/// The sets and maps of a table.
///
/// Services and endpoints are their elements; nothing else changes with the cluster.
enum DataPlaneSet: Int, CaseIterable {
    /// The cluster IPs: what is sent to another port of one is refused.
    case clusterIPs
    /// Service tuples to the chain that balances over their endpoints.
    case services
    /// Node ports to the chain that balances over their endpoints.
    case nodePorts
    /// Service tuples and slots to endpoints.
    case endpoints
    /// Node ports and slots to endpoints.
    case nodePortEndpoints
    /// The Service tuples whose flows are all masqueraded.
    case masqueradedServices
    /// The node ports whose flows are all masqueraded.
    case masqueradedNodePorts
    /// Pairs of an endpoint's address with itself: a flow back to its own sender.
    case hairpin
    /// Service tuples that nothing answers to what happens to their flows.
    case unansweredServices
    /// Node ports that nothing answers to what happens to their flows.
    case unansweredNodePorts
    /// The local addresses that node ports are open on, when not all are.
    case nodePortAddresses
    /// Service tuples to the chain that balances the flows of this node's pods, and of the node, where those differ.
    case shortCircuits
    /// Node ports to the chain that balances the flows of this node's pods, and of the node, where those differ.
    case nodePortShortCircuits
    /// Service tuples and slots to the endpoints of short circuits.
    case shortCircuitEndpoints
    /// Node ports and slots to the endpoints of short circuits.
    case nodePortShortCircuitEndpoints
    /// The Service tuples that not everybody may use.
    case firewalledServices
    /// Service tuples with the sources that may use them.
    case sourceRanges
    /// Clients and what they asked for to the endpoint that they were given; rules fill it.
    case affinity
    /// Service tuples to the chain that remembers their clients' endpoints.
    case affinityServices
    /// Node ports to the chain that remembers their clients' endpoints.
    case affinityNodePorts
    /// Service tuples with the endpoints that clients may return to.
    case affinityEndpoints
    /// Node ports with the endpoints that clients may return to.
    case affinityNodePortEndpoints

    /// The name in the table.
    var name: String {
        switch self {
        case .clusterIPs: "cluster-ips"
        case .services: "services"
        case .nodePorts: "nodeports"
        case .endpoints: "endpoints"
        case .nodePortEndpoints: "nodeport-endpoints"
        case .masqueradedServices: "masq-services"
        case .masqueradedNodePorts: "masq-nodeports"
        case .hairpin: "hairpin"
        case .unansweredServices: "no-endpoint-services"
        case .unansweredNodePorts: "no-endpoint-nodeports"
        case .nodePortAddresses: "nodeport-ips"
        case .shortCircuits: "short-circuits"
        case .nodePortShortCircuits: "short-circuit-nodeports"
        case .shortCircuitEndpoints: "short-circuit-endpoints"
        case .nodePortShortCircuitEndpoints: "short-circuit-nodeport-endpoints"
        case .firewalledServices: "firewalled-services"
        case .sourceRanges: "source-ranges"
        case .affinity: "affinity"
        case .affinityServices: "affinity-services"
        case .affinityNodePorts: "affinity-nodeports"
        case .affinityEndpoints: "affinity-endpoints"
        case .affinityNodePortEndpoints: "affinity-nodeport-endpoints"
        }
    }

    /// Whether it holds the endpoints that clients may return to.
    var holdsReturns: Bool { self == .affinityEndpoints || self == .affinityNodePortEndpoints }

    /// The most clients that are remembered in a family, over all Services.
    ///
    /// Each takes about 200 bytes of the kernel's memory. When the map is full, new clients are balanced anew each time
    /// until others are forgotten.
    static let affinityClientsMax: UInt32 = 262_144

    /// The declaration of the set in a table of the given family.
    func declaration(in family: TableFamily) -> SetDeclaration {
        let address = DataType.address(family.addressFamily)
        let tuple: [DataType] = [address, .transportProtocol, .port]
        let nodePort: [DataType] = [.transportProtocol, .port]
        let destination: [DataType] = [address, .port]
        return switch self {
        case .clusterIPs, .nodePortAddresses:
            SetDeclaration(name, key: [address])
        case .services, .unansweredServices, .shortCircuits, .affinityServices:
            SetDeclaration(name, key: tuple, content: .verdicts)
        case .nodePorts, .unansweredNodePorts, .nodePortShortCircuits, .affinityNodePorts:
            SetDeclaration(name, key: nodePort, content: .verdicts)
        case .endpoints, .shortCircuitEndpoints:
            SetDeclaration(name, key: tuple + [.number], content: .fields(destination))
        case .nodePortEndpoints, .nodePortShortCircuitEndpoints:
            SetDeclaration(name, key: nodePort + [.number], content: .fields(destination))
        case .masqueradedServices, .firewalledServices:
            SetDeclaration(name, key: tuple)
        case .masqueradedNodePorts:
            SetDeclaration(name, key: nodePort)
        case .hairpin:
            SetDeclaration(name, key: [address, address])
        case .sourceRanges:
            SetDeclaration(name, key: tuple + [address], form: .ranges)
        case .affinity:
            SetDeclaration(
                name,
                key: [address] + tuple,
                content: .fields(destination),
                form: .dynamic(elementsMax: Self.affinityClientsMax)
            )
        case .affinityEndpoints:
            SetDeclaration(name, key: tuple + destination)
        case .affinityNodePortEndpoints:
            SetDeclaration(name, key: nodePort + destination)
        }
    }
}
