import NetworkAddress
import Nftables
import NftablesTestKit

/// A ruleset such as the agent makes, written by hand: two Services with endpoints, three without, and a node port.
///
/// The node is 192.168.0.10, pods are in 10.244.0.0/16, of which 10.244.1.2 and 10.244.1.3 answer.
struct SmallDataPlane {
    static let node = IPAddress(192, 168, 0, 10)
    static let table = Table(.ip, "fairlead")
    static let masqueradeMark: UInt32 = 0x4000

    static let clusterIPs = SetDeclaration("cluster-ips", key: [.address(.ipv4)])
    static let services = SetDeclaration(
        "services",
        key: [.address(.ipv4), .transportProtocol, .port],
        content: .verdicts
    )
    static let unanswered = SetDeclaration("no-endpoint-services", key: services.key, content: .verdicts)
    static let nodePorts = SetDeclaration("nodeports", key: [.transportProtocol, .port], content: .verdicts)
    static let endpoints = SetDeclaration(
        "endpoints",
        key: services.key + [.number],
        content: .fields([.address(.ipv4), .port])
    )
    static let nodePortEndpoints = SetDeclaration(
        "nodeport-endpoints",
        key: nodePorts.key + [.number],
        content: endpoints.content
    )
    static let hairpin = SetDeclaration("hairpin", key: [.address(.ipv4), .address(.ipv4)])

    static let serviceKey: [Field] = [.destinationAddress, .transportProtocol, .destinationPort]
    static let nodePortKey: [Field] = [.transportProtocol, .destinationPort]

    let ruleset = InMemoryRuleset()

    var tracer: PacketTracer { PacketTracer(ruleset, nodeAddresses: [Self.node]) }

    init() throws {
        var transaction = Transaction([.addTable(Self.table)])
        for set in [
            Self.clusterIPs, Self.services, Self.unanswered, Self.nodePorts, Self.endpoints, Self.nodePortEndpoints,
            Self.hairpin,
        ] {
            transaction.append(.addSet(Self.table, set))
        }
        for (chain, _) in Self.chains { transaction.append(.addChain(Self.table, chain)) }
        for (chain, rules) in Self.chains {
            for rule in rules { transaction.append(.addRule(Self.table, chain: chain.name, Rule(rule))) }
        }
        for (set, elements) in Self.elements {
            transaction.append(.addElements(Self.table, set: set.name, elements))
        }
        try ruleset.apply(transaction)
    }

    // MARK: - Chains

    private static let chains: [(chain: Chain, rules: [[Statement]])] = [
        (base("nat-prerouting", .nat, .prerouting, -100), [[.verdict(.jump("services"))]]),
        (base("nat-output", .nat, .output, -100), [[.verdict(.jump("services"))]]),
        (
            base("nat-postrouting", .nat, .postrouting, 100),
            [
                [.match(.mark, .hasAnyBit(of: masqueradeMark)), .flipMarkBits(masqueradeMark), .masquerade],
                [
                    .match(.connectionStatus, .hasAnyBit(of: ConnectionStatus.destinationTranslated)),
                    .member([.sourceAddress, .destinationAddress], of: hairpin.name), .masquerade,
                ],
            ]
        ),
        (base("filter-input", .filter, .input, 0), check),
        (base("filter-forward", .filter, .forward, 0), check),
        (base("filter-output", .filter, .output, 0), check),
        (
            Chain("services"),
            [
                [
                    .match(.sourceAddress, .isNotIn(IPPrefix(holding: IPAddress(10, 244, 0, 0), length: 16))),
                    .member([.destinationAddress], of: clusterIPs.name), .setMarkBits(masqueradeMark),
                ],
                [.verdictMap(serviceKey, services.name)],
                [
                    .match(.destinationAddressType, .equals(AddressType.local)),
                    .match(.destinationAddress, .isNotIn(IPPrefix(holding: IPAddress(127, 0, 0, 0), length: 8))),
                    .verdictMap(nodePortKey, nodePorts.name),
                ],
            ]
        ),
        (Chain("endpoint-check"), [[.verdictMap(serviceKey, unanswered.name)]]),
        (
            Chain("reject-chain"),
            [[.match(.transportProtocol, .equals(6)), .reject(.tcpReset)], [.reject(.portUnreachable)]]
        ),
        (Chain("lb-1"), lottery(modulus: 1)),
        (Chain("lb-4"), lottery(modulus: 4)),
        (
            Chain("np-1"),
            [
                [.setMarkBits(masqueradeMark)],
                [.destinationNAT(nodePortKey + [.randomNumber(below: 1)], map: nodePortEndpoints.name)],
            ]
        ),
    ]

