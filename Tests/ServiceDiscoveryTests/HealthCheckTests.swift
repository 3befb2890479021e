import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct HealthCheckTests {
    private func balanced(
        _ name: String = "web",
        clusterIPs: [String] = ["10.96.0.10"],
        ports: [Service.ServicePort] = [Service.ServicePort(name: "http", port: port(80))],
        healthCheckNodePort: Int? = 31000,
        _ change: (inout Service) -> Void = { _ in }
    ) -> Service {
        service(name, clusterIPs: clusterIPs, ports: ports) {
            $0.type = .loadBalancer
            $0.externalTrafficPolicy = .local
            $0.healthCheckNodePort = healthCheckNodePort.map(port)
            change(&$0)
        }
    }

    private func check(_ counts: [AddressFamily: Int], of name: String = "web") -> HealthCheck {
        HealthCheck(
            service: ObjectName(namespace: "default", name: name),
            port: port(31000),
            localReadyEndpoints: counts
        )
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let endpoints: [EndpointSlice.SliceEndpoint]
        let count: Int

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "none", endpoints: [], count: 0),
        Case(
            name: "those on this node",
            endpoints: [
                endpoint("10.0.0.1", on: "node-a"), endpoint("10.0.0.2", on: "node-a"), endpoint("10.0.0.3"),
                endpoint("10.0.0.4", on: "node-b"),
            ],
            count: 2
        ),
        Case(
            name: "only ready ones",
            endpoints: [
                endpoint("10.0.0.1", ready: false, on: "node-a"), endpoint("10.0.0.2", on: "node-a"),
                endpoint("10.0.0.3", ready: false, terminating: true, on: "node-a"),
            ],
            count: 1
        ),
        Case(
            name: "none that still serve, although flows go to them",
            endpoints: [endpoint("10.0.0.3", ready: false, terminating: true, on: "node-a")],
            count: 0
        ),
    ]

    @Test(arguments: cases)
    func `a health check counts`(_ example: Case) {
        let observer = Observer(.service(balanced()), .endpointSlice(slice(endpoints: example.endpoints)))
        #expect(observer.directory.healthChecks == [check([.ipv4: example.count])])
        #expect(observer.problems.isEmpty)
    }

    @Test func `an address counts once, whatever its ports`() {
        let ports = [
            Service.ServicePort(name: "http", port: port(80)), Service.ServicePort(name: "https", port: port(443)),
        ]
        let slicePorts = [
            EndpointSlice.EndpointPort(name: "http", port: port(8080)),
            EndpointSlice.EndpointPort(name: "https", port: port(8443)),
        ]
        let observer = Observer(
            .service(balanced(ports: ports)),
            .endpointSlice(slice(ports: slicePorts, endpoints: [endpoint("10.0.0.1", on: "node-a")]))
        )
        #expect(observer.directory.healthChecks == [check([.ipv4: 1])])
    }

    @Test func `each family of the Service is counted alone`() {
        let observer = Observer(
            .service(balanced(clusterIPs: ["10.96.0.10", "fd00:96::10"])),
            .endpointSlice(slice(endpoints: [endpoint("10.0.0.1", on: "node-a"), endpoint("10.0.0.2", on: "node-a")])),
            .endpointSlice(slice("web-6", family: .ipv6, endpoints: [endpoint("fd00::1", on: "node-b")]))
        )
        #expect(observer.directory.healthChecks == [check([.ipv4: 2, .ipv6: 0])])
    }

    @Test func `only load balancers under a Local policy are asked`() {
        let observer = Observer(
            .service(balanced { $0.type = .nodePort }),
            .service(balanced("b", clusterIPs: ["10.96.0.11"]) { $0.externalTrafficPolicy = .cluster })
        )
        #expect(observer.directory.healthChecks.isEmpty)
        #expect(observer.problems.isEmpty)
    }

    @Test func `a port that is not set is a problem`() {
        let observer = Observer(.service(balanced(healthCheckNodePort: nil)))
        #expect(observer.directory.healthChecks.isEmpty)
        #expect(
            observer.problems == [
                "Service default/web: spec.healthCheckNodePort: is not set, so that no load balancer can ask this node "
                    + "whether it has an endpoint; set it, or set externalTrafficPolicy to Cluster"
            ]
        )
    }

    @Test(arguments: [false, true])
    func `of two Services with one health check port one has it`(isReversed: Bool) {
        let services = [
            balanced("a", clusterIPs: ["10.96.0.1"]), balanced("b", clusterIPs: ["10.96.0.2", "fd00:96::2"]),
        ]
        var observer = Observer()
        for service in isReversed ? services.reversed() : services { observer.apply(.service(service)) }
        #expect(observer.directory.healthChecks == [check([.ipv4: 0], of: "a"), check([.ipv6: 0], of: "b")])
        #expect(
            observer.problems == [
                "Service default/b: spec.healthCheckNodePort: 31000/tcp (IPv4) is that of Service default/a, which comes "
                    + "first by name; Service default/b is left out on this health check"
            ]
        )
    }

    @Test func `a node port and a health check port conflict as well`() {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(31000))]
        let observer = Observer(
            .service(service("a", clusterIPs: ["10.96.0.1"], ports: ports)),
            .service(balanced("b", clusterIPs: ["10.96.0.2"]))
        )
        #expect(observer.directory.healthChecks.isEmpty)
        #expect(observer.problems.count == 1)
    }

    @Test func `changes are told once, and what cancels out is not told`() {
        var observer = Observer(.service(balanced()), .endpointSlice(slice(endpoints: [])))
        var changes = observer.directory.takeHealthCheckChanges()
        #expect(changes.changed == [check([.ipv4: 0])])
        #expect(changes.cleared.isEmpty)

        observer.apply(.endpointSlice(slice(endpoints: [endpoint("10.0.0.1", on: "node-a")])))
        observer.apply(.endpointSlice(slice(endpoints: [endpoint("10.0.0.1", on: "node-b")])))
        changes = observer.directory.takeHealthCheckChanges()
        #expect(changes.changed.isEmpty && changes.cleared.isEmpty)

        observer.apply(.endpointSlice(slice(endpoints: [endpoint("10.0.0.1", on: "node-a")])))
        #expect(observer.directory.takeHealthCheckChanges().changed == [check([.ipv4: 1])])

        observer.remove(.service(balanced()))
        changes = observer.directory.takeHealthCheckChanges()
        #expect(changes.changed.isEmpty)
        #expect(changes.cleared == [ObjectName(namespace: "default", name: "web")])
        #expect(observer.directory.takeHealthCheckChanges().cleared.isEmpty)
    }
}
