import NetworkAddress
import Nftables
import Testing

@Suite struct DataTypeTests {
    @Test(
        arguments: [
            ([DataType.address(.ipv4)], UInt32(7), 4, "ipv4_addr"),
            ([.address(.ipv6)], 8, 16, "ipv6_addr"),
            ([.transportProtocol], 12, 1, "inet_proto"),
            ([.port], 13, 2, "inet_service"),
            ([.number], 4, 4, "integer"),
            // Six bits a field, as nft prints a set that was made with the number alone.
            ([.transportProtocol, .port], 0x30d, 8, "inet_proto . inet_service"),
            ([.address(.ipv4), .transportProtocol, .port], 0x730d, 12, "ipv4_addr . inet_proto . inet_service"),
            ([.address(.ipv6), .port], 0x20d, 20, "ipv6_addr . inet_service"),
            (
                [.address(.ipv4), .transportProtocol, .port, .number], 0x1c_c344, 16,
                "ipv4_addr . inet_proto . inet_service . integer"
            ),
        ]
    )
    func `types have the numbers, lengths and names that nft and the kernel know`(
        _ types: [DataType],
        _ identifier: UInt32,
        _ length: Int,
        _ name: String
    ) {
        #expect(types.nftIdentifier == identifier)
        #expect(types.kernelLength == length)
        #expect(types.nftName == name)
    }

    @Test func `fields have the types of their table's family`() {
        let fields: [Field] = [
            .sourceAddress, .destinationAddress, .transportProtocol, .destinationPort, .mark,
            .randomNumber(below: 4), .connectionState, .connectionStatus, .destinationAddressType,
        ]
        let rest: [DataType] = [.transportProtocol, .port, .number, .number, .number, .number, .number]
        #expect(fields.types(in: .ip) == [.address(.ipv4), .address(.ipv4)] + rest)
        #expect(fields.types(in: .ip6) == [.address(.ipv6), .address(.ipv6)] + rest)
    }

    @Test(arguments: TableFamily.allCases) func `a table's family is that of its addresses`(_ family: TableFamily) {
        #expect(TableFamily(family.addressFamily) == family)
    }
}
