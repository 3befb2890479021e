import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct ConflictTests {
    static let old = "2024-01-01T00:00:00Z"
    static let new = "2025-01-01T00:00:00Z"

    struct Age: CustomTestStringConvertible, Sendable {
        let name: String
        let a: String?
        let b: String?
        let winner: String
        let reason: String

        var testDescription: String { name }
    }

    static let ages = [
        Age(name: "the older", a: new, b: old, winner: "b", reason: "which is older"),
        Age(name: "the older, first by name", a: old, b: new, winner: "a", reason: "which is older"),
        Age(name: "of known age", a: nil, b: new, winner: "b", reason: "which is older"),
        Age(name: "of equal age, by name", a: old, b: old, winner: "a", reason: "which comes first by name"),
        Age(name: "of unknown age, by name", a: nil, b: nil, winner: "a", reason: "which comes first by name"),
    ]

    @Test(arguments: ages, [false, true])
    func `of two Services on one cluster IP one has it`(_ age: Age, isReversed: Bool) {
        let services = [
            service("a", created: age.a, origin: "a.yaml"), service("b", created: age.b, origin: "b.yaml"),
        ]
        var observer = Observer()
        for service in isReversed ? services.reversed() : services { observer.apply(.service(service)) }
        let loser = age.winner == "a" ? "b" : "a"
        #expect(observer.frontEnds(of: age.winner) == ["10.96.0.10:80/tcp refused"])
        #expect(observer.frontEnds(of: loser).isEmpty)
        #expect(
            observer.problems == [
                "\(loser).yaml: Service default/\(loser): spec.clusterIP: 10.96.0.10 is that of Service "
                    + "default/\(age.winner), \(age.reason); Service default/\(loser) is left out on this address"
            ]
        )
    }

    @Test func `a cluster IP belongs to one Service with all ports, other front ends stay`() {
        let own = [Service.ServicePort(name: "alt", port: port(8080), nodePort: port(30081))]
        let observer = Observer(
            .service(service("a", clusterIPs: ["10.96.0.10"])),
            .service(service("b", clusterIPs: ["10.96.0.10", "fd00:96::b"], ports: own))
        )
        #expect(
            observer.frontEnds(of: "b") == [
                "node port 30081/tcp (IPv4) refused",
                "[fd00:96::b]:8080/tcp refused",
                "node port 30081/tcp (IPv6) refused",
            ]
        )
        #expect(observer.problems.count == 1)
    }

    @Test func `the second cluster IP is named as such`() {
        let observer = Observer(
            .service(service("a", clusterIPs: ["fd00:96::a"])),
            .service(service("b", clusterIPs: ["10.96.0.11", "fd00:96::a"]))
        )
        #expect(observer.frontEnds(of: "b") == ["10.96.0.11:80/tcp refused"])
        #expect(observer.problems.first?.contains("default/b: spec.clusterIPs[1]: fd00:96::a is that of") == true)
    }

    private func nodePorts(_ name: String, _ clusterIPs: [String], _ number: Int, _ created: String? = nil) -> Service {
        let ports = [
            Service.ServicePort(name: "plain", port: port(79)),
            Service.ServicePort(name: "http", port: port(80), nodePort: port(number)),
        ]
        return service(name, clusterIPs: clusterIPs, ports: ports, created: created)
    }

    @Test func `of two Services on one node port one has it, and the rest of the other works`() {
        let observer = Observer(
            .service(nodePorts("b", ["10.96.0.11"], 30080, Self.old)),
            .service(nodePorts("a", ["10.96.0.10"], 30080, Self.new))
        )
        #expect(observer.frontEnds(of: "b").last == "node port 30080/tcp (IPv4) refused")
        #expect(observer.frontEnds(of: "a") == ["10.96.0.10:79/tcp refused", "10.96.0.10:80/tcp refused"])
        #expect(
            observer.problems == [
                "Service default/a: spec.ports[1].nodePort: 30080/tcp (IPv4) is that of Service default/b, which is older; "
                    + "Service default/a is left out on this node port"
            ]
        )
    }

    @Test func `node ports conflict within a family and a protocol only`() {
        var udp = nodePorts("c", ["10.96.0.12"], 30080)
        udp.ports[1].transport = .udp
        let observer = Observer(
            .service(nodePorts("a", ["10.96.0.10"], 30080)),
            .service(nodePorts("b", ["fd00:96::b"], 30080)),
            .service(udp)
        )
        #expect(observer.problems.isEmpty)
        #expect(observer.frontEnds(of: "a").last == "node port 30080/tcp (IPv4) refused")
        #expect(observer.frontEnds(of: "b").last == "node port 30080/tcp (IPv6) refused")
        #expect(observer.frontEnds(of: "c").last == "node port 30080/udp (IPv4) refused")
    }

    @Test func `when the winner goes the loser takes over in the same turn`() {
        var observer = Observer(.service(service("a")), .service(service("b")), .service(service("c")))
        let changed = observer.remove(.service(service("a")))
        #expect(
            changed.map { "\($0.service) \($0.frontEnds.count)" } == ["default/a 0", "default/b 1"]
        )
        #expect(observer.problems.count == 1)
        #expect(
            observer.problems.first?.contains(
                "Service default/c: spec.clusterIP: 10.96.0.10 is that of Service "
                    + "default/b"
            ) == true
        )
        observer.remove(.service(service("b")))
        #expect(observer.frontEnds(of: "c") == ["10.96.0.10:80/tcp refused"])
        #expect(observer.problems.isEmpty)
    }

    @Test func `when the winner moves the loser takes over in the same turn`() {
        var observer = Observer(.service(service("a")), .service(service("b")))
        let changed = observer.apply(.service(service("a", clusterIPs: ["10.96.0.11"])))
        #expect(changed.map(\.service.name) == ["a", "b"])
        #expect(observer.frontEnds(of: "a") == ["10.96.0.11:80/tcp refused"])
        #expect(observer.frontEnds(of: "b") == ["10.96.0.10:80/tcp refused"])
    }

    @Test func `an older Service that comes later takes the place of the winner`() {
        var observer = Observer(.service(service("a", created: Self.new)))
        let changed = observer.apply(.service(service("z", created: Self.old)))
        #expect(changed.map { "\($0.service) \($0.frontEnds.count)" } == ["default/a 0", "default/z 1"])
    }

    @Test func `a winner replaced by itself keeps its place without a word`() {
        var observer = Observer(.service(service("a")), .service(service("b")))
        observer.directory.apply(.removed(KubernetesObject.service(service("a")).reference))
        #expect(observer.apply(.service(service("a"))).isEmpty)
        #expect(observer.problems.count == 1)
    }

    @Test func `a loser's departure changes nothing for the winner`() {
        var observer = Observer(.service(service("a")), .service(service("b")))
        #expect(observer.remove(.service(service("b"))).isEmpty)
        #expect(observer.problems.isEmpty)
        // And the address is free once the winner leaves as well.
        observer.remove(.service(service("a")))
        observer.apply(.service(service("c")))
        #expect(observer.frontEnds(of: "c") == ["10.96.0.10:80/tcp refused"])
    }

    @Test func `a Service that only changes its ports keeps its address`() {
        var observer = Observer(.service(service("a")), .service(service("b")))
        observer.apply(.service(service("a", ports: [Service.ServicePort(name: "alt", port: port(81))])))
        #expect(observer.frontEnds(of: "a") == ["10.96.0.10:81/tcp refused"])
        #expect(observer.frontEnds(of: "b").isEmpty)
    }
}
