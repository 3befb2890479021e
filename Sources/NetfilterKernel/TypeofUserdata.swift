internal import CNetfilter
private import NetworkAddress
internal import Nftables

/// What nft keeps with a set that is declared by expressions (`typeof`), so that it can list it as it was declared.
///
/// The kernel stores it and does not look at it. A part is a type, a length and so many bytes, one byte each for the
/// first two; numbers are in the host's order. Expressions, protocols and header fields have the numbers of nft's own
/// source (`enum expr_types`, `enum proto_desc_id` and those of each protocol), which sets of older nft carry as well.
struct TypeofUserdata {
    /// The bytes; the kernel takes 256 at most.
    private(set) var bytes: [UInt8] = []

    /// Describes the types of a set's keys and of what its elements hold besides them.
    init(_ set: SetDeclaration) {
        // The order of bytes: that of each field of a concatenation is its own.
        append(UInt8(NFTNL_UDATA_SET_KEYBYTEORDER.rawValue), number: 0)
        append(UInt8(NFTNL_UDATA_SET_DATABYTEORDER.rawValue), number: 0)
        append(UInt8(NFTNL_UDATA_SET_KEY_TYPEOF.rawValue), Self.expression(set.key))
        if !set.data.isEmpty {
            append(UInt8(NFTNL_UDATA_SET_DATA_TYPEOF.rawValue), Self.expression(set.data))
        }
    }

    private init() {}

    private mutating func append(_ type: UInt8, _ part: [UInt8]) { bytes += [type, UInt8(part.count)] + part }

    private mutating func append(_ type: UInt8, number: UInt32) {
        append(type, (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
    }

    /// An expression of the types: the concatenation of theirs, if they are more than one.
    private static func expression(_ types: [DataType]) -> [UInt8] {
        guard types.count != 1 else { return expression(types[0]) }
        var parts = TypeofUserdata()
        for (index, type) in types.enumerated() { parts.append(UInt8(index), expression(type)) }
        return expression(Expression.concatenation, parts)
    }

    private static func expression(_ type: DataType) -> [UInt8] {
        var details = TypeofUserdata()
        switch type {
        case .address(let family):
            details.append(0, number: family == .ipv4 ? HeaderField.ipv4 : HeaderField.ipv6)
            details.append(1, number: family == .ipv4 ? HeaderField.ipv4Destination : HeaderField.ipv6Destination)
            return expression(Expression.payload, details)
        case .port:
            details.append(0, number: HeaderField.transport)
            details.append(1, number: HeaderField.transportDestination)
            return expression(Expression.payload, details)
        case .transportProtocol:
            details.append(0, number: NFT_META_L4PROTO.rawValue)
            return expression(Expression.meta, details)
        case .interfaceName:
            details.append(0, number: NFT_META_IIFNAME.rawValue)
            return expression(Expression.meta, details)
        case .number:
            // Its type, modulus and offset.
            details.append(0, number: UInt32(NFT_NG_RANDOM.rawValue))
            details.append(1, number: 2)
            details.append(2, number: 0)
            return expression(Expression.numberGenerator, details)
        }
    }

    private static func expression(_ number: UInt32, _ details: TypeofUserdata) -> [UInt8] {
        var expression = TypeofUserdata()
        expression.append(UInt8(NFTNL_UDATA_SET_TYPEOF_EXPR), number: number)
        expression.append(UInt8(NFTNL_UDATA_SET_TYPEOF_DATA), details.bytes)
        return expression.bytes
    }

    /// Kinds of expression.
    private enum Expression {
        static let payload: UInt32 = 7
        static let meta: UInt32 = 9
        static let concatenation: UInt32 = 13
        static let numberGenerator: UInt32 = 23
    }

    /// Protocols, and the fields of their headers.
    private enum HeaderField {
        static let transport: UInt32 = 11
        static let transportDestination: UInt32 = 2
        static let ipv4: UInt32 = 12
        static let ipv4Destination: UInt32 = 12
        static let ipv6: UInt32 = 13
        static let ipv6Destination: UInt32 = 9
    }
}
