import KubernetesAPI
import ServiceDiscovery
import Testing

@Suite struct SkippedServiceTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let service: Service

        var testDescription: String { name }
    }

    static let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]

    static let cases = [
        Case(name: "ExternalName", service: service(clusterIPs: [], ports: ports) { $0.type = .externalName }),
        Case(name: "ExternalName with a cluster IP", service: service(ports: ports) { $0.type = .externalName }),
        Case(name: "headless", service: service(clusterIPs: [], ports: ports) { $0.isHeadless = true }),
        Case(
            name: "of another proxy",
            service: service(ports: ports) { $0.metadata.labels["service.kubernetes.io/service-proxy-name"] = "other" }
        ),
        Case(
            name: "of another proxy without a name",
            service: service(ports: ports) { $0.metadata.labels["service.kubernetes.io/service-proxy-name"] = "" }
        ),
    ]

    @Test(arguments: cases)
    func `a Service that is no proxy's business is passed over without a word`(_ example: Case) {
        var observer = Observer(.service(example.service), .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        #expect(observer.frontEnds().isEmpty)
        #expect(observer.problems.isEmpty)
        // It may become one, and stop being one.
        observer.apply(.service(service(ports: Self.ports)))
        #expect(observer.frontEnds().count == 2)
        observer.apply(.service(example.service))
        #expect(observer.frontEnds().isEmpty)
    }

    @Test(arguments: cases)
    func `a Service that is passed over claims nothing`(_ example: Case) {
        var skipped = example.service
        skipped.metadata.creationTimestamp = "2020-01-01T00:00:00Z"
        let observer = Observer(.service(skipped), .service(service("late", ports: Self.ports)))
        #expect(observer.frontEnds(of: "late").count == 2)
        #expect(observer.problems.isEmpty)
    }

    @Test func `a Service without a cluster IP is a problem, as nothing here assigns one`() {
        var observer = Observer(.service(service(clusterIPs: [], ports: Self.ports, origin: "web.yaml document 1")))
        #expect(observer.frontEnds().isEmpty)
        #expect(
            observer.problems == [
                "web.yaml document 1: Service default/web: spec.clusterIP: is not set, and no API server assigns one here; "
                    + "the Service is left out, node ports too; set spec.clusterIP"
            ]
        )
        observer.apply(.service(service()))
        #expect(observer.problems.isEmpty)
    }
}
