import KubernetesAPI
import ServiceDiscovery
import Testing

@Suite struct ProblemChangeTests {
    private let bad = service(clusterIPs: ["127.0.0.1"])

    @Test func `a problem appears once and is cleared once`() {
        var observer = Observer(.service(bad))
        let first = observer.directory.takeProblemChanges()
        #expect(first.appeared == observer.directory.problems)
        #expect(first.appeared.count == 1)
        #expect(first.cleared.isEmpty)
        let second = observer.directory.takeProblemChanges()
        #expect(second.appeared.isEmpty)
        #expect(second.cleared.isEmpty)
        observer.apply(.service(service()))
        let third = observer.directory.takeProblemChanges()
        #expect(third.appeared.isEmpty)
        #expect(third.cleared == first.appeared)
        #expect(observer.directory.problems.isEmpty)
    }

    @Test func `a problem that goes before it was told is not told`() {
        var observer = Observer(.service(bad))
        observer.apply(.service(service()))
        let changes = observer.directory.takeProblemChanges()
        #expect(changes.appeared.isEmpty)
        #expect(changes.cleared.isEmpty)
    }

    @Test func `a problem that goes and comes back is not told again`() {
        var observer = Observer(.service(bad))
        #expect(observer.directory.takeProblemChanges().appeared.count == 1)
        observer.apply(.service(service()))
        observer.apply(.service(bad))
        let changes = observer.directory.takeProblemChanges()
        #expect(changes.appeared.isEmpty)
        #expect(changes.cleared.isEmpty)
    }

    @Test func `a problem that changes is cleared and appears anew`() {
        var observer = Observer(.service(bad))
        let first = observer.directory.takeProblemChanges()
        observer.apply(.service(service(clusterIPs: ["224.0.0.1"])))
        let changes = observer.directory.takeProblemChanges()
        #expect(changes.cleared == first.appeared)
        #expect(changes.appeared.map(\.message) == ["224.0.0.1 is a multicast address; the Service is left out"])
    }

    @Test func `the problems of a Service that is gone are cleared`() {
        var observer = Observer(.service(bad), .endpointSlice(slice(endpoints: [endpoint("127.0.0.1")])))
        _ = observer.directory.takeProblemChanges()
        observer.remove(.service(bad))
        #expect(observer.directory.takeProblemChanges().cleared.count == 1)
        #expect(observer.directory.problems.isEmpty)
    }

    @Test func `problems are in order`() {
        let observer = Observer(
            .service(service("c", clusterIPs: [])),
            .service(service("a", clusterIPs: [])),
            .service(service("b", clusterIPs: []))
        )
        let objects = observer.directory.problems.map(\.object)
        #expect(objects == ["Service default/a", "Service default/b", "Service default/c"])
    }
}
