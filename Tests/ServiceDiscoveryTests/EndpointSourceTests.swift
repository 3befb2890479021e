import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import Testing

@Suite struct EndpointSourceTests {
    private let endpoints = Endpoints(
        metadata: metadata("web"),
        subsets: [
            Endpoints.Subset(
                addresses: [Endpoints.EndpointAddress(address: ip("10.0.1.1"))],
                notReadyAddresses: [Endpoints.EndpointAddress(address: ip("10.0.1.2"))],
                ports: [EndpointSlice.EndpointPort(name: "http", port: port(8081))]
            ),
            Endpoints.Subset(
                addresses: [Endpoints.EndpointAddress(address: ip("10.0.1.3"))],
                ports: [EndpointSlice.EndpointPort(name: "http", port: port(8082))]
            ),
        ]
    )

    @Test func `slices go before Endpoints, and Endpoints before pods`() {
        let web = service(selector: ["app": "web"])
        var observer = Observer(.service(web))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
        observer.apply(.pod(pod("web-a", "10.0.2.1")))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.2.1:80"])
        observer.apply(.endpoints(endpoints))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.1.1:8081 10.0.1.3:8082"])
        observer.apply(.endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080"])
        observer.apply(.endpointSlice(slice(endpoints: [])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
        observer.remove(.endpointSlice(slice(endpoints: [])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.1.1:8081 10.0.1.3:8082"])
        observer.remove(.endpoints(endpoints))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.2.1:80"])
    }

    @Test func `the slices of a Service add up, with a number of their own for a port name`() {
        let other = [EndpointSlice.EndpointPort(name: "http", port: port(9090))]
        var observer = Observer(
            .service(service()),
            .endpointSlice(slice("web-1", endpoints: [endpoint("10.0.0.2")])),
            .endpointSlice(slice("web-2", ports: other, endpoints: [endpoint("10.0.0.1"), endpoint("10.0.0.2")]))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:9090 10.0.0.2:8080 10.0.0.2:9090"])
        observer.remove(.endpointSlice(slice("web-1", endpoints: [])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:9090 10.0.0.2:9090"])
    }

    @Test func `endpoints wait for their Service`() {
        var observer = Observer(.endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])), .endpoints(endpoints))
        #expect(observer.frontEnds().isEmpty)
        observer.apply(.service(service()))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080"])
    }

    @Test func `a slice that changes its Service leaves the former`() {
        var observer = Observer(
            .service(service("web")),
            .service(service("api", clusterIPs: ["10.96.0.11"])),
            .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")]))
        )
        observer.apply(.endpointSlice(slice(of: "api", endpoints: [endpoint("10.0.0.1")])))
        #expect(observer.frontEnds(of: "web") == ["10.96.0.10:80/tcp refused"])
        #expect(observer.frontEnds(of: "api") == ["10.96.0.11:80/tcp → 10.0.0.1:8080"])
    }

    @Test func `a slice belongs to the Service of its own namespace`() {
        var foreign = slice(endpoints: [endpoint("10.0.0.1")])
        foreign.metadata.namespace = "other"
        let observer = Observer(.service(service()), .endpointSlice(foreign))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
    }

    @Test func `slices of names and of headless Services are passed over without a word`() {
        var headless = slice("web-headless", endpoints: [endpoint("10.0.0.1")])
        headless.metadata.labels["service.kubernetes.io/headless"] = ""
        let names = slice("web-names", family: .fqdn, endpoints: [endpoint("10.0.0.2")])
        let observer = Observer(
            .service(service()),
            .endpointSlice(headless),
            .endpointSlice(names),
            .endpoints(endpoints)
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.1.1:8081 10.0.1.3:8082"])
        #expect(observer.problems.isEmpty)
    }

    @Test func `a slice that becomes headless leaves its Service`() {
        var observer = Observer(.service(service()), .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        var headless = slice(endpoints: [endpoint("10.0.0.1")])
        headless.metadata.labels["service.kubernetes.io/headless"] = ""
        observer.apply(.endpointSlice(headless))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
    }

    @Test func `a slice without the label of a Service is a problem until it has it`() {
        var lost = slice(origin: "web.yaml document 2", endpoints: [endpoint("10.0.0.1")])
        lost.metadata.labels = [:]
        var observer = Observer(.service(service()), .endpointSlice(lost))
        #expect(
            observer.problems == [
                "web.yaml document 2: EndpointSlice default/web-1: metadata.labels: kubernetes.io/service-name is missing, "
                    + "so that the slice belongs to no Service; it is left out"
            ]
        )
        observer.apply(.endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        #expect(observer.problems.isEmpty)
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080"])
    }

    @Test func `one Endpoints subset may mix the families`() {
        let mixed = Endpoints(
            metadata: metadata("web"),
            subsets: [
                Endpoints.Subset(
                    addresses: [
                        Endpoints.EndpointAddress(address: ip("fd00::1")),
                        Endpoints.EndpointAddress(address: ip("10.0.1.1")),
                    ],
                    ports: [EndpointSlice.EndpointPort(name: "http", port: port(8081))]
                )
            ]
        )
        let observer = Observer(.service(service(clusterIPs: ["10.96.0.10", "fd00:96::10"])), .endpoints(mixed))
        #expect(
            observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.1.1:8081", "[fd00:96::10]:80/tcp → [fd00::1]:8081"]
        )
    }
}
