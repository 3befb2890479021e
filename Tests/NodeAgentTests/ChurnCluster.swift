import KubernetesAPI
import NetworkAddress

/// Draws objects of a small cluster at random, and knows which ones there are.
///
/// The same seed yields the same objects, so that a failure can be looked at again.
struct ChurnCluster {
    /// A change of one object.
    typealias Event = ObjectChange

    private(set) var objects: [ObjectReference: KubernetesObject] = [:]
    private var numbers: ChurnNumbers

    init(seed: UInt64) { numbers = ChurnNumbers(state: seed) }

    /// Draws what happens next: an object comes, changes, or goes.
    mutating func event() -> ObjectChange {
        if happens(oneIn: 6),
            let reference = objects.keys.sorted(by: { "\($0)" < "\($1)" }).randomElement(using: &numbers)
        {
            objects[reference] = nil
            return .removed(reference)
        }
        let object: KubernetesObject = happens(oneIn: 4) ? .service(service()) : .endpointSlice(slice())
        objects[object.reference] = object
        return .applied(object)
    }

    mutating func upTo(_ largest: Int) -> Int { Int.random(in: 0...largest, using: &numbers) }

    mutating func happens(oneIn count: Int) -> Bool { upTo(count - 1) == 0 }

    mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[upTo(choices.count - 1)] }

    /// The Services' numbers: each has cluster IPs that end in its own.
    static let services = 1...12

    private mutating func service() -> Service {
        let number = upTo(Self.services.count - 1) + 1
        let external = pick([false, false, true])
        let transport: TransportProtocol = pick([.tcp, .udp])
        var ports = [
            Service.ServicePort(
                name: "a",
                transport: transport,
                port: port(80),
                nodePort: external ? port(30_000 + number) : nil
            )
        ]
        if happens(oneIn: 3) { ports.append(Service.ServicePort(name: "b", transport: .sctp, port: port(443))) }
        var service = Service(
            metadata: ObjectMetadata(name: "s\(number)"),
            clusterIPs: [ip("10.96.0.\(number)"), ip("fd00:96::\(number)")],
            ports: ports
        )
        service.internalTrafficPolicy = pick([.cluster, .cluster, .local])
        service.affinitySeconds = pick([nil, nil, 60, 10_800])
        guard external else { return service }
        service.type = .loadBalancer
        service.externalTrafficPolicy = pick([.cluster, .local])
        // Two Services may ask for the same address.
        service.externalIPs = [ip("198.51.100.\(1 + upTo(5))")]
        service.loadBalancerIngress = [.init(address: ip("203.0.113.\(number)"))]
        let ranges = ["10.0.0.0/8", "10.1.0.0/16", "fd00::/8", "2001:db8::/32"].compactMap { IPPrefix(parsing: $0) }
        service.loadBalancerSourceRanges = ranges.filter { _ in happens(oneIn: 3) }
        return service
    }

    private mutating func slice() -> EndpointSlice {
        let number = upTo(Self.services.count - 1) + 1
        let half = pick(["x", "y"])
        let isIPv6 = happens(oneIn: 3)
        let count = upTo(happens(oneIn: 10) ? 40 : 6)
        let first = upTo(40)
        let endpoints = (0..<count).map { index in
            EndpointSlice.SliceEndpoint(
                address: ip("\(isIPv6 ? "fd00:244::" : "10.244.0.")\(1 + first + index)"),
                isReady: !happens(oneIn: 5),
                isServing: !happens(oneIn: 8),
                isTerminating: happens(oneIn: 8),
                nodeName: pick(["node-a", "node-b", "node-b"])
            )
        }
        return EndpointSlice(
            metadata: ObjectMetadata(
                name: "s\(number)-\(half)-\(isIPv6 ? 6 : 4)",
                labels: [EndpointSlice.serviceNameLabel: "s\(number)"]
            ),
            addressType: isIPv6 ? .ipv6 : .ipv4,
            ports: [
                EndpointSlice.EndpointPort(name: "a", transport: .tcp, port: port(8080)),
                EndpointSlice.EndpointPort(name: "a", transport: .udp, port: port(8053)),
                EndpointSlice.EndpointPort(name: "b", transport: .sctp, port: port(8443)),
            ],
            endpoints: endpoints
        )
    }
}

/// Numbers that only look random (SplitMix64).
struct ChurnNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
