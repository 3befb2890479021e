import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct ExternalTrafficPolicyTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let endpoints: [EndpointSlice.SliceEndpoint]
        let outside: String
        let inside: String?

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "local ones for clients outside, all for clients here",
            endpoints: [endpoint("10.0.0.1", on: "node-a"), endpoint("10.0.0.2", on: "node-b")],
            outside: "→ 10.0.0.1:8080",
            inside: "→ 10.0.0.1:8080 10.0.0.2:8080"
        ),
        Case(
            name: "all are local, and still the node itself is masqueraded",
            endpoints: [endpoint("10.0.0.1", on: "node-a")],
            outside: "→ 10.0.0.1:8080",
            inside: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "none here but some elsewhere",
            endpoints: [endpoint("10.0.0.2", on: "node-b"), endpoint("10.0.0.3")],
            outside: "dropped",
            inside: "→ 10.0.0.2:8080 10.0.0.3:8080"
        ),
        Case(
            name: "local ones that still serve, although others are ready elsewhere",
            endpoints: [
                endpoint("10.0.0.1", ready: false, terminating: true, on: "node-a"),
                endpoint("10.0.0.2", on: "node-b"),
            ],
            outside: "→ 10.0.0.1:8080",
            inside: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "only ones elsewhere that still serve",
            endpoints: [endpoint("10.0.0.2", ready: false, terminating: true, on: "node-b")],
            outside: "dropped",
            inside: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "topology does not narrow the local ones",
            endpoints: [
                endpoint("10.0.0.1", on: "node-a", forNodes: ["node-b"]),
                endpoint("10.0.0.2", on: "node-b", forNodes: ["node-a"]),
                endpoint("10.0.0.3", on: "node-a", forNodes: ["node-a"]),
            ],
            outside: "→ 10.0.0.1:8080 10.0.0.3:8080",
            inside: "→ 10.0.0.2:8080 10.0.0.3:8080"
        ),
        Case(
            name: "none anywhere",
            endpoints: [endpoint("10.0.0.1", ready: false, on: "node-a")],
            outside: "refused",
            inside: nil
        ),
    ]

    @Test(arguments: cases)
    func `Local keeps flows from outside on the node, with their source`(_ example: Case) {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        let web = service(ports: ports) {
            $0.type = .loadBalancer
            $0.externalTrafficPolicy = .local
            $0.externalIPs = [ip("198.51.100.7")]
            $0.loadBalancerIngress = [.init("203.0.113.7")]
            $0.healthCheckNodePort = port(31000)
        }
        let observer = Observer(.service(web), .endpointSlice(slice(endpoints: example.endpoints)))
        let meaning = example.outside + (example.inside.map { ", here \($0)" } ?? "")
        #expect(
            observer.externalFrontEnds() == [
                "203.0.113.7:80/tcp \(meaning)", "198.51.100.7:80/tcp \(meaning)",
                "node port 30080/tcp (IPv4) \(meaning)",
            ]
        )
        #expect(observer.frontEnds()[0] == "10.96.0.10:80/tcp \(example.inside ?? "refused")")
        #expect(observer.problems.isEmpty)
    }

    @Test func `Cluster leads to all endpoints and masquerades`() {
        let web = service(ports: [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]) {
            $0.type = .loadBalancer
            $0.loadBalancerIngress = [.init("203.0.113.7")]
            $0.internalTrafficPolicy = .local
        }
        let observer = Observer(.service(web), .endpointSlice(slice(endpoints: [endpoint("10.0.0.2", on: "node-b")])))
        #expect(
            observer.externalFrontEnds() == [
                "203.0.113.7:80/tcp → 10.0.0.2:8080 masqueraded",
                "node port 30080/tcp (IPv4) → 10.0.0.2:8080 masqueraded",
            ],
            "internalTrafficPolicy does not matter to them"
        )
        #expect(observer.frontEnds()[0] == "10.96.0.10:80/tcp dropped")
    }

    @Test(
        arguments: [
            (.clusterIP, [], false), (.clusterIP, ["198.51.100.7"], true), (.nodePort, [], true),
            (.loadBalancer, [], true),
        ] as [(Service.ServiceType, [String], Bool)]
    )
    func `Local counts where a Service can be reached from outside`(
        type: Service.ServiceType,
        externalIPs: [String],
        isEffective: Bool
    ) {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        let web = service(ports: ports) {
            $0.type = type
            $0.externalIPs = externalIPs.map(ip)
            $0.externalTrafficPolicy = .local
        }
        let observer = Observer(.service(web), .endpointSlice(slice(endpoints: [endpoint("10.0.0.2", on: "node-b")])))
        #expect(
            observer.externalFrontEnds().last
                == (isEffective
                    ? "node port 30080/tcp (IPv4) dropped, here → 10.0.0.2:8080"
                    : "node port 30080/tcp (IPv4) → 10.0.0.2:8080 masqueraded")
        )
    }
}
