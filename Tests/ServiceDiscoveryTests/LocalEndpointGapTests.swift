import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct LocalEndpointGapTests {
    private func gaps(_ observer: Observer) -> [Int] {
        LocalEndpointGaps.Traffic.allCases.flatMap { traffic in
            AddressFamily.allCases.map { observer.directory.localEndpointGaps[traffic, $0] }
        }
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var `internal` = Service.TrafficPolicy.local
        var external = Service.TrafficPolicy.local
        var type = Service.ServiceType.nodePort
        let endpoints: [EndpointSlice.SliceEndpoint]
        let expected: [Int]

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "one elsewhere", endpoints: [endpoint("10.0.0.1", on: "node-b")], expected: [1, 0, 1, 0]),
        Case(name: "one here", endpoints: [endpoint("10.0.0.1", on: "node-a")], expected: [0, 0, 0, 0]),
        Case(name: "none anywhere", endpoints: [endpoint("10.0.0.1", ready: false)], expected: [0, 0, 0, 0]),
        Case(
            name: "one that still serves here",
            endpoints: [endpoint("10.0.0.1", ready: false, terminating: true, on: "node-a"), endpoint("10.0.0.2")],
            expected: [0, 0, 0, 0]
        ),
        Case(
            name: "only the internal policy",
            external: .cluster,
            endpoints: [endpoint("10.0.0.1")],
            expected: [1, 0, 0, 0]
        ),
        Case(
            name: "only the external policy",
            internal: .cluster,
            endpoints: [endpoint("10.0.0.1")],
            expected: [0, 0, 1, 0]
        ),
        Case(
            name: "an external policy without effect",
            internal: .cluster,
            type: .clusterIP,
            endpoints: [endpoint("10.0.0.1")],
            expected: [0, 0, 0, 0]
        ),
    ]

    @Test(arguments: cases)
    func `ports with endpoints elsewhere only are counted where that matters`(_ example: Case) {
        let web = service {
            $0.type = example.type
            $0.internalTrafficPolicy = example.internal
            $0.externalTrafficPolicy = example.external
        }
        let observer = Observer(.service(web), .endpointSlice(slice(endpoints: example.endpoints)))
        #expect(gaps(observer) == example.expected)
    }

    @Test func `they are counted for each port, family and Service, and leave with them`() {
        let ports = [
            Service.ServicePort(name: "http", port: port(80)), Service.ServicePort(name: "alt", port: port(81)),
        ]
        func local(_ name: String, _ clusterIPs: [String], _ ports: [Service.ServicePort]) -> Service {
            service(name, clusterIPs: clusterIPs, ports: ports) { $0.internalTrafficPolicy = .local }
        }
        let endpointPorts = ["http", "alt"].map { EndpointSlice.EndpointPort(name: $0, port: port(8080)) }
        var observer = Observer(
            .service(local("web", ["10.96.0.1", "fd00:96::1"], ports)),
            .service(local("api", ["fd00:96::2"], [ports[0]])),
            .endpointSlice(slice(ports: endpointPorts, endpoints: [endpoint("10.0.0.1")])),
            .endpointSlice(slice("web-6", family: .ipv6, ports: endpointPorts, endpoints: [endpoint("fd00::1")])),
            .endpointSlice(slice("api-6", of: "api", family: .ipv6, endpoints: [endpoint("fd00::2")]))
        )
        #expect(gaps(observer) == [2, 3, 0, 0])
        observer.remove(.service(service("web")))
        #expect(gaps(observer) == [0, 1, 0, 0])
        observer.remove(.service(service("api")))
        #expect(gaps(observer) == [0, 0, 0, 0])
    }
}
