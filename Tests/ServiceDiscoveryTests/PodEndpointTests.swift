import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct PodEndpointTests {
    private func web(_ target: Service.TargetPort = .number(port(8080))) -> Service {
        service(
            ports: [Service.ServicePort(name: "http", port: port(80), targetPort: target)],
            selector: ["app": "web"]
        )
    }

    @Test func `a pod with the selector's labels makes an endpoint`() {
        let observer = Observer(
            .service(web()),
            .pod(pod("a", "10.0.0.1")),
            .pod(pod("b", "10.0.0.2", labels: ["app": "web", "tier": "front"])),
            .pod(pod("c", "10.0.0.3", labels: ["app": "api"])),
            .pod(pod("d", "10.0.0.4", labels: ["tier": "front"]))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080 10.0.0.2:8080"])
        #expect(observer.problems.isEmpty)
    }

    @Test func `all labels of a selector must match`() {
        let both = service(selector: ["app": "web", "tier": "front"])
        let observer = Observer(
            .pod(pod("a", "10.0.0.1", labels: ["app": "web", "tier": "front"])),
            .pod(pod("b", "10.0.0.2", labels: ["app": "web", "tier": "back"])),
            .pod(pod("c", "10.0.0.3", labels: ["tier": "front"])),
            .service(both)
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:80"])
    }

    @Test func `a Service without a selector picks no pod`() {
        let observer = Observer(
            .service(service()),
            .pod(pod("a", "10.0.0.1")),
            .pod(pod("b", "10.0.0.2", labels: [:]))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
    }

    @Test func `pods of another namespace do not count`() {
        let foreign = pod("a", "10.0.0.1") { $0.metadata.namespace = "other" }
        let observer = Observer(.service(web()), .pod(foreign))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
    }

    @Test func `the Services that matched before and those that match now are told`() {
        var observer = Observer(
            .service(web()),
            .service(service("api", clusterIPs: ["10.96.0.11"], selector: ["app": "api"])),
            .service(service("other", clusterIPs: ["10.96.0.12"], selector: ["app": "other"])),
            .pod(pod("a", "10.0.0.1"))
        )
        let changed = observer.apply(.pod(pod("a", "10.0.0.1", labels: ["app": "api"])))
        #expect(changed.map(\.service.name) == ["api", "web"])
        #expect(observer.frontEnds(of: "web") == ["10.96.0.10:80/tcp refused"])
        #expect(observer.frontEnds(of: "api") == ["10.96.0.11:80/tcp → 10.0.0.1:80"])
        observer.remove(.pod(pod("a")))
        #expect(observer.frontEnds(of: "api") == ["10.96.0.11:80/tcp refused"])
    }

    @Test func `a Service that changes its selector picks other pods`() {
        var observer = Observer(
            .service(service(selector: ["app": "web"])),
            .pod(pod("a", "10.0.0.1")),
            .pod(pod("b", "10.0.0.2", labels: ["app": "api"]))
        )
        observer.apply(.service(service(selector: ["app": "api"])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.2:80"])
        observer.apply(.pod(pod("b", "10.0.0.3", labels: ["app": "api"])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.3:80"])
        #expect(observer.apply(.pod(pod("a", "10.0.0.9"))).isEmpty)
        observer.apply(.service(service(selector: [:])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
    }

    @Test func `Services that share a label and differ in another each find their pods`() {
        let names = ["a", "b", "c"]
        var observer = Observer()
        for (index, name) in names.enumerated() {
            let labels = ["part-of": "shop", "name": name]
            observer.apply(
                .service(service(name, clusterIPs: ["10.96.0.\(index + 1)"], selector: labels)),
                .pod(pod(name, "10.0.0.\(index + 1)", labels: labels))
            )
        }
        for (index, name) in names.enumerated() {
            #expect(observer.frontEnds(of: name) == ["10.96.0.\(index + 1):80/tcp → 10.0.0.\(index + 1):80"])
        }
        let changed = observer.apply(.pod(pod("b", "10.0.0.9", labels: ["part-of": "shop", "name": "b"])))
        #expect(changed.map(\.service.name) == ["b"])
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let pod: Pod
        var publishesNotReady = false
        let expected: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "ready", pod: pod("a", "10.0.0.1"), expected: "→ 10.0.0.1:8080"),
        Case(name: "not ready", pod: pod("a", "10.0.0.1") { $0.isReady = false }, expected: "refused"),
        Case(
            name: "not ready but published",
            pod: pod("a", "10.0.0.1") { $0.isReady = false },
            publishesNotReady: true,
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "being deleted, serves while nothing else does",
            pod: pod("a", "10.0.0.1") { $0.metadata.isBeingDeleted = true },
            expected: "→ 10.0.0.1:8080"
        ),
        Case(
            name: "being deleted and not ready",
            pod: pod("a", "10.0.0.1") {
                $0.metadata.isBeingDeleted = true
                $0.isReady = false
            },
            expected: "refused"
        ),
        Case(
            name: "being deleted and not ready but published",
            pod: pod("a", "10.0.0.1") {
                $0.metadata.isBeingDeleted = true
                $0.isReady = false
            },
            publishesNotReady: true,
            expected: "→ 10.0.0.1:8080"
        ),
        Case(name: "ended", pod: pod("a", "10.0.0.1") { $0.hasEnded = true }, expected: "refused"),
        Case(
            name: "ended, published or not",
            pod: pod("a", "10.0.0.1") { $0.hasEnded = true },
            publishesNotReady: true,
            expected: "refused"
        ),
        Case(name: "without an address", pod: pod("a"), expected: "refused"),
        Case(
            name: "the first address of the family",
            pod: pod("a", "10.0.0.2", "10.0.0.1"),
            expected: "→ 10.0.0.2:8080"
        ),
        Case(name: "an address of another family", pod: pod("a", "fd00::1"), expected: "refused"),
    ]

    @Test(arguments: cases)
    func `a pod counts by its state`(_ example: Case) {
        var web = web()
        web.publishNotReadyAddresses = example.publishesNotReady
        let observer = Observer(.service(web), .pod(example.pod))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp \(example.expected)"])
        #expect(observer.problems.isEmpty)
    }

    @Test func `a pod that is being deleted gets nothing while another is ready`() {
        var observer = Observer(
            .service(web()),
            .pod(pod("a", "10.0.0.1") { $0.metadata.isBeingDeleted = true }),
            .pod(pod("b", "10.0.0.2"))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.2:8080"])
        observer.apply(.pod(pod("b", "10.0.0.2") { $0.hasEnded = true }))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080"])
    }

    @Test func `a pod serves each family at its address there`() {
        var web = web()
        web.clusterIPs.append(ip("fd00:96::10"))
        let observer = Observer(.service(web), .pod(pod("a", "10.0.0.1", "fd00::1")))
        #expect(
            observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080", "[fd00:96::10]:80/tcp → [fd00::1]:8080"]
        )
    }

    @Test func `a pod on this node is local`() {
        var web = web()
        web.internalTrafficPolicy = .local
        let observer = Observer(
            .service(web),
            .pod(pod("a", "10.0.0.1", on: "node-a")),
            .pod(pod("b", "10.0.0.2", on: "node-b"))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080"])
    }

    @Test func `a named target port leads to the container port of that name and protocol`() {
        func named(_ name: String, _ address: String, _ number: Int, _ transport: TransportProtocol = .tcp) -> Pod {
            pod(name, address) {
                $0.containerPorts = [Pod.ContainerPort(name: "web", transport: transport, port: port(number))]
            }
        }
        var observer = Observer(
            .service(web(.name("web"))),
            .pod(named("a", "10.0.0.1", 8080)),
            .pod(named("b", "10.0.0.2", 9090)),
            .pod(named("c", "10.0.0.3", 9090, .udp)),
            .pod(pod("d", "10.0.0.4"))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080 10.0.0.2:9090"])
        #expect(observer.problems.isEmpty, "some pods have it")
        observer.remove(.pod(pod("a")), .pod(pod("b")))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
        #expect(
            observer.problems == [
                "Service default/web: spec.ports[0].targetPort: no pod that the selector picks has a TCP container port "
                    + "\"web\"; the port has no endpoints"
            ]
        )
        observer.remove(.pod(pod("c")), .pod(pod("d")))
        #expect(observer.problems.isEmpty, "no pod lacks it")
    }
}
