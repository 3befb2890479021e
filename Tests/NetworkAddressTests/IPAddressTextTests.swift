import NetworkAddress
import Testing

@Suite struct IPAddressTextTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let text: String
        let canonical: String

        var testDescription: String { text }
    }

    static let ipv4 = ["0.0.0.0", "10.0.0.1", "127.0.0.1", "192.0.2.255", "255.255.255.255", "1.20.255.0"]

    @Test(arguments: ipv4)
    func `dotted octets are read and written back`(_ text: String) throws {
        let address = try #require(IPAddress(parsing: text))
        #expect(address.family == .ipv4)
        #expect(address.description == text)
    }

    /// What is read, and RFC 5952's one way to write it.
    static let ipv6 = [
        Case(text: "::", canonical: "::"),
        Case(text: "::1", canonical: "::1"),
        Case(text: "1::", canonical: "1::"),
        Case(text: "0:0:0:0:0:0:0:0", canonical: "::"),
        Case(text: "2001:db8::1", canonical: "2001:db8::1"),
        // §4.1: leading zeros are left out.
        Case(text: "2001:0db8::0001", canonical: "2001:db8::1"),
        // §4.2.1: the gap is as long as can be.
        Case(text: "2001:db8:0:0:0:0:2:1", canonical: "2001:db8::2:1"),
        Case(text: "2001:db8::0:1", canonical: "2001:db8::1"),
        // §4.2.2: a single zero group is no gap.
        Case(text: "2001:db8:0:1:1:1:1:1", canonical: "2001:db8:0:1:1:1:1:1"),
        Case(text: "2001:db8::1:1:1:1:1", canonical: "2001:db8:0:1:1:1:1:1"),
        // §4.2.3: the longest run, and of two equal ones the first.
        Case(text: "2001:0:0:1:0:0:0:1", canonical: "2001:0:0:1::1"),
        Case(text: "2001:db8:0:0:1:0:0:1", canonical: "2001:db8::1:0:0:1"),
        Case(text: "0:0:1:0:0:1:0:0", canonical: "::1:0:0:1:0:0"),
        Case(text: "1:0:0:2:3:4:0:0", canonical: "1::2:3:4:0:0"),
        // §4.3: lower case.
        Case(text: "2001:DB8::ABCD", canonical: "2001:db8::abcd"),
        Case(text: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", canonical: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        Case(text: "1:2:3:4:5:6:7:8", canonical: "1:2:3:4:5:6:7:8"),
        Case(text: "1:2:3:4:5:6:7::", canonical: "1:2:3:4:5:6:7:0"),
        Case(text: "::2:3:4:5:6:7:8", canonical: "0:2:3:4:5:6:7:8"),
        // §5: the dotted part, written where it is known to be one.
        Case(text: "::ffff:192.0.2.1", canonical: "::ffff:192.0.2.1"),
        Case(text: "::ffff:c000:201", canonical: "::ffff:192.0.2.1"),
        Case(text: "::ffff:0:0", canonical: "::ffff:0.0.0.0"),
        Case(text: "64:ff9b::192.0.2.33", canonical: "64:ff9b::c000:221"),
        Case(text: "1:2:3:4:5:6:1.2.3.4", canonical: "1:2:3:4:5:6:102:304"),
        Case(text: "::1.2.3.4", canonical: "::102:304"),
        Case(text: "1::2:3.4.5.6", canonical: "1::2:304:506"),
    ]

    @Test(arguments: ipv6)
    func `IPv6 text is written in RFC 5952 form`(_ example: Case) throws {
        let address = try #require(IPAddress(parsing: example.text))
        #expect(address.family == .ipv6)
        #expect(address.description == example.canonical)
        #expect(IPAddress(parsing: example.canonical) == address)
    }

    static let bad = [
        "", " ", ".", "...", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.0.0.1",
        "1.2.3.256",
        "999.1.1.1", "1.2.3.04", "01.2.3.4", "00.0.0.0", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "1.2.3.-4",
        "+1.2.3.4", "a.b.c.d", "1.2.3.4/32", "1.2.3.4:80", "١.٢.٣.٤", "1.2.3.4\u{301}", "1.2.3.4\0",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:",
        ":2:3:4:5:6:7:8",
        "1::2::3", "1:::2", ":::1", "::1:", ":1::", "1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::",
        "12345::", "::12345", "g::", "::-1", "::+1", ":: 1", " ::1", "::1 ", "fe80::1%eth0", "fe80::1%", "[::1]",
        "::1/128",
        "1.2.3.4::", "::1.2.3.4:5", "1.2.3.4:5::6", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::ffff:1.2.3.4%eth0", "::１",
    ]

    @Test(arguments: bad)
    func `what is not one address is refused`(_ text: String) {
        #expect(IPAddress(parsing: text) == nil)
    }

    @Test(arguments: [
        ("010.000.00.001", "10.0.0.1"), ("08.9.010.099", "8.9.10.99"), ("000000000000001.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.1"), ("::ffff:010.0.0.1", "::ffff:10.0.0.1"),
    ])
    func `leading zeros can be ignored, and are never octal`(text: String, canonical: String) {
        #expect(IPAddress(parsing: text, leadingZeros: .ignored)?.description == canonical)
    }

    @Test(arguments: ["0256.0.0.1", "1.2.3", "0x10.1.1.1", "0000000000000001.2.3.4", "1.2.3.4.", ""])
    func `bad text is bad with leading zeros, too`(_ text: String) {
        #expect(IPAddress(parsing: text, leadingZeros: .ignored) == nil)
    }

    @Test func `a part of a longer text can be read`() {
        let text = "host=10.0.0.1;"
        let start = text.index(text.startIndex, offsetBy: 5)
        #expect(IPAddress(parsing: text[start...].dropLast()) == IPAddress(10, 0, 0, 1))
    }

    @Test func `what is written is read back, whatever the number`() {
        var random = SplitMix(state: 5952)
        for _ in 0..<5000 {
            var bits = UInt128(random.next()) << 64 | UInt128(random.next())
            // Zero groups are what the written form is about: clear about half of them.
            let cleared = random.next()
            for group in 0..<8 where cleared >> group & 1 == 1 { bits &= ~(UInt128(0xffff) << UInt128(group * 16)) }
            let address = IPAddress(family: .ipv6, bits: bits)
            #expect(IPAddress(parsing: address.description) == address)
            let dotted = IPAddress(ipv4: UInt32(truncatingIfNeeded: random.next()))
            #expect(IPAddress(parsing: dotted.description) == dotted)
            #expect(IPAddress(octets: address.octets) == address)
            #expect(IPAddress(octets: dotted.octets) == dotted)
        }
    }

    @Test func `random text is refused or is read back`() {
        var random = SplitMix(state: 4291)
        let alphabet = Array("0123456789abcdef::::....fg%/ ")
        var accepted = 0
        for _ in 0..<50_000 {
            let text = String((0..<(random.next() % 16)).map { _ in alphabet[Int(random.next() % 29)] })
            guard let address = IPAddress(parsing: text) else { continue }
            accepted += 1
            #expect(IPAddress(parsing: address.description) == address)
        }
        #expect(accepted > 0)
    }
}

/// A generator that yields the same numbers on each run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
