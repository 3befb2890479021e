import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct AffinityTests {
    @Test func `the affinity of a Service is that of every front end`() {
        func web(_ seconds: UInt32?) -> Service {
            service(ports: [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]) {
                $0.affinitySeconds = seconds
                $0.externalIPs = [ip("198.51.100.7")]
                $0.loadBalancerIngress = [.init("203.0.113.7")]
            }
        }
        var observer = Observer(.service(web(10_800)))
        #expect(
            observer.snapshots.values.flatMap(\.frontEnds).map(\.affinitySeconds) == [10_800, 10_800, 10_800, 10_800]
        )
        let changed = observer.apply(.service(web(60)))
        #expect(changed.flatMap(\.frontEnds).map(\.affinitySeconds) == [60, 60, 60, 60])
        observer.apply(.service(web(nil)))
        #expect(observer.snapshots.values.flatMap(\.frontEnds).map(\.affinitySeconds) == [nil, nil, nil, nil])
    }
}
