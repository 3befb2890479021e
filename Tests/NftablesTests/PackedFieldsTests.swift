import NetworkAddress
import Nftables
import Testing

@Suite struct PackedFieldsTests {
    /// The bytes of the words as they stand in memory.
    private func bytes(_ fields: PackedFields) -> [UInt8] {
        (0..<fields.count).flatMap { index in
            [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: fields[index].littleEndian >> $0) }
        }
    }

    private func port(_ number: Int) throws -> Port { try #require(Port(number)) }

    @Test func `a Service's tuple of IPv4 takes three words in network order`() throws {
        let tuple = PackedFields(IPAddress(10, 96, 0, 1), .tcp, try port(8080))
        #expect(bytes(tuple) == [10, 96, 0, 1, 6, 0, 0, 0, 0x1f, 0x90, 0, 0])
    }

    @Test func `a Service's tuple of IPv6 takes six words in network order`() throws {
        let address = try #require(IPAddress(parsing: "fd00:96::102"))
        let tuple = PackedFields(address, .sctp, try port(443))
        #expect(
            bytes(tuple) == [
                0xfd, 0, 0, 0x96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2,
                132, 0, 0, 0, 1, 0xbb, 0, 0,
            ]
        )
    }

    @Test func `a number stands in the host's order`() {
        let fields = PackedFields(number: 0x0102_0304)
        #expect(fields[0] == 0x0102_0304)
        #expect(fields.appending(number: 5)[1] == 5)
    }

    @Test func `node ports, destinations and pairs are their fields in order`() throws {
        #expect(bytes(PackedFields(.udp, try port(53))) == [17, 0, 0, 0, 0, 53, 0, 0])
        let destination = try #require(TransportAddress(parsing: "10.0.0.9:1"))
        #expect(bytes(PackedFields(destination)) == [10, 0, 0, 9, 0, 1, 0, 0])
        let pair = PackedFields(IPAddress(1, 2, 3, 4), IPAddress(5, 6, 7, 8))
        #expect(bytes(pair) == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test(arguments: ["10.96.0.1", "255.255.255.255", "fd00:96::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"])
    func `fields can be read back`(_ text: String) throws {
        let address = try #require(IPAddress(parsing: text))
        let fields = PackedFields(address, .udp, try port(65534)).appending(number: 77)
        let words = DataType.address(address.family).words
        #expect(fields.count == words + 3)
        #expect(fields.address(address.family, at: 0) == address)
        #expect(fields.protocolNumber(at: words) == 17)
        #expect(fields.portNumber(at: words + 1) == 65534)
        #expect(fields[words + 2] == 77)
        #expect(PackedFields(bytes: bytes(of: fields)) == fields)
    }

    @Test func `the longest key of the data plane fits`() throws {
        let client = try #require(IPAddress(parsing: "fd00::1"))
        var fields = PackedFields(client, client)
        fields.append(TransportProtocol.tcp)
        fields.append(try port(80))
        fields.append(number: 1)
        fields.append(number: 2)
        #expect(fields.count == PackedFields.wordsMax)
    }

    @Test func `fields are equal when their words are, in number and value`() throws {
        let short = PackedFields(IPAddress(10, 0, 0, 1))
        let longer = short.appending(number: 0)
        #expect(short != longer)
        #expect(short == PackedFields(bytes: [10, 0, 0, 1]))
        #expect(short.hashValue == PackedFields(bytes: [10, 0, 0, 1])?.hashValue)
        #expect(Set([short, longer, short]).count == 2)
    }

    @Test func `fields print as nft prints them`() throws {
        let tuple = PackedFields(IPAddress(10, 96, 0, 1), .tcp, try port(80)).appending(number: 2)
        let types: [DataType] = [.address(.ipv4), .transportProtocol, .port, .number]
        #expect(tuple.nftText(as: types) == "10.96.0.1 . tcp . 80 . 2")
        #expect(tuple.nftText(as: types + [.port]) == "10.96.0.1 . tcp . 80 . 2 . ?")
        #expect(PackedFields(number: UInt32(47).littleEndian).nftText(as: [.transportProtocol]) == "47")
    }

    /// The bytes of all words as they lie in memory.
    private func bytes(of fields: PackedFields) -> [UInt8] {
        (0..<fields.count).flatMap { index in
            let inNetworkOrder = UInt32(bigEndian: fields[index])
            return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: inNetworkOrder >> $0) }
        }
    }

    @Test func `a lone narrow field is as long as its value, and comes back from its bytes`() throws {
        var fields = PackedFields()
        fields.append(try port(80))
        #expect(fields.kernelLength == 2)
        #expect(PackedFields(bytes: [0, 80]) == fields)
        fields.append(TransportProtocol.tcp)
        #expect(fields.kernelLength == 8)
        #expect(PackedFields(bytes: [UInt8](repeating: 0, count: 49)) == nil)
    }
}
