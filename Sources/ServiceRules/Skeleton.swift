internal import NetworkAddress
internal import Nftables

/// What a table holds whatever the cluster holds: its chains, rules and sets.
///
///     filter prerouting, output (-110) ─► source-check: drop what may not use a load balancer's address
///     nat prerouting, output ─► services ─┬─► lb-M, np-M: dnat to the endpoint in a random slot
///                                         ├─► aff-…: dnat to the endpoint that the client was given, else lb-M
///                                         └─► ext-…: the node's own clients to sc-M, scnp-M, others on
///     nat postrouting ────────► masquerade what is marked, and hairpin flows
///     filter input ───────────► nodeport-check, endpoint-check ──► reject-chain
///     filter forward, output ─► endpoint-check, cluster-ips-check ──► reject-chain
///     filter input, forward, output (10) ─► record ─► record-P-T: remember the client's endpoint
struct Skeleton {
    let family: TableFamily
    let configuration: DataPlaneConfiguration

    /// A chain with its rules.
    typealias FilledChain = (chain: Chain, rules: [Rule])

    static let tuple: [Field] = [.destinationAddress, .transportProtocol, .destinationPort]
    static let nodePort: [Field] = [.transportProtocol, .destinationPort]

    /// The table.
    var table: Table { Table(family, configuration.tableName) }

    /// Which local addresses node ports are open on.
    var nodePortAddresses: NodePortAddresses { configuration.nodePortAddresses[family.addressFamily] ?? .allLocal }

    /// The sets and maps.
    var sets: [SetDeclaration] { DataPlaneSet.allCases.map { $0.declaration(in: family) } }

    /// The chains that are always there, with their rules; a chain comes before those that lead to it.
    var chains: [FilledChain] { shortCircuitChains + checkChains + [servicesChain, recordChain] + baseChains }

    /// The rules of a chain on demand.
    func rules(of chain: DataPlaneChain) -> [Rule] {
        switch chain {
        case .balance(let balancing, let size): Self.balancingRules(balancing, size)
        case .affine(let balancing, let size): Self.affinityRules + [Self.onward(to: .balance(balancing, size))]
        case .external(let balancing, _, _):
            [Self.toShortCircuit(isNodePort: balancing.isNodePort)] + (chain.next.map { [Self.onward(to: $0)] } ?? [])
        case .externalOnly(let isNodePort): [Self.toShortCircuit(isNodePort: isNodePort)]
        case .record(let transport, _, let seconds, let isNodePort):
            Self.recordingRules(transport, seconds: seconds, isNodePort: isNodePort)
        }
    }

    private static func onward(to chain: DataPlaneChain) -> Rule { Rule([.verdict(.goto(chain.name))]) }

    // MARK: - From a Service's address to the chain that balances

    private var servicesChain: FilledChain {
        let setMark = Statement.setMarkBits(configuration.masqueradeMark)
        let toNode = nodeAddressMatch
        let rules =
            clusterIPMasquerading + [
                Rule([.member(Self.tuple, of: DataPlaneSet.masqueradedServices.name), setMark]),
                Rule([.verdictMap(Self.tuple, DataPlaneSet.services.name)]),
                Rule(toNode + [.member(Self.nodePort, of: DataPlaneSet.masqueradedNodePorts.name), setMark]),
                Rule(toNode + [.verdictMap(Self.nodePort, DataPlaneSet.nodePorts.name)]),
            ]
        return (Chain("services"), rules)
    }

    /// Marks flows to cluster IPs that come from elsewhere than the pods.
    private var clusterIPMasquerading: [Rule] {
        let setMark = Statement.setMarkBits(configuration.masqueradeMark)
        let isClusterIP = Statement.member([.destinationAddress], of: DataPlaneSet.clusterIPs.name)
        if configuration.masqueradesAll { return [Rule([isClusterIP, setMark])] }
        if configuration.podInterface != nil { return [Rule([isClusterIP, .verdict(.jump("mark-off-cluster"))])] }
        guard let pods = podRange else { return [] }
        return [Rule([isClusterIP, .match(.sourceAddress, .isNotIn(pods)), setMark])]
    }

