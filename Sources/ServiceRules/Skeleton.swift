internal import NetworkAddress
internal import Nftables

/// What a table holds whatever the cluster holds: its chains, rules and sets.
///
///     nat prerouting, output ──► services ──► lb-M (goto, by @services) ──► dnat, by @endpoints
///                                        └──► np-M (goto, by @nodeports) ──► dnat, by @nodeport-endpoints
///     nat postrouting ─────────► masquerade what is marked, and hairpin flows
///     filter input ────────────► nodeport-check, endpoint-check ──► reject-chain
///     filter forward, output ──► endpoint-check, cluster-ips-check ──► reject-chain
struct Skeleton {
    let family: TableFamily
    let configuration: DataPlaneConfiguration

    /// The priorities at which kube-proxy hooks in too (`NF_IP_PRI_NAT_DST`, `NF_IP_PRI_NAT_SRC`, `NF_IP_PRI_FILTER`).
    private enum Priority {
        static let destinationNAT: Int32 = -100
        static let sourceNAT: Int32 = 100
        static let filter: Int32 = 0
    }

    /// The chain that refuses what nothing answers.
    static let rejectChain = "reject-chain"

    /// The chain that balances over the endpoints of an address, in slots below `size`.
    static func serviceChain(_ size: UInt32) -> String { "lb-\(size)" }

    /// The chain that balances over the endpoints of a node port, in slots below `size`.
    static func nodePortChain(_ size: UInt32) -> String { "np-\(size)" }

    private static let tuple: [Field] = [.destinationAddress, .transportProtocol, .destinationPort]
    private static let nodePort: [Field] = [.transportProtocol, .destinationPort]

    /// The table.
    var table: Table { Table(family, configuration.tableName) }

    /// Which local addresses node ports are open on.
    var nodePortAddresses: NodePortAddresses { configuration.nodePortAddresses[family.addressFamily] ?? .allLocal }

    /// The sets and maps.
    var sets: [SetDeclaration] { DataPlaneSet.allCases.map { $0.declaration(in: family) } }

    /// The chains with their rules; a chain comes before those that lead to it.
    var chains: [(chain: Chain, rules: [Rule])] { balancingChains + checkChains + [servicesChain] + baseChains }

    // MARK: - Chains that the kernel enters

    private var baseChains: [(chain: Chain, rules: [Rule])] {
        let isNew = Statement.match(.connectionState, .hasAnyBit(of: ConnectionState.new))
        func base(_ name: String, _ type: BaseHook.ChainType, _ hook: Hook, _ priority: Int32) -> Chain {
            Chain(name, base: BaseHook(type: type, hook: hook, priority: priority))
        }
        func check(_ chain: String) -> Rule { Rule([isNew, .verdict(.jump(chain))]) }
        return [
            (
                base("nat-prerouting", .nat, .prerouting, Priority.destinationNAT),
                [Rule([.verdict(.jump("services"))])]
            ),
            (base("nat-output", .nat, .output, Priority.destinationNAT), [Rule([.verdict(.jump("services"))])]),
            (base("nat-postrouting", .nat, .postrouting, Priority.sourceNAT), masqueradingRules),
            (
                base("filter-input", .filter, .input, Priority.filter),
                // No check of cluster IPs here: one that is also a local address, as a node-local DNS cache has it,
                // is left to whatever listens there.
                [check("nodeport-check"), check("endpoint-check")]
            ),
            (
                base("filter-forward", .filter, .forward, Priority.filter),
                [check("endpoint-check"), check("cluster-ips-check")]
            ),
            (
                base("filter-output", .filter, .output, Priority.filter),
                [check("endpoint-check"), check("cluster-ips-check")]
            ),
        ]
    }

    private var masqueradingRules: [Rule] {
        let mark = configuration.masqueradeMark
        return [
            Rule([.match(.mark, .hasAnyBit(of: mark)), .flipMarkBits(mark), .masquerade]),
            Rule(
                [
                    .match(.connectionStatus, .hasAnyBit(of: ConnectionStatus.destinationTranslated)),
                    .member([.sourceAddress, .destinationAddress], of: DataPlaneSet.hairpin.rawValue),
                    .masquerade,
                ],
                comment: "a pod that reached itself"
            ),
        ]
    }

    // MARK: - From a Service's address to the chain that balances

    private var servicesChain: (chain: Chain, rules: [Rule]) {
        let setMark = Statement.setMarkBits(configuration.masqueradeMark)
        let isClusterIP = Statement.member([.destinationAddress], of: DataPlaneSet.clusterIPs.rawValue)
        var rules: [Rule] = []
        if configuration.masqueradesAll {
            rules.append(Rule([isClusterIP, setMark]))
        } else if let pods = configuration.clusterCIDRs.first(where: { $0.family == family.addressFamily }) {
            rules.append(Rule([isClusterIP, .match(.sourceAddress, .isNotIn(pods)), setMark]))
        }
        rules.append(Rule([.member(Self.tuple, of: DataPlaneSet.masqueradedServices.rawValue), setMark]))
        rules.append(Rule([.verdictMap(Self.tuple, DataPlaneSet.services.rawValue)]))
        let toNode = nodeAddressMatch
        rules.append(
            Rule(toNode + [.member(Self.nodePort, of: DataPlaneSet.masqueradedNodePorts.rawValue), setMark])
        )
        rules.append(Rule(toNode + [.verdictMap(Self.nodePort, DataPlaneSet.nodePorts.rawValue)]))
        return (Chain("services"), rules)
    }

    /// Goes on when the packet is for an address that node ports are open on.
    private var nodeAddressMatch: [Statement] {
        switch nodePortAddresses {
        case .only:
            return [.member([.destinationAddress], of: DataPlaneSet.nodePortAddresses.rawValue)]
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

    private var balancingChains: [(chain: Chain, rules: [Rule])] {
        BalancingClass.all.flatMap { size in
            [
                (
                    Chain(Self.serviceChain(size)),
                    balancingRules(size, key: Self.tuple, map: DataPlaneSet.endpoints)
                ),
                (
                    Chain(Self.nodePortChain(size)),
                    balancingRules(size, key: Self.nodePort, map: DataPlaneSet.nodePortEndpoints)
                ),
            ]
        }
    }

    private func balancingRules(_ size: UInt32, key: [Field], map: DataPlaneSet) -> [Rule] {
        func draw(below modulus: UInt32) -> Rule {
            Rule([.destinationNAT(key + [.randomNumber(below: modulus)], map: map.rawValue)])
        }
        guard size > 1 else { return [draw(below: 1)] }
        return [Rule](repeating: draw(below: size), count: BalancingClass.draws) + [draw(below: size / 2)]
    }

    // MARK: - Refusing what nothing answers

    private var checkChains: [(chain: Chain, rules: [Rule])] {
        [
            (
                Chain(Self.rejectChain),
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
                [Rule([.verdictMap(Self.tuple, DataPlaneSet.unansweredServices.rawValue)])]
            ),
            (
                Chain("nodeport-check"),
                [Rule(nodeAddressMatch + [.verdictMap(Self.nodePort, DataPlaneSet.unansweredNodePorts.rawValue)])]
            ),
            (
                Chain("cluster-ips-check"),
                [
                    Rule([
                        .member([.destinationAddress], of: DataPlaneSet.clusterIPs.rawValue),
                        .verdict(.goto(Self.rejectChain)),
                    ])
                ]
            ),
        ]
    }
}
