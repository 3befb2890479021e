import KubernetesAPI
import ServiceDiscovery
import Testing

@Suite struct BadAddressTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let address: String
        let fault: String

        var testDescription: String { address }
    }

    static let never = [
        Case(address: "0.0.0.0", fault: "is the unspecified address"),
        Case(address: "::", fault: "is the unspecified address"),
        Case(address: "127.0.0.1", fault: "is a loopback address"),
        Case(address: "127.255.255.255", fault: "is a loopback address"),
        Case(address: "::1", fault: "is a loopback address"),
        Case(address: "224.0.0.1", fault: "is a multicast address"),
        Case(address: "239.1.2.3", fault: "is a multicast address"),
        Case(address: "ff02::1", fault: "is a multicast address"),
        Case(address: "255.255.255.255", fault: "is the broadcast address"),
        Case(address: "::ffff:10.0.0.1", fault: "is an IPv4-mapped IPv6 address, which no packet carries"),
    ]
    static let neverAsEndpoint =
        never + [
            Case(address: "169.254.1.1", fault: "is a link-local address, which is valid on one link only"),
            Case(address: "fe80::1", fault: "is a link-local address, which is valid on one link only"),
        ]

    /// A Service on both families.
    private let web = service(clusterIPs: ["10.96.0.10", "fd00:96::10"], selector: ["app": "web"])

    @Test(arguments: neverAsEndpoint)
    func `a slice's endpoint that no flow can reach is left out`(_ example: Case) {
        let isIPv6 = example.address.contains(":")
        let good = isIPv6 ? "fd00::1" : "10.0.0.1"
        var observer = Observer(
            .service(web),
            .endpointSlice(
                slice(
                    family: isIPv6 ? .ipv6 : .ipv4,
                    origin: "web.yaml document 2",
                    endpoints: [endpoint(good), endpoint(example.address)]
                )
            )
        )
        #expect(
            observer.problems == [
                "web.yaml document 2: EndpointSlice default/web-1: endpoints[1].addresses[0]: \(example.address) "
                    + "\(example.fault); the endpoint is left out"
            ]
        )
        #expect(
            observer.frontEnds()
                == (isIPv6
                    ? ["10.96.0.10:80/tcp refused", "[fd00:96::10]:80/tcp → [fd00::1]:8080"]
                    : ["10.96.0.10:80/tcp → 10.0.0.1:8080", "[fd00:96::10]:80/tcp refused"])
        )
        observer.remove(.endpointSlice(slice(endpoints: [])))
        #expect(observer.problems.isEmpty)
    }

    @Test(arguments: neverAsEndpoint)
    func `an address of Endpoints that no flow can reach is left out`(_ example: Case) {
        let good = Endpoints.EndpointAddress(address: ip("10.0.0.1"))
        let bad = Endpoints.EndpointAddress(address: ip(example.address))
        let ports = [EndpointSlice.EndpointPort(name: "http", port: port(8080))]
        let observer = Observer(
            .service(web),
            .endpoints(
                Endpoints(
                    metadata: metadata("web", origin: "web.yaml document 3"),
                    subsets: [
                        Endpoints.Subset(addresses: [good, bad], ports: ports),
                        Endpoints.Subset(notReadyAddresses: [bad], ports: ports),
                    ]
                )
            )
        )
        #expect(
            observer.problems == [
                "web.yaml document 3: Endpoints default/web: subsets[0].addresses[1].ip: \(example.address) "
                    + "\(example.fault); the endpoint is left out",
                "web.yaml document 3: Endpoints default/web: subsets[1].notReadyAddresses[0].ip: \(example.address) "
                    + "\(example.fault); the endpoint is left out",
            ]
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080", "[fd00:96::10]:80/tcp refused"])
    }

    @Test(arguments: neverAsEndpoint)
    func `a pod's address that no flow can reach is left out`(_ example: Case) {
        let isIPv6 = example.address.contains(":")
        let addresses = isIPv6 ? ["10.0.0.1", example.address] : [example.address, "fd00::1"]
        let bad = pod("a") {
            $0.podIPs = addresses.map(ip)
            $0.metadata.origin = "pods.yaml document 1"
        }
        var observer = Observer(.service(web), .pod(bad))
        let field = isIPv6 ? "status.podIPs[1]" : "status.podIP"
        #expect(
            observer.problems == [
                "pods.yaml document 1: Pod default/a: \(field): \(example.address) \(example.fault); "
                    + "the endpoint is left out"
            ]
        )
        #expect(
            observer.frontEnds()
                == (isIPv6
                    ? ["10.96.0.10:80/tcp → 10.0.0.1:80", "[fd00:96::10]:80/tcp refused"]
                    : ["10.96.0.10:80/tcp refused", "[fd00:96::10]:80/tcp → [fd00::1]:80"])
        )
        // A second Service on the same pod adds no second telling.
        observer.apply(.service(service("api", clusterIPs: ["10.96.0.11"], selector: ["app": "web"])))
        #expect(observer.problems.count == 1)
        observer.remove(.service(web))
        #expect(observer.problems.count == 1)
        observer.remove(.service(service("api")))
        #expect(observer.problems.isEmpty, "nobody is harmed any more")
    }

    @Test func `an endpoint that is not of its slice's family is left out`() {
        let observer = Observer(
            .service(web),
            .endpointSlice(slice(endpoints: [endpoint("fd00::1"), endpoint("10.0.0.1")]))
        )
        #expect(
            observer.problems == [
                "EndpointSlice default/web-1: endpoints[0].addresses[0]: fd00::1 is not an IPv4 address; "
                    + "the endpoint is left out"
            ]
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080", "[fd00:96::10]:80/tcp refused"])
    }

    @Test func `objects that do not count are not blamed`() {
        let lost = slice("lost", of: "nobody", endpoints: [endpoint("127.0.0.1")])
        let bad = Endpoints(
            metadata: metadata("web"),
            subsets: [Endpoints.Subset(addresses: [Endpoints.EndpointAddress(address: ip("127.0.0.1"))])]
        )
        let observer = Observer(
            .service(web),
            .endpointSlice(lost),
            .endpoints(bad),
            .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")]))
        )
        #expect(observer.problems.isEmpty)
    }

    @Test(arguments: never)
    func `a Service on an address that cannot be its own is left out`(_ example: Case) {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        let bad = service(clusterIPs: [example.address], ports: ports, origin: "web.yaml document 1")
        var observer = Observer(
            .service(bad),
            .service(service("api", clusterIPs: ["10.96.0.11"])),
            .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")]))
        )
        #expect(observer.frontEnds().isEmpty)
        #expect(observer.frontEnds(of: "api") == ["10.96.0.11:80/tcp refused"])
        #expect(
            observer.problems == [
                "web.yaml document 1: Service default/web: spec.clusterIP: \(example.address) \(example.fault); "
                    + "the Service is left out"
            ]
        )
        observer.apply(.service(service(clusterIPs: ["10.96.0.10", example.address])))
        #expect(observer.frontEnds().isEmpty, "one bad address leaves out the whole Service")
        #expect(observer.problems.first?.contains("spec.clusterIPs[1]: \(example.address)") == true)
    }

    @Test func `a link-local cluster IP is allowed`() {
        let observer = Observer(.service(service(clusterIPs: ["169.254.20.10"])))
        #expect(observer.frontEnds() == ["169.254.20.10:80/tcp refused"])
        #expect(observer.problems.isEmpty)
    }
}