    private var podRange: IPPrefix? { configuration.clusterCIDRs.first { $0.family == family.addressFamily } }

    /// Goes on when the flow is that of a pod of this node; nil when pods cannot be told from others.
    var podMatch: Statement? {
        switch configuration.podInterface {
        case .named(let name): .match(.inputInterface, .isNamed(name))
        case .namedLike(let prefix): .match(.inputInterface, .isNamedLike(prefix: prefix))
        case nil: podRange.map { .match(.sourceAddress, .isIn($0)) }
        }
    }

    /// Goes on when the packet is for an address that node ports are open on.
    var nodeAddressMatch: [Statement] {
        switch nodePortAddresses {
        case .only:
            return [.member([.destinationAddress], of: DataPlaneSet.nodePortAddresses.name)]
        case .allLocal:
            let loopback =
                family == .ip
                ? IPPrefix(holding: IPAddress(127, 0, 0, 0), length: 8)
                : IPPrefix(holding: IPAddress(family: .ipv6, bits: 1), length: 128)
            return [
                .match(.destinationAddressType, .equals(AddressType.local)),
                .match(.destinationAddress, .isNotIn(loopback)),
            ]
        }
    }

    // MARK: - Balancing

    private static func balancingRules(_ balancing: DataPlaneChain.Balancing, _ size: UInt32) -> [Rule] {
        let key = balancing.isNodePort ? nodePort : tuple
        func draw(below modulus: UInt32) -> Rule {
            Rule([.destinationNAT(key + [.randomNumber(below: modulus)], map: balancing.slots.name)])
        }
        guard size > 1 else { return [draw(below: 1)] }
        let smaller = sequence(first: size / 2) { $0 > 1 ? $0 / 2 : nil }
        return [Rule](repeating: draw(below: size), count: BalancingClass.draws) + smaller.map(draw)
    }

    // MARK: - Refusing what nothing answers

    private var checkChains: [FilledChain] {
        let unansweredNodePorts = Statement.verdictMap(
            Self.nodePort,
            DataPlaneSet.unansweredNodePorts.name
        )
        var chains: [FilledChain] = [
            (
                Chain(DataPlaneChain.reject),
                [
                    // The kernel limits the rate of ICMP, so that a refusal could come a second late; not of resets.
                    Rule([
                        .match(.transportProtocol, .equals(UInt32(TransportProtocol.tcp.rawValue))),
                        .reject(.tcpReset),
                    ]),
                    Rule([.reject(.portUnreachable)]),
                ]
            ),
            (
                Chain("endpoint-check"),
                [Rule([.verdictMap(Self.tuple, DataPlaneSet.unansweredServices.name)])]
            ),
            (Chain("nodeport-check"), [Rule(nodeAddressMatch + [unansweredNodePorts])]),
            (Chain("cluster-ips-check"), clusterIPCheck),
            (Chain("source-check"), [Self.sourceCheck]),
        ]
        if configuration.podInterface != nil, let podMatch {
            let rules = [
                Rule([podMatch, .verdict(.return)]), Rule([.setMarkBits(configuration.masqueradeMark)]),
            ]
            chains.append((Chain("mark-off-cluster"), rules))
        }
        return chains
    }

    private var clusterIPCheck: [Rule] {
        let refusal = Rule([
            .member([.destinationAddress], of: DataPlaneSet.clusterIPs.name),
            .verdict(.goto(DataPlaneChain.reject)),
        ])
        return [refusal]
            + configuration.serviceCIDRs.filter { $0.family == family.addressFamily }.map {
                Rule([.match(.destinationAddress, .isIn($0)), .verdict(.drop)], comment: "no Service has the address")
            }
    }

    /// Drops what comes to a load balancer's address from a source that may not use it.
    private static var sourceCheck: Rule {
        Rule([
            .member(tuple, of: DataPlaneSet.firewalledServices.name),
            .member(tuple + [.sourceAddress], of: DataPlaneSet.sourceRanges.name, isMember: false),
            .verdict(.drop),
        ])
    }
}
