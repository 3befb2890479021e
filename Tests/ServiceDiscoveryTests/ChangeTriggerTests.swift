import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import Testing

struct `When changes of endpoints happened` {
    private func web(_ address: String, at second: Int64?, named name: String = "web-1") -> EndpointSlice {
        var changed = slice(name, endpoints: [endpoint(address)])
        changed.lastChangeTrigger = second.map { Timestamp(seconds: $0) }
        return changed
    }

    private func trigger(_ second: Int64) -> ChangeTrigger {
        ChangeTrigger(family: .ipv4, time: Timestamp(seconds: second))
    }

    @Test func `is told once, for each slice that changed`() {
        var observer = Observer(.service(service()))
        observer.directory.apply(.applied(.endpointSlice(web("10.0.0.1", at: 1))))
        observer.directory.apply(.applied(.endpointSlice(web("10.0.0.2", at: 2, named: "web-2"))))
        #expect(Set(observer.directory.takeChangeTriggers()) == [trigger(1), trigger(2)])
        #expect(observer.directory.takeChangeTriggers().isEmpty)
    }

    @Test func `is not told of a slice that says nothing new, or does not know`() {
        var observer = Observer(.service(service()), .endpointSlice(web("10.0.0.1", at: 1)))
        _ = observer.directory.takeChangeTriggers()
        observer.apply(.endpointSlice(web("10.0.0.1", at: 2)))
        #expect(observer.directory.takeChangeTriggers().isEmpty)
        observer.apply(.endpointSlice(web("10.0.0.2", at: nil)))
        #expect(observer.directory.takeChangeTriggers().isEmpty)
    }

    @Test func `is not told of a Service that loses a slice: the time is that of the slice's last write`() {
        var observer = Observer(.service(service()), .endpointSlice(web("10.0.0.1", at: 1)))
        observer.remove(.endpointSlice(web("10.0.0.1", at: 1)))
        #expect(observer.directory.takeChangeTriggers().isEmpty)
    }
}
