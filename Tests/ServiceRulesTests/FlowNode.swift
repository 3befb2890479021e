import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules

/// A node with one address in each family, pods of its own, and others' pods and clients around it.
///
///     pods of this node   10.244.1.0/24   fd00:244:1::/64
///     pods of others      10.244.2.0/24   fd00:244:2::/64
///     the node itself     192.0.2.10      2001:db8::10
///     its second address  198.51.100.10   2001:db8:1::10
///     a client outside    203.0.113.7     2001:db8:ffff::7
struct FlowNode {
    var programmed: ProgrammedNode

    init(_ snapshots: [ServiceSnapshot], configuration: DataPlaneConfiguration = .withPodRanges) throws {
        programmed = try ProgrammedNode(snapshots, configuration: configuration)
    }

    /// Follows changes of what is programmed.
    var tracer: PacketTracer {
        PacketTracer(
            programmed.ruleset,
            nodeAddresses: Set(AddressFamily.allCases.flatMap { Place.nodeAddresses($0) })
        )
    }
}

extension DataPlaneConfiguration {
    static let withPodRanges = DataPlaneConfiguration(clusterCIDRs: [prefix("10.244.0.0/16"), prefix("fd00:244::/32")])
}

/// Where a flow comes from.
enum Place: String, CaseIterable, Sendable, CustomStringConvertible {
    case podHere = "a pod of this node"
    case podElsewhere = "a pod of another node"
    case node = "the node itself"
    case outside = "a client outside"

    var description: String { rawValue }

    func address(_ family: AddressFamily) -> IPAddress {
        switch (self, family) {
        case (.podHere, .ipv4): ip("10.244.1.99")
        case (.podHere, .ipv6): ip("fd00:244:1::99")
        case (.podElsewhere, .ipv4): ip("10.244.2.99")
        case (.podElsewhere, .ipv6): ip("fd00:244:2::99")
        case (.node, _): Self.nodeAddresses(family)[0]
        case (.outside, .ipv4): ip("203.0.113.7")
        case (.outside, .ipv6): ip("2001:db8:ffff::7")
        }
    }

    var path: Packet.Path { self == .node ? .locallyGenerated : .received }

    /// Whether the client has an address of the cluster's pods.
    var isPod: Bool { self == .podHere || self == .podElsewhere }

    static func nodeAddresses(_ family: AddressFamily) -> [IPAddress] {
        family == .ipv4
            ? [ip("192.0.2.10"), ip("198.51.100.10")] : [ip("2001:db8::10"), ip("2001:db8:1::10")]
    }
}

/// One family and transport: every line of the data plane must hold for each.
struct Traffic: Hashable, Sendable, CustomStringConvertible {
    let family: AddressFamily
    let transport: TransportProtocol

    static let all: [Traffic] = AddressFamily.allCases.flatMap { family in
        TransportProtocol.allCases.map { Traffic(family: family, transport: $0) }
    }

    var description: String { "\(transport) over \(family)" }

    // MARK: - Addresses

    private func address(_ ipv4: String, _ ipv6: String) -> IPAddress { ip(family == .ipv4 ? ipv4 : ipv6) }

    var clusterIP: IPAddress { address("10.96.0.1", "fd00:96::1") }
    var otherClusterIP: IPAddress { address("10.96.0.2", "fd00:96::2") }
    var externalIP: IPAddress { address("198.51.100.200", "2001:db8:2::200") }
    var nodeAddress: IPAddress { Place.nodeAddresses(family)[0] }
    var secondNodeAddress: IPAddress { Place.nodeAddresses(family)[1] }
    var loopback: IPAddress { address("127.0.0.1", "::1") }

    /// An endpoint on this node, and one elsewhere.
    var here: Endpoint {
        Endpoint(TransportAddress(address("10.244.1.2", "fd00:244:1::2"), port(8080)), locality: .local)
    }
    var elsewhere: Endpoint {
        Endpoint(TransportAddress(address("10.244.2.3", "fd00:244:2::3"), port(8081)), locality: .remote)
    }
    /// One that is on this node, though nobody says so.
    var somewhere: Endpoint {
        Endpoint(TransportAddress(address("10.244.1.4", "fd00:244:1::4"), port(8082)), locality: .unknown)
    }
    var endpoints: [Endpoint] { [here, elsewhere, somewhere] }

    // MARK: - Front ends

    func frontEnd(
        at address: IPAddress,
        _ number: Int = 80,
        masquerade: Masquerade = .offCluster,
        does action: FrontEndAction,
        ownClients shortCircuit: FrontEndAction? = nil,
        from sourceRanges: [IPPrefix]? = nil,
        affinitySeconds: UInt32? = nil
    ) -> FrontEnd {
        FrontEnd(
            key: FrontEndKey(listener: .address(address), transport: transport, port: port(number)),
            portName: "",
            masquerade: masquerade,
            action: action,
            shortCircuit: shortCircuit,
            sourceRanges: sourceRanges,
            affinitySeconds: affinitySeconds
        )
    }

    func nodePort(
        _ number: Int = 30080,
        masquerade: Masquerade = .always,
        does action: FrontEndAction,
        ownClients shortCircuit: FrontEndAction? = nil,
        from sourceRanges: [IPPrefix]? = nil,
        affinitySeconds: UInt32? = nil
    ) -> FrontEnd {
        FrontEnd(
            key: FrontEndKey(listener: .nodeAddresses(family), transport: transport, port: port(number)),
            portName: "",
            masquerade: masquerade,
            action: action,
            shortCircuit: shortCircuit,
            sourceRanges: sourceRanges,
            affinitySeconds: affinitySeconds
        )
    }

    // MARK: - Packets

    func packet(
        from place: Place,
        to address: IPAddress,
        _ number: Int = 80,
        connection: Packet.Connection = .new
    ) -> Packet {
        packet(from: place.address(family), to: address, number, connection: connection)
    }

    func packet(
        from source: IPAddress,
        to address: IPAddress,
        _ number: Int = 80,
        connection: Packet.Connection = .new
    ) -> Packet {
        Packet(
            from: source,
            to: TransportAddress(address, port(number)),
            transport: transport,
            connection: connection
        )
    }

    /// Each endpoint, masqueraded or not.
    func delivered(_ endpoints: [Endpoint], masqueraded: Bool) -> Set<PacketVerdict> {
        Set(endpoints.map { .delivered(to: $0.destination, masqueraded: masqueraded) })
    }

    /// How a refusal looks: TCP gets a reset, all else an ICMP message.
    var refusal: Rejection { transport == .tcp ? .tcpReset : .portUnreachable }
}

extension FlowNode {
    /// Everything that can become of a packet.
    func outcomes(_ packet: Packet, _ path: Packet.Path = .received) -> Set<PacketVerdict> {
        Set(tracer.outcomes(of: packet, path).keys)
    }

    func outcomes(
        _ traffic: Traffic,
        from place: Place,
        to address: IPAddress,
        _ number: Int = 80
    ) -> Set<PacketVerdict> {
        outcomes(traffic.packet(from: place, to: address, number), place.path)
    }
}
