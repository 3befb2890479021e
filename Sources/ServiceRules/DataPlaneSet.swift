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

    /// The declaration of the set in a table of the given family.
    func declaration(in family: TableFamily) -> SetDeclaration {
        let address = DataType.address(family.addressFamily)
        let tuple: [DataType] = [address, .transportProtocol, .port]
        let nodePort: [DataType] = [.transportProtocol, .port]
        let destination: [DataType] = [address, .port]
        return switch self {
        case .clusterIPs, .nodePortAddresses: SetDeclaration(rawValue, key: [address])
        case .services, .unansweredServices: SetDeclaration(rawValue, key: tuple, content: .verdicts)
        case .nodePorts, .unansweredNodePorts: SetDeclaration(rawValue, key: nodePort, content: .verdicts)
        case .endpoints: SetDeclaration(rawValue, key: tuple + [.number], content: .fields(destination))
        case .nodePortEndpoints: SetDeclaration(rawValue, key: nodePort + [.number], content: .fields(destination))
        case .masqueradedServices: SetDeclaration(rawValue, key: tuple)
        case .masqueradedNodePorts: SetDeclaration(rawValue, key: nodePort)
        case .hairpin: SetDeclaration(rawValue, key: [address, address])
        }
    }
}
