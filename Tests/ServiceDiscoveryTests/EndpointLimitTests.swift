import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct EndpointLimitTests {
    private func slices(_ count: Int, on node: String? = nil) -> [KubernetesObject] {
        stride(from: 0, to: count, by: 1000).map { start in
            let endpoints = (start..<min(start + 1000, count)).map {
                EndpointSlice.SliceEndpoint(address: IPAddress(ipv4: 0x0a00_0001 + UInt32($0)), nodeName: node)
            }
            return .endpointSlice(slice("web-\(start)", endpoints: endpoints))
        }
    }

    private func forwarded(_ observer: Observer) -> [[Endpoint]] {
        observer.snapshots.values.flatMap(\.frontEnds).compactMap {
            guard case .forward(let endpoints) = $0.action else { return nil }
            return endpoints
        }
    }

    @Test func `4096 endpoints are all used`() {
        var observer = Observer(.service(service()))
        for slice in slices(4096) { observer.apply(slice) }
        #expect(forwarded(observer).map(\.count) == [4096])
        #expect(observer.problems.isEmpty)
    }

    @Test func `of more than 4096 endpoints the first by address are used`() throws {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        var observer = Observer(.service(service(ports: ports)))
        for slice in slices(4097).reversed() { observer.apply(slice) }
        #expect(forwarded(observer).map(\.count) == [4096, 4096])
        #expect(forwarded(observer).first?.last?.destination == destination("10.0.16.0:8080"))
        #expect(observer.directory.endpointCount == 4096)
        #expect(
            observer.problems == [
                "Service default/web: spec.ports[0]: has more than 4096 usable IPv4 endpoints; "
                    + "the first 4096 by address are used"
            ]
        )
    }

    @Test func `too many endpoints elsewhere do not trouble a Local policy`() {
        var observer = Observer(.service(service { $0.internalTrafficPolicy = .local }))
        for slice in slices(4097, on: "node-b") { observer.apply(slice) }
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp dropped"])
        #expect(observer.problems.isEmpty)
    }

    @Test func `too many endpoints elsewhere are said where clients of this node are led to them`() {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        let web = service(ports: ports) {
            $0.type = .nodePort
            $0.internalTrafficPolicy = .local
            $0.externalTrafficPolicy = .local
        }
        var observer = Observer(.service(web))
        for slice in slices(4097, on: "node-b") { observer.apply(slice) }
        #expect(
            observer.externalFrontEnds().first?.hasPrefix("node port 30080/tcp (IPv4) dropped, here → 10.0.0.1") == true
        )
        #expect(
            observer.problems == [
                "Service default/web: spec.ports[0]: has more than 4096 usable IPv4 endpoints; "
                    + "the first 4096 by address are used"
            ]
        )
    }
}
