internal import Nftables

/// The sets and maps of a table.
///
/// Services and endpoints are their elements; nothing else changes with the cluster.
enum DataPlaneSet: String, CaseIterable {
    /// The cluster IPs: what is sent to another port of one is refused.
    case clusterIPs = "cluster-ips"
    /// Service tuples to the chain that balances over their endpoints.
    case services
    /// Node ports to the chain that balances over their endpoints.
    case nodePorts = "nodeports"
    /// Service tuples and slots to endpoints.
    case endpoints
    /// Node ports and slots to endpoints.
    case nodePortEndpoints = "nodeport-endpoints"
    /// The Service tuples whose flows are all masqueraded.
    case masqueradedServices = "masq-services"
    /// The node ports whose flows are all masqueraded.
    case masqueradedNodePorts = "masq-nodeports"
    /// Pairs of an endpoint's address with itself: a flow back to its own sender.
    case hairpin
    /// Service tuples that nothing answers to what happens to their flows.
    case unansweredServices = "no-endpoint-services"
    /// Node ports that nothing answers to what happens to their flows.
    case unansweredNodePorts = "no-endpoint-nodeports"
    /// The local addresses that node ports are open on, when not all are.
    case nodePortAddresses = "nodeport-ips"
    /// Service tuples to the chain that balances the flows of this node's pods, and of the node, where those differ.
    case shortCircuits = "short-circuits"
    /// Node ports to the chain that balances the flows of this node's pods, and of the node, where those differ.
    case nodePortShortCircuits = "short-circuit-nodeports"
    /// Service tuples and slots to the endpoints of short circuits.
    case shortCircuitEndpoints = "short-circuit-endpoints"
    /// Node ports and slots to the endpoints of short circuits.
    case nodePortShortCircuitEndpoints = "short-circuit-nodeport-endpoints"
    /// The Service tuples that not everybody may use.
    case firewalledServices = "firewalled-services"
    /// Service tuples with the sources that may use them.
    case sourceRanges = "source-ranges"
    /// Clients and what they asked for to the endpoint that they were given; rules fill it.
    case affinity
    /// Service tuples to the chain that remembers their clients' endpoints.
    case affinityServices = "affinity-services"
    /// Node ports to the chain that remembers their clients' endpoints.
    case affinityNodePorts = "affinity-nodeports"
    /// Service tuples with the endpoints that clients may return to.
    case affinityEndpoints = "affinity-endpoints"
    /// Node ports with the endpoints that clients may return to.
    case affinityNodePortEndpoints = "affinity-nodeport-endpoints"

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
            SetDeclaration(rawValue, key: [address])
        case .services, .unansweredServices, .shortCircuits, .affinityServices:
            SetDeclaration(rawValue, key: tuple, content: .verdicts)
        case .nodePorts, .unansweredNodePorts, .nodePortShortCircuits, .affinityNodePorts:
            SetDeclaration(rawValue, key: nodePort, content: .verdicts)
        case .endpoints, .shortCircuitEndpoints:
            SetDeclaration(rawValue, key: tuple + [.number], content: .fields(destination))
        case .nodePortEndpoints, .nodePortShortCircuitEndpoints:
            SetDeclaration(rawValue, key: nodePort + [.number], content: .fields(destination))
        case .masqueradedServices, .firewalledServices:
            SetDeclaration(rawValue, key: tuple)
        case .masqueradedNodePorts:
            SetDeclaration(rawValue, key: nodePort)
        case .hairpin:
            SetDeclaration(rawValue, key: [address, address])
        case .sourceRanges:
            SetDeclaration(rawValue, key: tuple + [address], form: .ranges)
        case .affinity:
            SetDeclaration(
                rawValue,
                key: [address] + tuple,
                content: .fields(destination),
                form: .dynamic(elementsMax: Self.affinityClientsMax)
            )
        case .affinityEndpoints:
            SetDeclaration(rawValue, key: tuple + destination)
        case .affinityNodePortEndpoints:
            SetDeclaration(rawValue, key: nodePort + destination)
        }
    }
}
