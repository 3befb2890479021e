package import NetworkAddress

/// The type of one field of a set's key or data, which tells the kernel its width and nft how to print it.
package enum DataType: Hashable, Sendable {
    case address(AddressFamily)
    case transportProtocol
    case port
    /// A number of 32 bits in the host's order; nft reads sets with one by expressions alone (`typeof`).
    case number
    /// The name of a network interface; sixteen bytes, padded with zeros.
    case interfaceName

    /// The number by which nft knows the type (`enum datatypes` in nft's datatype.h); kept with a set for printing.
    package var nftIdentifier: UInt32 {
        switch self {
        case .address(.ipv4): 7
        case .address(.ipv6): 8
        case .transportProtocol: 12
        case .port: 13
        case .number: 4
        case .interfaceName: 41
        }
    }

    /// The name as nft prints it.
    package var nftName: String {
        switch self {
        case .address(.ipv4): "ipv4_addr"
        case .address(.ipv6): "ipv6_addr"
        case .transportProtocol: "inet_proto"
        case .port: "inet_service"
        case .number: "integer"
        case .interfaceName: "ifname"
        }
    }

    /// An expression of the type, as nft prints sets that are declared by expressions.
    package var nftExpression: String {
        switch self {
        case .address(.ipv4): "ip daddr"
        case .address(.ipv6): "ip6 daddr"
        case .transportProtocol: "meta l4proto"
        case .port: "th dport"
        case .number: "numgen random mod 2"
        case .interfaceName: "iifname"
        }
    }

    /// The number of 32-bit words that a field takes in a concatenation; narrow ones are padded at the end.
    package var words: Int { self == .address(.ipv6) || self == .interfaceName ? 4 : 1 }

    /// The number of bytes of the value itself.
    package var bytes: Int {
        switch self {
        case .address(let family): family.addressBits / 8
        case .transportProtocol: 1
        case .port: 2
        case .number: 4
        case .interfaceName: 16
        }
    }
}

extension [DataType] {
    /// The words of the concatenation of these fields.
    package var words: Int { reduce(0) { $0 + $1.words } }

    /// The length that the kernel is told: the value's own width alone, whole words in a concatenation.
    package var kernelLength: Int { count == 1 ? self[0].bytes : words * 4 }

    /// The type that nft is told: six bits a field, the first field in the highest.
    package var nftIdentifier: UInt32 { reduce(0) { $0 << 6 | $1.nftIdentifier } }

    /// The types as nft prints a concatenation.
    package var nftName: String { map(\.nftName).joined(separator: " . ") }
}
