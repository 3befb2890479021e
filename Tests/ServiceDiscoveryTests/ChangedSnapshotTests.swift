import KubernetesAPI
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct ChangedSnapshotTests {
    @Test func `a snapshot is returned once`() {
        var observer = Observer(.service(service()), .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        #expect(observer.snapshots.count == 1)
        #expect(observer.take().isEmpty)
    }

    @Test func `an object delivered again changes nothing`() {
        let objects: [KubernetesObject] = [
            .service(service()), .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])), .pod(pod("a", "10.0.0.2")),
        ]
        var observer = Observer()
        for object in objects { observer.apply(object) }
        for object in objects { #expect(observer.apply(object).isEmpty) }
    }

    @Test func `changes that cancel out return nothing`() {
        var observer = Observer(.service(service()), .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        observer.directory.apply(.applied(.endpointSlice(slice(endpoints: []))))
        observer.directory.apply(.applied(.endpointSlice(slice(endpoints: [endpoint("10.0.0.1")]))))
        #expect(observer.take().isEmpty)
    }

    @Test func `an endpoint that never takes flows returns nothing`() {
        var observer = Observer(.service(service()), .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        let changed = observer.apply(
            .endpointSlice(slice(endpoints: [endpoint("10.0.0.1"), endpoint("10.0.0.2", ready: false)]))
        )
        #expect(changed.isEmpty)
    }

    @Test func `a Service that is gone yields an empty snapshot, once`() {
        var observer = Observer(.service(service()), .endpointSlice(slice(endpoints: [endpoint("10.0.0.1")])))
        #expect(
            observer.remove(.service(service())) == [
                ServiceSnapshot(service: ObjectName(namespace: "default", name: "web"), frontEnds: [])
            ]
        )
        #expect(observer.remove(.endpointSlice(slice(endpoints: []))).isEmpty)
        #expect(observer.take().isEmpty)
    }

    @Test func `a Service that comes and goes between two takes yields nothing`() {
        var directory = ServiceDirectory(nodeName: "node-a")
        directory.apply(.applied(.service(service())))
        directory.apply(.removed(KubernetesObject.service(service()).reference))
        #expect(directory.takeChangedSnapshots().isEmpty)
    }

    @Test func `snapshots are sorted by Service`() {
        var directory = ServiceDirectory(nodeName: "node-a")
        for (index, name) in ["c", "a", "d", "b"].enumerated() {
            directory.apply(.applied(.service(service(name, clusterIPs: ["10.96.0.\(index + 1)"]))))
        }
        #expect(directory.takeChangedSnapshots().map(\.service.name) == ["a", "b", "c", "d"])
    }

    @Test func `one changed slice returns one Service of many`() {
        var observer = Observer()
        for index in 0..<200 {
            observer.directory.apply(.applied(.service(service("s\(index)", clusterIPs: ["10.96.1.\(index)"]))))
            observer.directory.apply(
                .applied(
                    .endpointSlice(slice("s\(index)-1", of: "s\(index)", endpoints: [endpoint("10.0.1.\(index)")]))
                )
            )
        }
        #expect(observer.take().count == 200)
        let changed = observer.apply(.endpointSlice(slice("s7-1", of: "s7", endpoints: [endpoint("10.0.2.1")])))
        #expect(changed.map(\.service.name) == ["s7"])
    }

    @Test func `Services and endpoints are counted`() {
        let ports = [
            Service.ServicePort(name: "http", port: port(80), nodePort: port(30080)),
            Service.ServicePort(name: "other", port: port(81)),
        ]
        var observer = Observer(
            .service(service(ports: ports)),
            .service(service("api", clusterIPs: ["10.96.0.11"])),
            .service(service("names") { $0.type = .externalName }),
            .endpointSlice(slice(endpoints: [endpoint("10.0.0.1"), endpoint("10.0.0.2")]))
        )
        #expect(observer.directory.serviceCount == 2)
        #expect(observer.directory.endpointCount == 2)
        observer.apply(.endpointSlice(slice(endpoints: [endpoint("10.0.0.2")])))
        #expect(observer.directory.endpointCount == 1)
        observer.remove(.service(service()))
        #expect(observer.directory.serviceCount == 1)
        #expect(observer.directory.endpointCount == 0)
    }
}
