import KubernetesAPI
import ServiceDiscovery
import Testing

@Suite struct TrafficPolicyTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let endpoints: [EndpointSlice.SliceEndpoint]
        let clusterIP: String
        let nodePort: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "only local endpoints behind the cluster IP",
            endpoints: [endpoint("10.0.0.1", on: "node-a"), endpoint("10.0.0.2", on: "node-b")],
            clusterIP: "→ 10.0.0.1:8080",
            nodePort: "→ 10.0.0.1:8080 10.0.0.2:8080"
        ),
        Case(
            name: "an endpoint without a node is not local",
            endpoints: [endpoint("10.0.0.1")],
            clusterIP: "dropped",
            nodePort: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "none here but some elsewhere",
            endpoints: [endpoint("10.0.0.2", on: "node-b"), endpoint("10.0.0.1", ready: false, on: "node-a")],
            clusterIP: "dropped",
            nodePort: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "local ones that still serve, although others are ready elsewhere",
            endpoints: [
                endpoint("10.0.0.1", ready: false, terminating: true, on: "node-a"),
                endpoint("10.0.0.2", on: "node-b"),
            ],
            clusterIP: "→ 10.0.0.1:8080",
            nodePort: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "a local ready one before a local terminating one",
            endpoints: [
                endpoint("10.0.0.1", ready: false, terminating: true, on: "node-a"),
                endpoint("10.0.0.3", on: "node-a"),
            ],
            clusterIP: "→ 10.0.0.3:8080",
            nodePort: "→ 10.0.0.3:8080"
        ),
        Case(
            name: "only terminating ones, elsewhere",
            endpoints: [endpoint("10.0.0.2", ready: false, terminating: true, on: "node-b")],
            clusterIP: "dropped",
            nodePort: "→ 10.0.0.2:8080"
        ),
        Case(
            name: "none anywhere",
            endpoints: [endpoint("10.0.0.2", ready: false, on: "node-b")],
            clusterIP: "refused",
            nodePort: "refused"
        ),
    ]

    @Test(arguments: cases)
    func `internalTrafficPolicy Local keeps cluster IP flows on the node`(_ example: Case) {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        let observer = Observer(
            .service(service(ports: ports) { $0.internalTrafficPolicy = .local }),
            .endpointSlice(slice(endpoints: example.endpoints))
        )
        #expect(
            observer.frontEnds() == [
                "10.96.0.10:80/tcp \(example.clusterIP)", "node port 30080/tcp (IPv4) \(example.nodePort)",
            ]
        )
        #expect(observer.problems.isEmpty)
    }
}
