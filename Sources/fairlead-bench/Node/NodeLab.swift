internal import LabKit
internal import LinuxSystem
internal import NetworkAddress

/// A node in network namespaces, with a client on one side and every pod of a synthetic cluster on the other.
///
///      client                     node                          pods
///     ┌───────────────┐ eth0  client┌──────────┐ pods   eth0 ┌───────────────────────────┐
///     │ 192.168.50.2  ├─────────────┤  .50.1   ├─────────────┤ every address of the      │
///     │ fd00:50::2    │             │ fd00:50::1             │ endpoints' range is local │
///     └───────────────┘             └──────────┘             └───────────────────────────┘
///
/// The pods share a namespace, in which one socket listens on every address: whom a connection reached is its own end.
final class NodeLab {
    let cluster: SyntheticCluster
    let client: Lab.Namespace
    let node: Lab.Namespace
    private let pods: Lab.Namespace
    private let listener: PodListener

    /// Makes the namespaces and links in a lab, which removes them.
    ///
    /// - Parameters:
    ///   - cluster: Whose endpoints the pods are.
    ///   - label: What tells it from others in the lab.
    ///   - lab: The lab.
    /// - Throws: What the lab cannot do, or why nobody can listen.
    init(_ cluster: SyntheticCluster, _ label: String, in lab: Lab) throws {
        self.cluster = cluster
        client = try lab.makeNamespace("\(label)-client")
        node = try lab.makeNamespace("\(label)-node")
        pods = try lab.makeNamespace("\(label)-pods")
        try lab.set(["net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"], in: node)
        // Connections are many and short, also those that are the node's to keep account of.
        try lab.set(["net/ipv4/ip_local_port_range": "1024 65000"], in: client)
        try lab.set(["net/core/somaxconn": "16384"], in: pods)
        try lab.link(client, "eth0", node, "client")
        try lab.link(node, "pods", pods, "eth0")
        let isIPv4 = cluster.family == .ipv4
        let suffix = isIPv4 ? "" : " nodad"
        let everywhere = isIPv4 ? "default" : "::/0"
        let outer = isIPv4 ? "192.168.50." : "fd00:50::"
        let inner = isIPv4 ? "192.168.51." : "fd00:51::"
        let length = isIPv4 ? 24 : 64
        try lab.configure(
            ["addr add \(outer)2/\(length) dev eth0\(suffix)", "route add \(everywhere) via \(outer)1"],
            in: client
        )
        try lab.configure(
            [
                "addr add \(outer)1/\(length) dev client\(suffix)", "addr add \(inner)1/\(length) dev pods\(suffix)",
                "route add \(cluster.endpointRange) via \(inner)2",
            ],
            in: node
        )
        try lab.configure(
            [
                "addr add \(inner)2/\(length) dev eth0\(suffix)", "route add \(everywhere) via \(inner)1",
                "route add local \(cluster.endpointRange) dev lo",
            ],
            in: pods
        )
        let family = cluster.family
        listener = try withNetworkNamespace(named: pods.name) { try PodListener(family) }
    }

    /// Does something on a thread in the node's namespace, in which programs start there as well.
    func inNode<Result>(_ body: () throws -> Result) throws -> Result {
        try withNetworkNamespace(named: node.name, body)
    }

    /// Does something on a thread that opens connections as the client does.
    func inClient<Result>(_ body: (ConnectionProbe) throws -> Result) throws -> Result {
        try withNetworkNamespace(named: client.name) { try body(ConnectionProbe(listener)) }
    }

    /// What opens connections in the client's namespace, for threads of their own.
    var probe: ConnectionProbe { ConnectionProbe(listener) }

    /// Checks by connections that a Service leads to its endpoints, to all of them, and to nobody else.
    ///
    /// - Parameters:
    ///   - service: The Service.
    ///   - numbers: Its endpoints.
    ///   - subject: Whose rules are checked, for the error.
    /// - Throws: `BenchFault` when it does not.
    func check(_ service: Int, leadsTo numbers: [Int], by subject: String) throws {
        let wanted = Set(numbers.map { cluster.endpoint(service, $0) })
        let target = TransportAddress(cluster.clusterIP(service), SyntheticCluster.servicePort)
        // One of M endpoints is missed by 24 M fair choices once in 10¹⁰ runs.
        let reached = try inClient { probe in
            var reached: Set<IPAddress> = []
            do {
                for _ in 0..<(24 * numbers.count) { reached.insert(try probe.connect(to: target).endpoint) }
            } catch let error as Errno {
                throw BenchFault("\(subject): \(target) leads to no endpoint (\(error)): the measurement is void")
            }
            return reached
        }
        guard reached == wanted else {
            throw BenchFault(
                "\(subject): \(target) leads to \(Self.words(reached)), not to \(Self.words(wanted)): "
                    + "the measurement is void"
            )
        }
    }

    /// Checks by connections that nobody answers for a Service that is gone.
    func checkIsGone(_ service: Int, by subject: String) throws {
        let target = TransportAddress(cluster.clusterIP(service), SyntheticCluster.servicePort)
        let reached = try inClient { try? $0.connect(to: target, timeout: .milliseconds(200)).endpoint }
        guard let reached else { return }
        throw BenchFault("\(subject): \(target) still leads to \(reached): the measurement is void")
    }

    private static func words(_ addresses: Set<IPAddress>) -> String {
        addresses.sorted().map(\.description).joined(separator: ", ")
    }
}

/// Something that makes a measurement void, or impossible.
struct BenchFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
