import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct ExternalAddressTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var clusterIPs = ["10.96.0.10"]
        var externalIPs: [String] = []
        var ingress: [Service.LoadBalancerIngress] = []
        let expected: [String]
        var problems: [String] = []

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "load balancers' addresses before external IPs",
            externalIPs: ["198.51.100.7", "198.51.100.6"],
            ingress: [.init("203.0.113.7"), .init("203.0.113.6", .vip)],
            expected: ["203.0.113.7:80/tcp", "203.0.113.6:80/tcp", "198.51.100.7:80/tcp", "198.51.100.6:80/tcp"]
        ),
        Case(
            name: "not the address of a load balancer that is a proxy",
            ingress: [.init("203.0.113.7", .proxy)],
            expected: []
        ),
        Case(
            name: "nothing of an ingress with a name only",
            ingress: [Service.LoadBalancerIngress(address: nil), .init("203.0.113.7")],
            expected: ["203.0.113.7:80/tcp"]
        ),
        Case(
            name: "those of the families of the cluster IPs, each behind its own",
            clusterIPs: ["10.96.0.10", "fd00:96::10"],
            externalIPs: ["2001:db8::6", "198.51.100.6"],
            ingress: [.init("203.0.113.7"), .init("2001:db8::7")],
            expected: [
                "203.0.113.7:80/tcp", "198.51.100.6:80/tcp", "[2001:db8::7]:80/tcp", "[2001:db8::6]:80/tcp",
            ]
        ),
        Case(
            name: "not those of another family, which is said of an external IP",
            externalIPs: ["2001:db8::6"],
            ingress: [.init("2001:db8::7")],
            expected: [],
            problems: [
                "Service default/web: spec.externalIPs[0]: 2001:db8::6 is an IPv6 address, and the Service has no IPv6 "
                    + "cluster IP; the Service is left out on this address"
            ]
        ),
        Case(
            name: "one address in both places once",
            externalIPs: ["203.0.113.7", "203.0.113.7"],
            ingress: [.init("203.0.113.7"), .init("203.0.113.7")],
            expected: ["203.0.113.7:80/tcp"]
        ),
        Case(
            name: "not those that cannot lead here, by their places",
            externalIPs: ["198.51.100.7", "127.0.0.1"],
            ingress: [Service.LoadBalancerIngress(address: nil), .init("224.0.0.1")],
            expected: ["198.51.100.7:80/tcp"],
            problems: [
                "Service default/web: spec.externalIPs[1]: 127.0.0.1 is a loopback address; the Service is left out on "
                    + "this address",
                "Service default/web: status.loadBalancer.ingress[1].ip: 224.0.0.1 is a multicast address; the Service is "
                    + "left out on this address",
            ]
        ),
    ]

    @Test(arguments: cases)
    func `external clients come in at`(_ example: Case) {
        let web = service(clusterIPs: example.clusterIPs) {
            $0.externalIPs = example.externalIPs.map(ip)
            $0.loadBalancerIngress = example.ingress
        }
        let observer = Observer(.service(web))
        #expect(observer.externalFrontEnds() == example.expected.map { "\($0) refused masqueraded" })
        #expect(observer.problems == example.problems)
    }

    @Test func `an external IP that is the Service's own cluster IP is external`() {
        let web = service { $0.externalIPs = [ip("10.96.0.10")] }
        let observer = Observer(.service(web), .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080"])
        #expect(observer.externalFrontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080 masqueraded"])
        #expect(observer.problems.isEmpty)
    }

    @Test func `a headless Service has none`() {
        let web = service(clusterIPs: []) {
            $0.isHeadless = true
            $0.externalIPs = [ip("198.51.100.7")]
        }
        #expect(Observer(.service(web)).snapshots.isEmpty)
    }

    @Test func `every port of the Service has each address`() {
        let ports = [
            Service.ServicePort(name: "http", port: port(80)),
            Service.ServicePort(name: "dns", transport: .udp, port: port(53)),
        ]
        let observer = Observer(.service(service(ports: ports) { $0.externalIPs = [ip("198.51.100.7")] }))
        #expect(
            observer.externalFrontEnds() == [
                "198.51.100.7:80/tcp refused masqueraded", "198.51.100.7:53/udp refused masqueraded",
            ]
        )
    }
}
