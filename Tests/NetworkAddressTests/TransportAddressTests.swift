import NetworkAddress
import Testing

@Suite struct TransportAddressTests {
    @Test(arguments: ["10.0.0.1:80", "255.255.255.255:65535", "[::]:1", "[fd00::1]:8080", "[::ffff:10.0.0.1]:80"])
    func `an address with its port is read and written back`(_ text: String) throws {
        let pair = try #require(TransportAddress(parsing: text))
        #expect(pair.description == text)
        #expect(pair == TransportAddress(pair.address, pair.port))
    }

    @Test(arguments: [
        "", ":", ":80", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:http", "10.0.0.1:80:80",
        "[10.0.0.1]:80", "fd00::1", "fd00::1:80", "[fd00::1]", "[fd00::1]:", "[fd00::1]80", "[fd00::1:80",
        "fd00::1]:80",
        "[[fd00::1]]:80", "[]:80", "[:80", "]:80", "[fe80::1%eth0]:80", "10.0.0.1 :80", "10.0.0.1: 80", "localhost:80",
    ])
    func `what is not one address with one port is refused`(_ text: String) {
        #expect(TransportAddress(parsing: text) == nil)
    }

    @Test func `pairs are ordered by address, then port`() {
        let texts = ["[::1]:1", "10.0.0.10:80", "10.0.0.9:443", "10.0.0.9:80"]
        let sorted = texts.compactMap { TransportAddress(parsing: $0) }.sorted().map(\.description)
        #expect(sorted == ["10.0.0.9:80", "10.0.0.9:443", "10.0.0.10:80", "[::1]:1"])
    }
}
