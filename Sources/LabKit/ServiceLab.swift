package import NetworkAddress

/// A cluster of one node in network namespaces, with pods that answer and a client outside.
///
///      client                      node                             pods
///     ┌───────────────┐  eth0     client┌──────────┐pod1      eth0┌──────────────────────┐
///     │ 192.168.50.2  ├────────────────┤192.168.50.1├──────────────┤ web-1  10.244.1.11   │
///     │ fd00:50::2    │                │fd00:50::1 │              │ fd00:10:244:1::11    │
///     └───────────────┘                │            │pod2      eth0├──────────────────────┤
///                                      │10.244.1.1 ├──────────────┤ web-2  10.244.1.12 … │
///                          uplink ─────┤fd00:10:…::1│              └──────────────────────┘
///                        (goes nowhere)└────────────┘
///
/// The node routes for everybody. Its default route leads to a link that swallows packets, as a real node's leads
/// away from it: without one the kernel would answer for unknown addresses before any rule saw the packet.
package final class ServiceLab {
    /// A pod: a namespace with one address of each family, in which `fairlead-echo serve` answers.
    package struct Pod {
        /// Its name, which is what it answers with: `web-1` and so on.
        package let name: String
        /// Its IPv4 address.
        package let ipv4: IPAddress
        /// Its IPv6 address.
        package let ipv6: IPAddress
        /// Where it lives.
        package let namespace: Lab.Namespace
        /// The program that answers.
        package let server: LabProcess

        /// Its address of a family.
        package func address(_ family: AddressFamily) -> IPAddress { family == .ipv4 ? ipv4 : ipv6 }
    }

    /// The port on which pods tell who they are over raw TCP and UDP.
    package static let echoPort = 9000
    /// The port on which pods speak HTTP.
    package static let httpPort = 8080
    /// The range of the pods' IPv4 addresses, for `--cluster-cidr`.
    package static let podCIDR = "10.244.0.0/16"
    /// The range of the pods' IPv6 addresses, for `--cluster-cidr`.
    package static let podCIDRv6 = "fd00:10:244::/48"

    /// The node's own addresses, on which NodePorts answer.
    package static func nodeAddress(_ family: AddressFamily) -> String {
        family == .ipv4 ? "192.168.50.1" : "fd00:50::1"
    }

    /// The client's addresses.
    package static func clientAddress(_ family: AddressFamily) -> String {
        family == .ipv4 ? "192.168.50.2" : "fd00:50::2"
    }

    /// The namespaces and processes.
    package let lab: Lab
    /// A machine outside the cluster whose default route is the node.
    package let client: Lab.Namespace
    /// The node, where the agent runs.
    package let node: Lab.Namespace
    /// The pods, in the order in which they were made.
    package private(set) var pods: [Pod] = []

    /// Makes the namespaces, links and routes, and starts a server in each pod.
    package init(pods count: Int) throws {
        lab = try Lab()
        client = try lab.makeNamespace("client")
        node = try lab.makeNamespace("node")
        try lab.set(["net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"], in: node)
        try lab.link(client, "eth0", node, "client")
        try lab.configure(
            [
                "addr add 192.168.50.2/24 dev eth0", "addr add fd00:50::2/64 dev eth0 nodad",
                "route add default via 192.168.50.1", "route add ::/0 via fd00:50::1",
            ],
            in: client
        )
        try lab.configure(
            [
                "addr add 192.168.50.1/24 dev client", "addr add fd00:50::1/64 dev client nodad",
                // Without address resolution every packet leaves, and the far end takes none: they are for another card.
                "link add uplink type veth peer name nowhere", "link set uplink arp off up", "link set nowhere up",
                "route add default dev uplink src 192.168.50.1",
                "route add ::/0 dev uplink src fd00:50::1",
            ],
            in: node
        )
        for _ in 0..<count { try addPod() }
    }

    /// Ends everything; the lab does so by itself when it goes away.
    package func tearDown() {
        pods = []
        lab.tearDown()
    }

    /// Adds a pod while the lab runs.
    @discardableResult
    package func addPod() throws -> Pod {
        let number = pods.count + 1
        let suffix = 10 + number
        guard suffix < 100, let ipv4 = IPAddress(parsing: "10.244.1.\(suffix)"),
            let ipv6 = IPAddress(parsing: "fd00:10:244:1::\(suffix)")
        else { preconditionFailure("a lab has at most 89 pods") }
        let name = "web-\(number)"
        let namespace = try lab.makeNamespace(name)
        try lab.link(namespace, "eth0", node, "pod\(number)")
        // Each pod has its own link to the node, so the node's address on it is one of a host, not of a network.
        try lab.configure(
            [
                "addr add 10.244.1.1/32 dev pod\(number)", "addr add fd00:10:244:1::1/128 dev pod\(number) nodad",
                "route add \(ipv4)/32 dev pod\(number)", "route add \(ipv6)/128 dev pod\(number)",
            ],
            in: node
        )
        try lab.configure(
            [
                "addr add \(ipv4)/32 dev eth0", "addr add \(ipv6)/128 dev eth0 nodad",
                "route add 10.244.1.1/32 dev eth0", "route add fd00:10:244:1::1/128 dev eth0",
                "route add default via 10.244.1.1", "route add ::/0 via fd00:10:244:1::1",
            ],
            in: namespace
        )
        let server = try lab.start(
            [
                LabPrograms.path(of: "fairlead-echo"), "serve", "--name", name, "--tcp", "\(Self.echoPort)",
                "--udp", "\(Self.echoPort)", "--http", "\(Self.httpPort)",
            ],
            in: namespace,
            ready: "ready"
        )
        let pod = Pod(name: name, ipv4: ipv4, ipv6: ipv6, namespace: namespace, server: server)
        pods.append(pod)
        return pod
    }

    /// Asks an address from a namespace `count` times, each time from a new port, and returns how the tries ended.
    ///
    /// The target is an address and port such as `10.96.0.80:80` or `[fd00::80]:80`; a try that nobody answered is given
    /// up after `timeoutMilliseconds`. Further options are those of `fairlead-echo probe`.
    package func probe(
        _ transport: TransportProtocol,
        _ target: String,
        from namespace: Lab.Namespace,
        count: Int = 1,
        timeoutMilliseconds: Int = 2000,
        options: [String] = []
    ) throws -> ProbeSummary {
        let command = try probeCommand(transport, target, options: options)
        return try ProbeSummary(
            parsing: lab.runSuccessfully(
                command + ["--count", "\(count)", "--timeout", "\(timeoutMilliseconds)"],
                in: namespace
            )
        )
    }

    /// Starts to ask in the background, for the time of a change; `summary(of:)` waits for the end.
    package func startProbe(
        _ transport: TransportProtocol,
        _ target: String,
        from namespace: Lab.Namespace,
        options: [String]
    ) throws -> LabProcess {
        try lab.start(probeCommand(transport, target, options: options), in: namespace)
    }

    /// Waits for the end of a probe in the background, and returns how its tries ended.
    package func summary(of probe: LabProcess, timeout: Duration = .seconds(60)) throws -> ProbeSummary {
        guard probe.waitForEnd(timeout: timeout) == 0 else {
            throw LabError.timedOut(probe.command, after: timeout, output: probe.output)
        }
        return try ProbeSummary(parsing: probe.output)
    }

    private func probeCommand(
        _ transport: TransportProtocol,
        _ target: String,
        options: [String]
    ) throws -> [String] {
        [try LabPrograms.path(of: "fairlead-echo"), "probe", "\(transport)", target, "--json"] + options
    }
}
