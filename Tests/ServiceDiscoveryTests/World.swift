import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel

/// A small world in which objects collide often.
struct World {
    var random: SplitMix
    var references: [ObjectReference] = []

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int(random.next() % UInt64(choices.count))]
    }

    private mutating func happens(oneIn count: UInt64) -> Bool { random.next() % count == 0 }

    mutating func object() -> KubernetesObject {
        switch random.next() % 14 {
        case 0..<6: .service(aService())
        case 6..<9: .endpointSlice(aSlice())
        case 9: .endpoints(someEndpoints())
        case 10: .node(aNode())
        case 11: .serviceCIDR(aServiceCIDR())
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
            if happens(oneIn: 2) { openToOutside(&$0) }
        }
    }

    private mutating func openToOutside(_ service: inout Service) {
        service.type = pick([.clusterIP, .nodePort, .loadBalancer, .loadBalancer])
        service.externalTrafficPolicy = pick([.cluster, .local, .local])
        // Cluster IPs are among them, to collide with.
        let addresses = ["198.51.100.1", "198.51.100.2", "10.96.0.1", "fd00:96::1", "127.0.0.1", "2001:db8::1"]
        for _ in 0..<(random.next() % 3) { service.externalIPs.append(happens(oneIn: 8) ? nil : ip(pick(addresses))) }
        for _ in 0..<(random.next() % 3) {
            service.loadBalancerIngress.append(.init(pick(addresses), pick([.vip, .vip, .proxy])))
        }
        for _ in 0..<(random.next() % 3) {
            service.loadBalancerSourceRanges.append(
                pick([nil, range("10.0.0.0/8"), range("10.1.0.0/16"), range("0.0.0.0/0"), range("fd00::/8")])
            )
        }
        service.affinitySeconds = pick([nil, 60, 10_800])
        service.healthCheckNodePort = pick([nil, port(30080), port(31000)])
    }

    private mutating func aNode() -> Node {
        node(pick(["node-a", "node-b"]), zone: pick([nil, "z1", "z2"])) {
            if happens(oneIn: 4) { $0.taintKeys = ["ToBeDeletedByClusterAutoscaler"] }
        }
    }

    private mutating func aServiceCIDR() -> ServiceCIDR {
        serviceCIDR(
            pick(["c1", "c2"]),
            pick(["10.96.0.0/12", "10.112.0.0/12"]),
            pick(["fd00:96::/112", "fd00:97::/112"])
        )
    }

    /// Addresses of the node, in and out of the source ranges.
    mutating func localAddresses() -> [IPAddress] {
        pick([[], [ip("192.0.2.1")], [ip("192.0.2.1"), ip("10.1.2.3")], [ip("10.2.0.1"), ip("fd00::1")]])
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
                    on: pick([nil, "node-a", "node-b"]),
                    forNodes: pick([[], ["node-a"], ["node-b", "node-a"], ["node-b"]]),
                    forZones: pick([[], ["z1"], ["z2", "z1"], ["z2"]])
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
