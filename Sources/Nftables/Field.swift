/// Something of a packet, or about it, that a rule can look at.
package enum Field: Hashable, Sendable {
    /// The source address of the network header.
    case sourceAddress
    /// The destination address of the network header.
    case destinationAddress
    /// The transport protocol, past any extension headers (`meta l4proto`).
    case transportProtocol
    /// The destination port of the transport header (`th dport`).
    case destinationPort
    /// The mark of the packet.
    case mark
    /// A random number below the modulus, drawn anew in every rule (`numgen random`).
    case randomNumber(below: UInt32)
    /// The state of the connection, as bits (`ct state`).
    case connectionState
    /// The status of the connection, as bits (`ct status`).
    case connectionStatus
    /// The kind of the destination address in the routing tables (`fib daddr type`).
    case destinationAddressType
    /// The kind of the source address in the routing tables (`fib saddr type`).
    case sourceAddressType
    /// The name of the interface that the packet came in on; empty for one that this host made.
    case inputInterface
    /// The source address of the connection's first packet, before any translation.
    case originalSourceAddress
    /// The destination address of the connection's first packet, before any translation.
    case originalDestinationAddress
    /// The destination port of the connection's first packet, before any translation.
    case originalDestinationPort
    /// The source address of the connection's replies: where its first packet is sent, translated.
    case replySourceAddress
    /// The source port of the connection's replies: where its first packet is sent, translated.
    case replySourcePort

    /// The type of the field's value in a table of the given family.
    package func type(in family: TableFamily) -> DataType {
        switch self {
        case .sourceAddress, .destinationAddress, .originalSourceAddress, .originalDestinationAddress,
            .replySourceAddress:
            .address(family.addressFamily)
        case .transportProtocol: .transportProtocol
        case .destinationPort, .originalDestinationPort, .replySourcePort: .port
        case .inputInterface: .interfaceName
        case .mark, .randomNumber, .connectionState, .connectionStatus, .destinationAddressType,
            .sourceAddressType:
            .number
        }
    }

    /// The field as nft prints it in a table of the given family.
    package func nftText(in family: TableFamily) -> String {
        switch self {
        case .sourceAddress: "\(family.rawValue) saddr"
        case .destinationAddress: "\(family.rawValue) daddr"
        case .transportProtocol: "meta l4proto"
        case .destinationPort: "th dport"
        case .mark: "meta mark"
        case .randomNumber(let modulus): "numgen random mod \(modulus)"
        case .connectionState: "ct state"
        case .connectionStatus: "ct status"
        case .destinationAddressType: "fib daddr type"
        case .sourceAddressType: "fib saddr type"
        case .inputInterface: "iifname"
        case .originalSourceAddress: "ct original \(family.rawValue) saddr"
        case .originalDestinationAddress: "ct original \(family.rawValue) daddr"
        case .originalDestinationPort: "ct original proto-dst"
        case .replySourceAddress: "ct reply \(family.rawValue) saddr"
        case .replySourcePort: "ct reply proto-src"
        }
    }
}

extension [Field] {
    /// The types of a concatenation in a table of the given family.
    package func types(in family: TableFamily) -> [DataType] { map { $0.type(in: family) } }

    /// The concatenation as nft prints it in a table of the given family.
    package func nftText(in family: TableFamily) -> String {
        map { $0.nftText(in: family) }.joined(separator: " . ")
    }
}

/// The bits of `ct state` that rules test (`NF_CT_STATE_BIT`).
package enum ConnectionState {
    /// The packet is the first that the kernel saw of its connection.
    package static let new: UInt32 = 1 << 3
}

/// The bits of `ct status` that rules test (`enum ip_conntrack_status`).
package enum ConnectionStatus {
    /// The destination was translated (`IPS_DST_NAT`).
    package static let destinationTranslated: UInt32 = 1 << 5
}

/// The kinds of address that the routing tables tell apart (`RTN_…` of rtnetlink).
package enum AddressType {
    /// An address of this host (`RTN_LOCAL`).
    package static let local: UInt32 = 2
}
