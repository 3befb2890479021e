import NetworkAddress
import Testing

@Suite struct PortTests {
    @Test(arguments: [("1", 1), ("80", 80), ("65535", 65535), ("080", 80)])
    func `decimal text makes a port`(text: String, number: Int) {
        #expect(Port(parsing: text) == Port(number))
        #expect(Port(parsing: text)?.description == "\(number)")
    }

    @Test(arguments: ["", "0", "65536", "-1", "+80", "80 ", " 80", "http", "0x50", "8_0", "٨٠", "99999999999999999999"])
    func `what is no port is refused`(_ text: String) {
        #expect(Port(parsing: text) == nil)
    }

    @Test(arguments: [Int.min, -1, 0, 65536, .max])
    func `a number past the range makes no port`(_ number: Int) {
        #expect(Port(number) == nil)
    }

    @Test func `no port has the number 0`() {
        #expect(Port(rawValue: 0) == nil)
        #expect(Port(rawValue: 1)?.rawValue == 1)
    }

    @Test func `ports are ordered by number`() {
        #expect([Port(443), Port(80), Port(8080)].compactMap(\.self).sorted().map(\.rawValue) == [80, 443, 8080])
    }
}
