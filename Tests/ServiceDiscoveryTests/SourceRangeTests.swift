import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct SourceRangeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let ranges: [String]
        let expected: String
        var failingOpen: String? = nil
        var isForeign = false

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "no ranges: everybody", ranges: [], expected: ""),
        Case(name: "a range", ranges: ["10.0.0.0/8"], expected: ", from [10.0.0.0/8]"),
        Case(
            name: "ranges in order, none within another",
            ranges: ["192.0.2.0/24", "10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8", "10.255.255.255/32"],
            expected: ", from [10.0.0.0/8, 192.0.2.0/24]"
        ),
        Case(name: "those of the family", ranges: ["2001:db8::/32", "10.0.0.0/8"], expected: ", from [10.0.0.0/8]"),
        Case(name: "all addresses: everybody", ranges: ["10.0.0.0/8", "0.0.0.0/0"], expected: ""),
        Case(
            name: "all addresses of the other family: nobody",
            ranges: ["::/0"],
            expected: ", from []",
            failingOpen: "",
            isForeign: true
        ),
        Case(
            name: "all addresses of the other family do not open this one",
            ranges: ["::/0", "10.0.0.0/8"],
            expected: ", from [10.0.0.0/8]"
        ),
        Case(
            name: "ranges of the other family: nobody",
            ranges: ["2001:db8::/32"],
            expected: ", from []",
            failingOpen: "",
            isForeign: true
        ),
        Case(
            name: "ranges that cannot be read: nobody",
            ranges: ["unreadable"],
            expected: ", from []",
            failingOpen: "",
            isForeign: true
        ),
    ]

    private func limited(_ ranges: [String]) -> Service {
        service(ports: [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]) {
            $0.type = .loadBalancer
            $0.externalIPs = [ip("198.51.100.7")]
            $0.loadBalancerIngress = [.init("203.0.113.7")]
            $0.loadBalancerSourceRanges = ranges.map { IPPrefix(parsing: $0) }
        }
    }

    @Test(arguments: cases)
    func `source ranges hold at the load balancer's addresses only, and fail closed`(_ example: Case) {
        let observer = Observer(.service(limited(example.ranges)))
        #expect(
            observer.externalFrontEnds() == [
                "203.0.113.7:80/tcp refused masqueraded\(example.expected)",
                "198.51.100.7:80/tcp refused masqueraded",
                "node port 30080/tcp (IPv4) refused masqueraded",
            ]
        )
        let problem =
            "Service default/web: spec.loadBalancerSourceRanges: holds no IPv4 range, so that nobody can use the load "
            + "balancer's IPv4 addresses; add one, or 0.0.0.0/0 for everybody"
        #expect(observer.problems == (example.isForeign ? [problem] : []))
    }

    @Test(arguments: cases)
    func `set to fail open, ranges of another family let everybody in, which is said`(_ example: Case) {
        var observer = Observer()
        observer.directory = ServiceDirectory(nodeName: "node-a", failsOpenOnForeignRanges: true)
        observer.apply(.service(limited(example.ranges)))
        #expect(
            observer.externalFrontEnds().first
                == "203.0.113.7:80/tcp refused masqueraded\(example.failingOpen ?? example.expected)"
        )
        let problem =
            "Service default/web: spec.loadBalancerSourceRanges: holds no IPv4 range, so that everybody can use the load "
            + "balancer's IPv4 addresses, as this node is set to fail open; add the ranges that are meant"
        #expect(observer.problems == (example.isForeign ? [problem] : []))
    }

    @Test func `each family has its own ranges`() {
        let web = service(clusterIPs: ["10.96.0.10", "fd00:96::10"]) {
            $0.loadBalancerIngress = [.init("203.0.113.7"), .init("2001:db8::7")]
            $0.loadBalancerSourceRanges = [range("10.0.0.0/8")]
        }
        let observer = Observer(.service(web))
        #expect(
            observer.externalFrontEnds() == [
                "203.0.113.7:80/tcp refused masqueraded, from [10.0.0.0/8]",
                "[2001:db8::7]:80/tcp refused masqueraded, from []",
            ]
        )
        #expect(observer.problems.count == 1)
        #expect(observer.problems.first?.contains("holds no IPv6 range") == true)
    }

    @Test func `an external IP that is the load balancer's address, too, is held to the ranges`() {
        var web = limited(["10.0.0.0/8"])
        web.externalIPs = [ip("203.0.113.7")]
        #expect(
            Observer(.service(web)).externalFrontEnds().first
                == "203.0.113.7:80/tcp refused masqueraded, from [10.0.0.0/8]"
        )
    }

    @Test func `where the node is let in, the load balancer's addresses are, too`() {
        var web = limited(["10.0.0.0/8"])
        web.loadBalancerIngress = [.init("203.0.113.7"), .init("203.0.113.9", .vip), .init("203.0.113.8", .proxy)]
        var other = limited(["10.0.0.0/8"])
        other.metadata.name = "other"
        other.clusterIPs = [ip("10.96.0.11")]
        other.ports = [Service.ServicePort(name: "http", port: port(80))]
        other.externalIPs = []
        other.loadBalancerIngress = [.init("203.0.113.20")]
        other.loadBalancerSourceRanges = [range("172.16.0.0/12")]
        var observer = Observer(.service(web), .service(other))
        observer.directory.localAddresses = [ip("192.0.2.1"), ip("fd00::1")]
        #expect(observer.take().isEmpty, "the node is in no range")
        observer.directory.localAddresses = [ip("192.0.2.1"), ip("10.1.1.1")]
        #expect(observer.take().map(\.service.name) == ["web"], "others are not touched")
        #expect(
            observer.externalFrontEnds()[0]
                == "203.0.113.7:80/tcp refused masqueraded, from [10.0.0.0/8, 203.0.113.7/32, 203.0.113.9/32]"
        )
        observer.directory.localAddresses = [ip("10.2.2.2")]
        #expect(observer.take().isEmpty, "the node still is in the range")
        observer.directory.localAddresses = []
        #expect(observer.take().map(\.service.name) == ["web"])
        #expect(observer.externalFrontEnds()[0] == "203.0.113.7:80/tcp refused masqueraded, from [10.0.0.0/8]")
    }

    @Test func `a range over everything stays open to everybody where the node is in it`() {
        var observer = Observer()
        observer.directory.localAddresses = [ip("10.1.1.1")]
        observer.apply(.service(limited(["0.0.0.0/0", "10.0.0.0/8"])))
        #expect(observer.externalFrontEnds()[0] == "203.0.113.7:80/tcp refused masqueraded")
    }
}
