import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct ExternalAddressConflictTests {
    static let old = "2024-01-01T00:00:00Z"
    static let new = "2025-01-01T00:00:00Z"

    private func external(
        _ name: String,
        clusterIP: String,
        _ address: String = "198.51.100.7",
        created: String? = nil,
        ports: [Int] = [80],
        isLoadBalancers: Bool = false
    ) -> Service {
        let ports = ports.map { Service.ServicePort(name: "p\($0)", port: port($0)) }
        return service(name, clusterIPs: [clusterIP], ports: ports, created: created) {
            if isLoadBalancers {
                $0.loadBalancerIngress = [.init(address)]
            } else {
                $0.externalIPs = [ip(address)]
            }
        }
    }

    @Test(arguments: [false, true])
    func `of two Services at one address and port the older one is there`(isReversed: Bool) {
        let services = [
            external("a", clusterIP: "10.96.0.1", created: Self.new),
            external("b", clusterIP: "10.96.0.2", created: Self.old, isLoadBalancers: true),
        ]
        var observer = Observer()
        for service in isReversed ? services.reversed() : services { observer.apply(.service(service)) }
        #expect(observer.frontEnds(of: "a") == ["10.96.0.1:80/tcp refused"])
        #expect(observer.frontEnds(of: "b") == ["10.96.0.2:80/tcp refused", "198.51.100.7:80/tcp refused"])
        #expect(
            observer.problems == [
                "Service default/a: spec.externalIPs[0]: 198.51.100.7:80/tcp is that of Service default/b, which is older; "
                    + "Service default/a is left out on this address and port"
            ]
        )
        let changed = observer.remove(.service(services[1]))
        #expect(changed.map(\.service.name) == ["a", "b"])
        #expect(observer.frontEnds(of: "a").last == "198.51.100.7:80/tcp refused")
        #expect(observer.problems.isEmpty)
    }

    @Test func `the load balancer's address is named as such`() {
        let observer = Observer(
            .service(external("a", clusterIP: "10.96.0.1")),
            .service(external("b", clusterIP: "10.96.0.2", isLoadBalancers: true))
        )
        #expect(
            observer.problems == [
                "Service default/b: status.loadBalancer.ingress[0].ip: 198.51.100.7:80/tcp is that of Service default/a, "
                    + "which comes first by name; Service default/b is left out on this address and port"
            ]
        )
    }

    @Test func `Services share an address by their ports and protocols`() {
        var udp = external("c", clusterIP: "10.96.0.3")
        udp.ports[0].transport = .udp
        let observer = Observer(
            .service(external("a", clusterIP: "10.96.0.1", ports: [80, 443])),
            .service(external("b", clusterIP: "10.96.0.2", ports: [443, 8080])),
            .service(udp)
        )
        #expect(observer.externalFrontEnds(of: "a").count == 2)
        #expect(observer.externalFrontEnds(of: "b") == ["198.51.100.7:8080/tcp refused masqueraded"])
        #expect(observer.externalFrontEnds(of: "c") == ["198.51.100.7:80/udp refused masqueraded"])
        #expect(observer.problems.count == 1)
    }

    @Test(arguments: [false, true])
    func `a cluster IP keeps its ports from an external address of an older Service`(isReversed: Bool) {
        let services = [
            external("a", clusterIP: "10.96.0.1", "10.96.0.2", created: Self.old, ports: [80, 81]),
            service("b", clusterIPs: ["10.96.0.2"], created: Self.new),
        ]
        var observer = Observer()
        for service in isReversed ? services.reversed() : services { observer.apply(.service(service)) }
        #expect(observer.frontEnds(of: "b") == ["10.96.0.2:80/tcp refused"])
        #expect(observer.externalFrontEnds(of: "a") == ["10.96.0.2:81/tcp refused masqueraded"])
        #expect(
            observer.problems == [
                "Service default/a: spec.externalIPs[0]: 10.96.0.2:80/tcp is that of Service default/b, which has it at its "
                    + "cluster IP; Service default/a is left out on this address and port"
            ]
        )
        let ports = [Service.ServicePort(name: "alt", port: port(81))]
        observer.apply(.service(service("b", clusterIPs: ["10.96.0.2"], ports: ports, created: Self.new)))
        #expect(
            observer.externalFrontEnds(of: "a") == ["10.96.0.2:80/tcp refused masqueraded"],
            "a changed port sets the other one free"
        )
    }

    @Test func `the ports of a Service at one address conflict with none of its own`() {
        let web = service {
            $0.externalIPs = [ip("203.0.113.7"), ip("10.96.0.10")]
            $0.loadBalancerIngress = [.init("203.0.113.7"), .init("10.96.0.10")]
        }
        var observer = Observer(.service(web))
        #expect(observer.frontEnds() == ["203.0.113.7:80/tcp refused", "10.96.0.10:80/tcp refused"])
        #expect(observer.problems.isEmpty)
        observer.remove(.service(web))
        observer.apply(.service(external("z", clusterIP: "10.96.0.10", "203.0.113.7")))
        #expect(observer.frontEnds(of: "z") == ["10.96.0.10:80/tcp refused", "203.0.113.7:80/tcp refused"])
    }
}
