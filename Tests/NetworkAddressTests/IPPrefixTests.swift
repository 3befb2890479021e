import NetworkAddress
import Testing

@Suite struct IPPrefixTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3/8", "10.0.0.0/8"), ("10.1.2.3/32", "10.1.2.3/32"),
        ("10.1.2.3/0", "0.0.0.0/0"), ("10.1.2.255/25", "10.1.2.128/25"), ("255.255.255.255/31", "255.255.255.254/31"),
        ("fd00::/8", "fd00::/8"), ("fd12:3456::1/8", "fd00::/8"), ("2001:db8::1/128", "2001:db8::1/128"),
        ("2001:db8::1/0", "::/0"), ("2001:db8:ffff::/33", "2001:db8:8000::/33"), ("::/0", "::/0"),
    ])
    func `a prefix is read, and bits past it are ignored`(text: String, canonical: String) throws {
        let prefix = try #require(IPPrefix(parsing: text))
        #expect(prefix.description == canonical)
        #expect(IPPrefix(parsing: canonical) == prefix)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
        "10.0.0.0/00",
        "10.0.0.0/8/8", "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0 /8", "10.0.0/8", "10.0.0.0/255.0.0.0", "10.0.0.0/0x8",
        "10.0.0.0/a", "10.0.0.0/1000", "10.0.0.0/99999999999999999999", "010.0.0.0/8", "10.0.0.0/٨",
        "::/129", "::/-0", "fd00::", "fe80::%eth0/64", "[::]/0",
    ])
    func `what is not one prefix is refused`(_ text: String) {
        #expect(IPPrefix(parsing: text) == nil)
    }

    struct Membership: CustomTestStringConvertible, Sendable {
        let prefix: String
        let inside: [String]
        let outside: [String]

        var testDescription: String { prefix }
    }

    static let memberships = [
        Membership(
            prefix: "10.0.0.0/8",
            inside: ["10.0.0.0", "10.255.255.255"],
            outside: ["9.255.255.255", "11.0.0.0", "::10.0.0.1", "::ffff:10.0.0.1"]
        ),
        Membership(prefix: "192.0.2.1/32", inside: ["192.0.2.1"], outside: ["192.0.2.0", "192.0.2.2"]),
        Membership(prefix: "0.0.0.0/0", inside: ["0.0.0.0", "255.255.255.255"], outside: ["::", "::1"]),
        Membership(prefix: "172.16.0.0/12", inside: ["172.16.0.0", "172.31.255.255"], outside: ["172.32.0.0"]),
        Membership(
            prefix: "2001:db8::/33",
            inside: ["2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"],
            outside: ["2001:db8:8000::", "2001:db7:ffff::"]
        ),
        Membership(prefix: "::/0", inside: ["::", "ffff::"], outside: ["0.0.0.0", "10.0.0.1"]),
        Membership(prefix: "fd00::1/128", inside: ["fd00::1"], outside: ["fd00::", "fd00::2"]),
    ]

    @Test(arguments: memberships)
    func `a prefix holds the addresses that share its bits, of its family only`(_ example: Membership) throws {
        let prefix = try #require(IPPrefix(parsing: example.prefix))
        for text in example.inside { #expect(prefix.contains(try #require(IPAddress(parsing: text))), "\(text)") }
        for text in example.outside { #expect(!prefix.contains(try #require(IPAddress(parsing: text))), "\(text)") }
    }

    @Test func `the mask has the width of the family`() {
        #expect(IPPrefix(parsing: "10.0.0.0/8")?.mask == 0xff00_0000)
        #expect(IPPrefix(parsing: "10.0.0.0/32")?.mask == 0xffff_ffff)
        #expect(IPPrefix(parsing: "10.0.0.0/0")?.mask == 0)
        #expect(IPPrefix(parsing: "::/0")?.mask == 0)
        #expect(IPPrefix(parsing: "::/1")?.mask == UInt128(1) << 127)
        #expect(IPPrefix(parsing: "::/128")?.mask == .max)
    }

    @Test func `every prefix holds its own address and is read back`() {
        var random = SplitMix(state: 4632)
        for _ in 0..<2000 {
            let family: AddressFamily = random.next() % 2 == 0 ? .ipv4 : .ipv6
            let bits = UInt128(random.next()) << 64 | UInt128(random.next())
            let address = IPAddress(family: family, bits: family == .ipv4 ? bits & 0xffff_ffff : bits)
            let prefix = IPPrefix(holding: address, length: Int(random.next() % UInt64(family.addressBits + 1)))
            #expect(prefix.contains(address))
            #expect(prefix.contains(prefix.address))
            #expect(IPPrefix(parsing: prefix.description) == prefix)
        }
    }
}
