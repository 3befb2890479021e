import NetworkAddress
import Testing

@Suite struct TransportProtocolTests {
    @Test(arguments: zip(TransportProtocol.allCases, ["TCP", "UDP", "SCTP"]))
    func `a protocol is read and written by Kubernetes' name`(transport: TransportProtocol, name: String) {
        #expect(transport.kubernetesName == name)
        #expect(TransportProtocol(kubernetesName: name) == transport)
        #expect(transport.description == name.lowercased())
    }

    @Test(arguments: ["", "tcp", "Tcp", "TCP ", "ICMP", "6"])
    func `another name is no protocol`(_ name: String) {
        #expect(TransportProtocol(kubernetesName: name) == nil)
    }

    @Test func `protocols have the numbers of IANA`() {
        #expect(TransportProtocol.allCases.map(\.rawValue) == [6, 17, 132])
    }

    @Test func `families are named as in ipFamilies`() {
        #expect(AddressFamily.allCases.map(\.description) == ["IPv4", "IPv6"])
        #expect(AddressFamily.allCases.map(\.addressBits) == [32, 128])
        #expect(AddressFamily.ipv4 < .ipv6)
    }
}
