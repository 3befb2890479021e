import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct TopologyTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var zone: String? = "z1"
        let endpoints: [EndpointSlice.SliceEndpoint]
        let expected: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "by zone",
            endpoints: [endpoint("10.0.0.1", forZones: ["z1"]), endpoint("10.0.0.2", forZones: ["z2"])],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "by zone, several of them for one endpoint",
            endpoints: [
                endpoint("10.0.0.1", forZones: ["z2"]), endpoint("10.0.0.2", forZones: ["z3", "z1"]),
                endpoint("10.0.0.3", forZones: ["z2", "z3"]),
            ],
            expected: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "all when one has no hint",
            endpoints: [endpoint("10.0.0.1", forZones: ["z1"]), endpoint("10.0.0.2")],
            expected: "→ 10.0.0.1:8080 10.0.0.2:8080"
        ),
        Case(
            name: "all when no hint names this zone",
            endpoints: [endpoint("10.0.0.1", forZones: ["z2"]), endpoint("10.0.0.2", forZones: ["z3"])],
            expected: "→ 10.0.0.1:8080 10.0.0.2:8080"
        ),
        Case(
            name: "all when the node is in no zone",
            zone: nil,
            endpoints: [endpoint("10.0.0.1", forZones: ["z1"]), endpoint("10.0.0.2", forZones: ["z2"])],
            expected: "→ 10.0.0.1:8080 10.0.0.2:8080"
        ),
        Case(
            name: "all when the node's zone is empty",
            zone: "",
            endpoints: [endpoint("10.0.0.1", forZones: ["z1"]), endpoint("10.0.0.2", forZones: ["z2"])],
            expected: "→ 10.0.0.1:8080 10.0.0.2:8080"
        ),
        Case(
            name: "by zone, whatever an unready one lacks",
            endpoints: [
                endpoint("10.0.0.1", forZones: ["z1"]), endpoint("10.0.0.2", forZones: ["z2"]),
                endpoint("10.0.0.3", ready: false),
            ],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "all when only an unready one is meant for here",
            endpoints: [endpoint("10.0.0.1", ready: false, forZones: ["z1"]), endpoint("10.0.0.2", forZones: ["z2"])],
            expected: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "all that still serve, when none is ready, whatever their hints",
            endpoints: [
                endpoint("10.0.0.1", ready: false, terminating: true, forZones: ["z1"]),
                endpoint("10.0.0.2", ready: false, terminating: true, forZones: ["z2"]),
            ],
            expected: "→ 10.0.0.1:8080 10.0.0.2:8080"
        ),
        Case(
            name: "by node",
            endpoints: [
                endpoint("10.0.0.1", forNodes: ["node-b"]), endpoint("10.0.0.2", forNodes: ["node-c", "node-a"]),
            ],
            expected: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "by node before zone",
            endpoints: [
                endpoint("10.0.0.1", forNodes: ["node-b"], forZones: ["z1"]),
                endpoint("10.0.0.2", forNodes: ["node-a"], forZones: ["z2"]),
            ],
            expected: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "by zone when no hint names this node",
            endpoints: [
                endpoint("10.0.0.1", forNodes: ["node-b"], forZones: ["z1"]),
                endpoint("10.0.0.2", forNodes: ["node-c"], forZones: ["z2"]),
            ],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "by zone when one has no hint for nodes",
            endpoints: [
                endpoint("10.0.0.1", forZones: ["z1"]),
                endpoint("10.0.0.2", forNodes: ["node-a"], forZones: ["z2"]),
            ],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "by the hints, not by where endpoints run",
            endpoints: [
                endpoint("10.0.0.1", on: "node-a", forZones: ["z2"]),
                endpoint("10.0.0.2", on: "node-b", forZones: ["z1"]),
            ],
            expected: "→ 10.0.0.2:8080"
        ),
    ]

    @Test(arguments: cases)
    func `the endpoints that are meant for this place are chosen`(_ example: Case) {
        let observer = Observer(
            .node(node(zone: example.zone)),
            .service(service()),
            .endpointSlice(slice(endpoints: example.endpoints))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp \(example.expected)"])
    }

    @Test(arguments: [false, true])
    func `hints count over all slices together, and once for an endpoint in two of them`(isReversed: Bool) {
        let slices = [
            slice("web-1", endpoints: [endpoint("10.0.0.1", forZones: ["z1"]), endpoint("10.0.0.2")]),
            slice(
                "web-2",
                endpoints: [endpoint("10.0.0.2", forZones: ["z2"]), endpoint("10.0.0.3", forZones: ["z1", "z2"])]
            ),
        ]
        var observer = Observer(.node(node(zone: "z1")), .service(service()))
        for slice in isReversed ? slices.reversed() : slices { observer.apply(.endpointSlice(slice)) }
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080 10.0.0.3:8080"])
    }

    @Test func `internalTrafficPolicy Local does not ask where endpoints are meant for`() {
        let observer = Observer(
            .node(node(zone: "z1")),
            .service(service { $0.internalTrafficPolicy = .local }),
            .endpointSlice(
                slice(endpoints: [
                    endpoint("10.0.0.1", on: "node-a", forZones: ["z2"]),
                    endpoint("10.0.0.2", on: "node-a", forZones: ["z1"]),
                    endpoint("10.0.0.3", on: "node-b", forZones: ["z1"]),
                ])
            )
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080 10.0.0.2:8080"])
    }

    @Test func `a changed zone of the node returns the Services with hints for zones, and no others`() {
        let web = slice(endpoints: [endpoint("10.0.0.1", forZones: ["z1"]), endpoint("10.0.0.2", forZones: ["z2"])])
        let plain = slice("plain-1", of: "plain", endpoints: [endpoint("10.0.0.3")])
        var observer = Observer(
            .service(service()),
            .service(service("plain", clusterIPs: ["10.96.0.11"])),
            .endpointSlice(web),
            .endpointSlice(plain),
            .node(node(zone: "z1"))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080"])
        #expect(observer.apply(.node(node("node-b", zone: "z2"))).isEmpty, "another node's zone does not matter")
        #expect(observer.apply(.node(node(zone: "z2"))).map(\.service.name) == ["web"])
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.2:8080"])
        #expect(observer.apply(.node(node())).map(\.service.name) == ["web"])
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080 10.0.0.2:8080"])
        observer.apply(.node(node(zone: "z1")))
        #expect(observer.remove(.node(node())).map(\.service.name) == ["web"])
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080 10.0.0.2:8080"])
    }
}
