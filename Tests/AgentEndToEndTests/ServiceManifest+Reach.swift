import LabKit
import NetworkAddress

/// Where clients come from.
enum LabClient: String, CaseIterable, Sendable {
    /// A pod of the node that is no endpoint.
    case pod
    /// The node itself.
    case node
    /// A machine outside the cluster.
    case offCluster = "off-cluster"
}

/// The addresses by which a Service is asked.
enum LabFrontEnd: String, CaseIterable, Sendable {
    case clusterIP = "cluster IP"
    case nodePort = "node port"
    case loadBalancer = "load balancer"
    case externalIP = "external IP"

    /// All but the cluster IP: what machines outside the cluster are given.
    static let external: [Self] = [.nodePort, .loadBalancer, .externalIP]
}

extension ServiceManifest {
    /// The node port of Services with every front end.
    static let labNodePort = 30_080

    /// The address of the load balancer.
    static func loadBalancer(_ family: AddressFamily) -> String {
        family == .ipv4 ? "203.0.113.80" : "2001:db8:203::80"
    }

    /// The external IP.
    static func externalIP(_ family: AddressFamily) -> String {
        family == .ipv4 ? "198.51.100.80" : "2001:db8:198::80"
    }

    /// The lines of `spec` that give a Service every front end; it needs the node port beside them.
    static let everyFrontEnd = [
        "type: LoadBalancer",
        "externalIPs: [\(externalIP(.ipv4)), \"\(externalIP(.ipv6))\"]",
    ]

    /// The whole manifest, with the load balancer in the Service's status.
    var yamlWithLoadBalancer: String {
        let addresses = AddressFamily.allCases.map { "{ip: \"\(Self.loadBalancer($0))\"}" }.joined(separator: ", ")
        let status = "status: {loadBalancer: {ingress: [\(addresses)]}}\n"
        return ([service + status] + slices).joined(separator: "---\n")
    }

    /// What clients connect to.
    func target(_ frontEnd: LabFrontEnd, _ family: AddressFamily) -> (address: String, port: Int) {
        switch frontEnd {
        case .clusterIP: (clusterIP(family), Self.port)
        case .nodePort: (ServiceLab.nodeAddress(family), nodePort ?? Self.labNodePort)
        case .loadBalancer: (Self.loadBalancer(family), Self.port)
        case .externalIP: (Self.externalIP(family), Self.port)
        }
    }
}

extension AgentLab {
    /// Where a client's processes run; the last pod is the one that is a client.
    func namespace(of client: LabClient) -> Lab.Namespace {
        switch client {
        case .pod: pod(cluster.pods.count).namespace
        case .node: node
        case .offCluster: self.client
        }
    }

    /// The address that a client has where nothing changes it.
    func address(of client: LabClient, _ family: AddressFamily) -> String {
        switch client {
        case .pod: "\(pod(cluster.pods.count).address(family))"
        case .node: ServiceLab.nodeAddress(family)
        case .offCluster: ServiceLab.clientAddress(family)
        }
    }
}
