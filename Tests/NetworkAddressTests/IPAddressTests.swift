import NetworkAddress
import Testing

@Suite struct IPAddressTests {
    @Test func `octets come in network order`() {
        #expect(IPAddress(10, 1, 2, 3).octets == [10, 1, 2, 3])
        #expect(IPAddress(10, 1, 2, 3).ipv4Number == 0x0a01_0203)
        #expect(IPAddress(ipv4: 0x0a01_0203) == IPAddress(10, 1, 2, 3))
        #expect(
            IPAddress(parsing: "2001:db8::1:2")?.octets == [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2]
        )
    }

    @Test(arguments: [0, 1, 3, 5, 15, 17])
    func `four octets or sixteen make an address`(_ count: Int) {
        #expect(IPAddress(octets: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func `an IPv4 address and its mapped form differ`() {
        #expect(IPAddress(parsing: "::ffff:10.0.0.1") != IPAddress(10, 0, 0, 1))
        #expect(IPAddress(parsing: "::10.0.0.1") != IPAddress(10, 0, 0, 1))
        #expect(IPAddress(family: .ipv6, bits: 0) != IPAddress(family: .ipv4, bits: 0))
    }

    @Test func `IPv4 comes before IPv6, then the number decides`() {
        let texts = ["::1", "10.0.0.10", "255.255.255.255", "::", "10.0.0.9", "0.0.0.0", "fd00::", "2001:db8::"]
        let sorted = texts.compactMap { IPAddress(parsing: $0) }.sorted().map(\.description)
        #expect(
            sorted == ["0.0.0.0", "10.0.0.9", "10.0.0.10", "255.255.255.255", "::", "::1", "2001:db8::", "fd00::"]
        )
    }

    enum Kind: CaseIterable {
        case unspecified, loopback, multicast, linkLocal, broadcast, mapped
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let address: String
        let kind: Kind?

        var testDescription: String { address }
    }

    /// Each kind's first and last address, and the neighbours that are not of the kind.
    static let cases = [
        Case(address: "0.0.0.0", kind: .unspecified), Case(address: "0.0.0.1", kind: nil),
        Case(address: "::", kind: .unspecified), Case(address: "::1", kind: .loopback), Case(address: "::2", kind: nil),
        Case(address: "126.255.255.255", kind: nil), Case(address: "127.0.0.0", kind: .loopback),
        Case(address: "127.255.255.255", kind: .loopback), Case(address: "128.0.0.0", kind: nil),
        Case(address: "223.255.255.255", kind: nil), Case(address: "224.0.0.0", kind: .multicast),
        Case(address: "239.255.255.255", kind: .multicast), Case(address: "240.0.0.0", kind: nil),
        Case(address: "feff:ffff::", kind: nil), Case(address: "ff00::", kind: .multicast),
        Case(address: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", kind: .multicast),
        Case(address: "169.253.255.255", kind: nil), Case(address: "169.254.0.0", kind: .linkLocal),
        Case(address: "169.254.255.255", kind: .linkLocal), Case(address: "169.255.0.0", kind: nil),
        Case(address: "fe7f:ffff::", kind: nil), Case(address: "fe80::", kind: .linkLocal),
        Case(address: "febf:ffff::", kind: .linkLocal), Case(address: "fec0::", kind: nil),
        Case(address: "255.255.255.254", kind: nil), Case(address: "255.255.255.255", kind: .broadcast),
        Case(address: "::fffe:ffff:ffff", kind: nil), Case(address: "::ffff:0.0.0.0", kind: .mapped),
        Case(address: "::ffff:255.255.255.255", kind: .mapped), Case(address: "::1:0:0:0", kind: nil),
        Case(address: "1::ffff:1.2.3.4", kind: nil),
        Case(address: "10.0.0.1", kind: nil), Case(address: "fd00::1", kind: nil),
    ]

    @Test(arguments: cases)
    func `an address is of one kind or of none`(_ example: Case) throws {
        let address = try #require(IPAddress(parsing: example.address))
        let kinds = Kind.allCases.filter { kind in
            switch kind {
            case .unspecified: address.isUnspecified
            case .loopback: address.isLoopback
            case .multicast: address.isMulticast
            case .linkLocal: address.isLinkLocal
            case .broadcast: address.isLimitedBroadcast
            case .mapped: address.isIPv4Mapped
            }
        }
        #expect(kinds == (example.kind.map { [$0] } ?? []))
    }
}