    private static let check: [[Statement]] = [
        [
            .match(.connectionState, .hasAnyBit(of: ConnectionState.new)),
            .verdict(.jump("endpoint-check")),
        ]
    ]

    /// Eight draws of a slot, some of which may be empty, and one among the slots that are never empty.
    private static func lottery(modulus: UInt32) -> [[Statement]] {
        let moduli = [UInt32](repeating: modulus, count: 8) + [max(1, modulus / 2)]
        return moduli.map { [.destinationNAT(serviceKey + [.randomNumber(below: $0)], map: endpoints.name)] }
    }

    private static func base(_ name: String, _ type: BaseHook.ChainType, _ hook: Hook, _ priority: Int32) -> Chain {
        Chain(name, base: BaseHook(type: type, hook: hook, priority: priority))
    }

    // MARK: - Elements

    private static var elements: [(set: SetDeclaration, elements: [Element])] {
        [
            (clusterIPs, [1, 2, 3, 4].map { Element(PackedFields(IPAddress(10, 96, 0, $0))) }),
            (
                services,
                [
                    Element(tuple("10.96.0.1:80", .tcp), .verdict(.goto("lb-1")), comment: "default/one:http"),
                    Element(tuple("10.96.0.2:80", .tcp), .verdict(.goto("lb-4")), comment: "default/three:http"),
                    Element(tuple("10.96.0.4:80", .tcp), .verdict(.drop), comment: "default/elsewhere:http"),
                ]
            ),
            (
                unanswered,
                [.tcp, .udp, .sctp].map { Element(tuple("10.96.0.3:53", $0), .verdict(.goto("reject-chain"))) }
            ),
            (endpoints, [endpoint("10.96.0.1:80", 0, "10.244.1.2:8080")] + (0..<3).map(slotOfThree)),
            (nodePorts, [Element(nodePort(30080), .verdict(.goto("np-1")))]),
            (nodePortEndpoints, [Element(nodePort(30080).appending(number: 0), destination("10.244.1.2:8080"))]),
            (
                hairpin,
                [2, 3].map { Element(PackedFields(IPAddress(10, 244, 1, $0), IPAddress(10, 244, 1, $0))) }
            ),
        ]
    }

    static func slotOfThree(_ slot: UInt32) -> Element {
        endpoint("10.96.0.2:80", slot, ["10.244.1.2:8080", "10.244.1.3:8080", "10.244.2.4:8080"][Int(slot)])
    }

    static func tuple(_ text: String, _ transport: TransportProtocol) -> PackedFields {
        let address = address(text)
        return PackedFields(address.address, transport, address.port)
    }

    private static func endpoint(_ service: String, _ slot: UInt32, _ text: String) -> Element {
        Element(tuple(service, .tcp).appending(number: slot), destination(text))
    }

    private static func destination(_ text: String) -> Element.Value { .fields(PackedFields(address(text))) }

    private static func nodePort(_ number: Int) -> PackedFields {
        guard let port = Port(number) else { preconditionFailure("no port: \(number)") }
        return PackedFields(.tcp, port)
    }

    private static func address(_ text: String) -> TransportAddress {
        guard let address = TransportAddress(parsing: text) else { preconditionFailure("no address: \(text)") }
        return address
    }
}
