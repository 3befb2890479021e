import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

/// Whatever the order of the events, and whatever was there before, the outcome is that of the objects as they stand.
@Suite struct OrderIndependenceTests {
    /// A small world in which objects collide often.
    struct World {
        var random: SplitMix
        var references: [ObjectReference] = []

        private mutating func pick<Element>(_ choices: [Element]) -> Element {
            choices[Int(random.next() % UInt64(choices.count))]
        }

        private mutating func happens(oneIn count: UInt64) -> Bool { random.next() % count == 0 }

        mutating func object() -> KubernetesObject {
            switch random.next() % 10 {
            case 0..<4: .service(aService())
            case 4..<7: .endpointSlice(aSlice())
            case 7: .endpoints(someEndpoints())
            default: .pod(aPod())
            }
        }

        private mutating func aService() -> Service {
            let count = Int(random.next() % 3)
            let ports = (0...count).map { _ in
                Service.ServicePort(
                    name: pick(["a", "b", "c"]),
                    transport: pick([.tcp, .tcp, .udp]),
                    port: port(pick([80, 81])),
                    targetPort: pick([nil, .number(port(8080)), .name("web")]),
                    nodePort: pick([nil, port(30080), port(30081)])
                )
            }
            return service(
                pick(["s1", "s2", "s3", "s4"]),
                clusterIPs: pick([
                    ["10.96.0.1"], ["10.96.0.2"], ["10.96.0.1", "fd00:96::1"], ["fd00:96::1"], ["::1"], [],
                ]),
                ports: ports,
                created: pick([nil, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"]),
                origin: pick([nil, "x.yaml document 1"]),
                selector: pick([[:], ["app": "x"], ["app": "x", "tier": "y"], ["tier": "y"]])
            ) {
                $0.internalTrafficPolicy = pick([.cluster, .cluster, .local])
                $0.publishNotReadyAddresses = happens(oneIn: 4)
                $0.isHeadless = happens(oneIn: 12)
                if happens(oneIn: 12) { $0.metadata.labels["service.kubernetes.io/service-proxy-name"] = "z" }
            }
        }

        private mutating func aSlice() -> EndpointSlice {
            let family: EndpointSlice.AddressType = pick([.ipv4, .ipv4, .ipv6, .fqdn])
            let count = random.next() % 4
            let prefix = family == .ipv6 ? "fd00::" : "10.0.0."
            return slice(
                pick(["e1", "e2", "e3", "e4"]),
                of: pick(["s1", "s2", "s3", "s4"]),
                family: family,
                ports: [
                    EndpointSlice.EndpointPort(name: pick(["a", "b"]), port: port(pick([8080, 8081]))),
                    EndpointSlice.EndpointPort(name: "c", transport: .udp, port: port(53)),
                ],
                endpoints: (0..<count).map { _ in
                    endpoint(
                        happens(oneIn: 10) ? "127.0.0.1" : "\(prefix)\(1 + random.next() % 4)",
                        ready: happens(oneIn: 2),
                        serving: happens(oneIn: 2),
                        terminating: happens(oneIn: 2),
                        on: pick([nil, "node-a", "node-b"])
                    )
                }
            )
        }

        private mutating func someEndpoints() -> Endpoints {
            let addresses = [pick(["10.0.1.1", "10.0.1.2", "0.0.0.0"]), pick(["10.0.1.3", "fd00:1::1"])]
            return Endpoints(
                metadata: metadata(pick(["s1", "s2", "s3", "s4"])),
                subsets: [
                    Endpoints.Subset(
                        addresses: addresses.map { Endpoints.EndpointAddress(address: ip($0)) },
                        ports: [EndpointSlice.EndpointPort(name: "a", port: port(8080))]
                    )
                ]
            )
        }

        private mutating func aPod() -> Pod {
            pod(
                pick(["p1", "p2", "p3", "p4"]),
                pick(["10.0.2.1", "10.0.2.2", "224.0.0.1"]),
                labels: pick([[:], ["app": "x"], ["app": "x", "tier": "y"], ["tier": "y", "other": "o"]]),
                on: pick([nil, "node-a", "node-b"])
            ) {
                $0.isReady = happens(oneIn: 2)
                $0.metadata.isBeingDeleted = happens(oneIn: 4)
                $0.hasEnded = happens(oneIn: 8)
                if happens(oneIn: 2) { $0.containerPorts = [Pod.ContainerPort(name: "web", port: port(8443))] }
            }
        }
    }

    @Test(arguments: 0..<300)
    func `the outcome depends on the objects, not on their history`(seed: Int) {
        var world = World(random: SplitMix(state: UInt64(seed)))
        var observer = Observer()
        var told: Set<ObjectProblem> = []
        var standing: [ObjectReference: KubernetesObject] = [:]
        for _ in 0..<60 {
            let object = world.object()
            if world.random.next() % 4 == 0 {
                observer.directory.apply(.removed(object.reference))
                standing[object.reference] = nil
            } else {
                observer.directory.apply(.applied(object))
                standing[object.reference] = object
            }
            if world.random.next() % 3 == 0 {
                observer.take()
                let changes = observer.directory.takeProblemChanges()
                #expect(told.isDisjoint(with: changes.appeared))
                #expect(told.isSuperset(of: changes.cleared))
                told.formUnion(changes.appeared)
                told.subtract(changes.cleared)
                #expect(told.sorted() == observer.directory.problems)
                expectDistinctKeys(observer)
            }
        }
        observer.take()
        var fresh = Observer()
        for object in standing.values.shuffled(using: &world.random) { fresh.directory.apply(.applied(object)) }
        fresh.take()
        #expect(observer.snapshots == fresh.snapshots)
        #expect(observer.directory.problems == fresh.directory.problems)
        #expect(observer.directory.serviceCount == fresh.snapshots.count)
        #expect(observer.directory.endpointCount == fresh.directory.endpointCount)
        for reference in standing.keys.shuffled(using: &world.random) { observer.directory.apply(.removed(reference)) }
        observer.take()
        #expect(observer.snapshots.isEmpty)
        #expect(observer.directory.problems.isEmpty)
        #expect(observer.directory.endpointCount == 0)
        _ = observer.directory.takeProblemChanges()
        #expect(remains(in: observer.directory).isEmpty, "a departed object leaves nothing behind")
    }

    /// The collections within a value that are not empty, by path: what a long-lived agent would leak.
    private func remains(in value: Any, at path: String = "directory") -> [String] {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .collection, .dictionary, .set: return mirror.children.isEmpty ? [] : [path]
        default: return mirror.children.flatMap { remains(in: $0.value, at: "\(path).\($0.label ?? "?")") }
        }
    }

    private func expectDistinctKeys(_ observer: Observer) {
        let keys = observer.snapshots.values.flatMap(\.frontEnds).map(\.key)
        #expect(Set(keys).count == keys.count)
        for case .forward(let endpoints) in observer.snapshots.values.flatMap(\.frontEnds).map(\.action) {
            #expect(!endpoints.isEmpty)
            #expect(Set(endpoints.map(\.destination)).count == endpoints.count)
        }
    }
}

/// A generator that yields the same numbers on each run, so that a failing seed can be run again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
