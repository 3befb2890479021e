import KubernetesAPI
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct ReadinessTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let endpoints: [EndpointSlice.SliceEndpoint]
        let expected: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "unready endpoints get nothing",
            endpoints: [endpoint("10.0.0.1"), endpoint("10.0.0.2", ready: false)],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "terminating endpoints get nothing while one is ready",
            endpoints: [endpoint("10.0.0.1"), endpoint("10.0.0.2", ready: false, terminating: true)],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "when none is ready, all that terminate and serve",
            endpoints: [
                endpoint("10.0.0.3", ready: false, terminating: true),
                endpoint("10.0.0.2", ready: false, terminating: true),
                endpoint("10.0.0.1", ready: false),
                endpoint("10.0.0.4", ready: false, serving: false, terminating: true),
            ],
            expected: "→ 10.0.0.2:8080 10.0.0.3:8080"
        ),
        Case(
            name: "serving does not help one that is neither ready nor terminating",
            endpoints: [endpoint("10.0.0.1", ready: false, serving: true)],
            expected: "refused"
        ),
        Case(
            name: "ready counts while terminating (publishNotReadyAddresses)",
            endpoints: [
                endpoint("10.0.0.1", ready: true, terminating: true),
                endpoint("10.0.0.2", ready: false, terminating: true),
            ],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "all have stopped",
            endpoints: [endpoint("10.0.0.1", ready: false, serving: false, terminating: true)],
            expected: "refused"
        ),
        Case(
            name: "endpoints are sorted as numbers",
            endpoints: [endpoint("10.0.0.10"), endpoint("10.0.0.9"), endpoint("9.255.0.1")],
            expected: "→ 9.255.0.1:8080 10.0.0.9:8080 10.0.0.10:8080"
        ),
    ]

    @Test(arguments: cases)
    func `new flows go to ready endpoints, else to those that still serve`(_ example: Case) {
        let observer = Observer(.service(service()), .endpointSlice(slice(endpoints: example.endpoints)))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp \(example.expected)"])
    }

    @Test func `readiness is judged over all slices together`() {
        let observer = Observer(
            .service(service()),
            .endpointSlice(slice("web-1", endpoints: [endpoint("10.0.0.1", ready: false, terminating: true)])),
            .endpointSlice(slice("web-2", endpoints: [endpoint("10.0.0.2")]))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.2:8080"])
    }

    @Test func `readiness is judged for each family alone`() {
        let observer = Observer(
            .service(service(clusterIPs: ["10.96.0.10", "fd00:96::10"])),
            .endpointSlice(slice("v4", endpoints: [endpoint("10.0.0.1", ready: false, terminating: true)])),
            .endpointSlice(slice("v6", family: .ipv6, endpoints: [endpoint("fd00::1")]))
        )
        #expect(
            observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080", "[fd00:96::10]:80/tcp → [fd00::1]:8080"]
        )
    }

    static let duplicates = [
        Case(
            name: "one that is not terminating beats one that is",
            endpoints: [endpoint("10.0.0.1", ready: false, terminating: true), endpoint("10.0.0.1")],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "even when it is not ready and the other is",
            endpoints: [endpoint("10.0.0.1", ready: true, terminating: true), endpoint("10.0.0.1", ready: false)],
            expected: "refused"
        ),
        Case(
            name: "ready beats not ready",
            endpoints: [endpoint("10.0.0.1", ready: false), endpoint("10.0.0.1", ready: true)],
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "serving beats stopped",
            endpoints: [
                endpoint("10.0.0.1", ready: false, serving: false, terminating: true),
                endpoint("10.0.0.1", ready: false, serving: true, terminating: true),
            ],
            expected: "→ 10.0.0.1:8080"
        ),
    ]

    @Test(arguments: duplicates, [false, true])
    func `an endpoint that two slices hold counts once`(_ example: Case, isReversed: Bool) {
        let endpoints = isReversed ? example.endpoints.reversed() : example.endpoints
        let observer = Observer(
            .service(service()),
            .endpointSlice(slice("web-1", endpoints: [endpoints[0]])),
            .endpointSlice(slice("web-2", endpoints: [endpoints[1]]))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp \(example.expected)"])
    }

    @Test func `of two equal duplicates the local one counts`() {
        for nodes in [["node-a", "node-b"], ["node-b", "node-a"]] {
            var directory = ServiceDirectory(nodeName: "node-a")
            directory.apply(.applied(.service(service())))
            directory.apply(
                .applied(
                    .endpointSlice(
                        slice(endpoints: [endpoint("10.0.0.1", on: nodes[0]), endpoint("10.0.0.1", on: nodes[1])])
                    )
                )
            )
            let snapshots = directory.takeChangedSnapshots()
            #expect(
                snapshots.first?.frontEnds.first?.action
                    == .forward([Endpoint(destination("10.0.0.1:8080"), locality: .local)])
            )
        }
    }
}
