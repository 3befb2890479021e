import NetworkAddress
import ServiceModel

/// Draws Services at random, from so few names, addresses and ports that they collide often.
///
/// The same seed yields the same Services, so that a failure can be looked at again.
struct RandomCluster {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x2545_f491_4f6c_dd1d }

    // MARK: - Services

    /// Draws a cluster: no key twice.
    mutating func cluster(services count: Int = 6) -> [ObjectName: ServiceSnapshot] {
        var free = Self.keys.shuffled(using: &self)
        var cluster: [ObjectName: ServiceSnapshot] = [:]
        for name in Self.names.shuffled(using: &self).prefix(upTo(count) + 1) {
            let keys = (0...upTo(4)).compactMap { _ in free.popLast() }
            cluster[name] = ServiceSnapshot(service: name, frontEnds: keys.map { frontEnd($0) })
        }
        return cluster
    }

    /// Draws what a cluster may become: endpoints come and go, front ends change, keys move from one Service to another.
    mutating func evolved(from before: [ObjectName: ServiceSnapshot]) -> [ObjectName: ServiceSnapshot] {
        var after: [ObjectName: ServiceSnapshot] = [:]
        let used = Set(before.values.flatMap(\.frontEnds).map(\.key))
        var free = Self.keys.filter { !used.contains($0) }.shuffled(using: &self)
        var moving: [FrontEnd] = []
        for snapshot in before.values.sorted(by: { $0.service < $1.service }) {
            var frontEnds: [FrontEnd] = []
            for old in snapshot.frontEnds {
                switch upTo(9) {
                case 0: free.append(old.key)
                case 1: moving.append(old)
                case 2: frontEnds.append(frontEnd(old.key))
                case 3...7: frontEnds.append(evolved(from: old))
                default: frontEnds.append(old)
                }
            }
            if happens(oneIn: 3), let key = free.popLast() { frontEnds.append(frontEnd(key)) }
            if happens(oneIn: 2), let moved = moving.popLast() { frontEnds.append(evolved(from: moved)) }
            if happens(oneIn: 8) { frontEnds = [] }
            after[snapshot.service] = ServiceSnapshot(service: snapshot.service, frontEnds: frontEnds)
        }
        for name in Self.names where after[name] == nil && happens(oneIn: 3) {
            var frontEnds: [FrontEnd] = []
            if let moved = moving.popLast() { frontEnds.append(moved) }
            if let key = free.popLast() { frontEnds.append(frontEnd(key)) }
            after[name] = ServiceSnapshot(service: name, frontEnds: frontEnds)
        }
        return after
    }

    // MARK: - Front ends

    /// Draws a front end for a key.
    mutating func frontEnd(_ key: FrontEndKey) -> FrontEnd {
        FrontEnd(
            key: key,
            portName: portName(),
            masquerade: masquerade(),
            action: action(key.family),
            shortCircuit: shortCircuit(key.family),
            sourceRanges: sourceRanges(),
            affinitySeconds: affinitySeconds()
        )
    }

    /// Draws what a front end may become: mostly a few endpoints differ.
    mutating func evolved(from old: FrontEnd) -> FrontEnd {
        let family = old.key.family
        return FrontEnd(
            key: old.key,
            portName: happens(oneIn: 8) ? portName() : old.portName,
            masquerade: happens(oneIn: 8) ? masquerade() : old.masquerade,
            action: happens(oneIn: 8) ? action(family) : evolved(from: old.action, family) ?? .refuse,
            shortCircuit: happens(oneIn: 8)
                ? shortCircuit(family) : old.shortCircuit.flatMap { evolved(from: $0, family) },
            sourceRanges: happens(oneIn: 6) ? sourceRanges() : old.sourceRanges,
            affinitySeconds: happens(oneIn: 6) ? affinitySeconds() : old.affinitySeconds
        )
    }

    /// Draws what an action may become; nil when its last endpoint goes.
    private mutating func evolved(from old: FrontEndAction, _ family: AddressFamily) -> FrontEndAction? {
        guard case .forward(var endpoints) = old else { return old }
        for _ in 0..<upTo(8) where !endpoints.isEmpty { endpoints.remove(at: upTo(endpoints.count - 1)) }
        let held = Set(endpoints.map(\.destination))
        endpoints += self.endpoints(family, upTo(8)).filter { !held.contains($0.destination) }
        if happens(oneIn: 3) { endpoints.shuffle(using: &self) }
        if happens(oneIn: 3) { endpoints = endpoints.map { Endpoint($0.destination, locality: locality()) } }
        return endpoints.isEmpty ? nil : .forward(endpoints)
    }

    private mutating func action(_ family: AddressFamily) -> FrontEndAction {
        switch upTo(9) {
        case 0: return .refuse
        case 1: return .drop
        default:
            let endpoints = endpoints(family, upTo(20))
            return endpoints.isEmpty ? .refuse : .forward(endpoints)
        }
    }

    private mutating func endpoints(_ family: AddressFamily, _ count: Int) -> [Endpoint] {
        Self.destinations(family).shuffled(using: &self).prefix(count).map { Endpoint($0, locality: locality()) }
    }

    private mutating func locality() -> Locality { pick([.local, .remote, .remote, .unknown]) }

    private mutating func masquerade() -> Masquerade { pick([.offCluster, .always, .never]) }

    private mutating func shortCircuit(_ family: AddressFamily) -> FrontEndAction? {
        guard happens(oneIn: 2) else { return nil }
        return .forward(endpoints(family, 1 + upTo(12)))
    }

    /// Ranges that lie in each other, of both families, or twice the same; sometimes none, for nobody.
    private mutating func sourceRanges() -> [IPPrefix]? {
        guard happens(oneIn: 2) else { return nil }
        return Self.ranges.shuffled(using: &self).prefix(upTo(5)) + (happens(oneIn: 3) ? [Self.ranges[0]] : [])
    }

    private mutating func affinitySeconds() -> UInt32? { pick([nil, nil, 60, 10_800]) }

    private mutating func portName() -> String { pick(["", "http", "a-port-name-of-15"]) }

    // MARK: - Choices

    private static let names: [ObjectName] = [
        ObjectName(namespace: "default", name: "web"), ObjectName(namespace: "default", name: "db"),
        ObjectName(namespace: "prod", name: "web"), ObjectName(namespace: "prod", name: "cache"),
        ObjectName(namespace: "kube-system", name: "dns"),
        // Longer than a comment can be, and alike up to the last letter.
        ObjectName(namespace: String(repeating: "n", count: 63), name: String(repeating: "s", count: 63) + "a"),
        ObjectName(namespace: String(repeating: "n", count: 63), name: String(repeating: "s", count: 63) + "b"),
        ObjectName(namespace: "default", name: String(repeating: "x", count: 253)),
    ]

    private static let ranges = [
        "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "192.0.2.0/24", "192.0.2.128/25", "0.0.0.0/0",
        "fd00::/8", "fd00:1::/32", "fd00:1::1/128", "2001:db8::/32", "::/0",
    ].map { prefix($0) }

    /// Six cluster IPs of two ports, and six node ports, for each transport.
    static let keys: [FrontEndKey] = TransportProtocol.allCases.flatMap { transport in
        let addresses = ["10.96.0.1", "10.96.0.2", "10.96.0.3", "fd00:96::1", "fd00:96::2", "fd00:96::3"]
        let clusterIPs = addresses.flatMap { address in
            [80, 443].map { FrontEndKey(listener: .address(ip(address)), transport: transport, port: port($0)) }
        }
        let nodePorts = AddressFamily.allCases.flatMap { family in
            [30080, 30081, 30082].map {
                FrontEndKey(listener: .nodeAddresses(family), transport: transport, port: port($0))
            }
        }
        return clusterIPs + nodePorts
    }

    /// Fifteen addresses with two ports each, so that one address is often in several slots.
    private static func destinations(_ family: AddressFamily) -> [TransportAddress] {
        (1...15).flatMap { number in
            let address = ip(family == .ipv4 ? "10.244.1.\(number)" : "fd00:244::\(number)")
            return [TransportAddress(address, port(8080)), TransportAddress(address, port(8443))]
        }
    }

    mutating func upTo(_ largest: Int) -> Int { Int.random(in: 0...largest, using: &self) }

    mutating func happens(oneIn count: Int) -> Bool { upTo(count - 1) == 0 }

    private mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[upTo(choices.count - 1)] }
}

extension RandomCluster: RandomNumberGenerator {
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
