import LoadBalancing
import NetworkAddress
import Testing

/// What the suites of this room share.
enum Sample {
    /// Endpoints 10.0.0.1:8080, 10.0.0.2:8080 and so on.
    static func endpoints(_ numbers: some Sequence<Int>) -> [BackendEndpoint] {
        numbers.map { BackendEndpoint(address($0)) }
    }

    /// The address of the endpoint with a number.
    static func address(_ number: Int) -> TransportAddress {
        guard let port = Port(rawValue: 8080) else { fatalError("8080 is a port") }
        return TransportAddress(IPAddress(ipv4: 0x0a00_0000 + UInt32(number)), port)
    }

    /// A balancer of endpoints 1 to `count`.
    static func balancer(
        _ policy: BalancingPolicy,
        _ count: Int,
        ejection: EjectionSettings = EjectionSettings(),
        seed: UInt64 = 1
    ) -> Balancer {
        Balancer(policy: policy, endpoints: endpoints(1..<(count + 1)), ejection: ejection, seed: seed)
    }
}

extension Balancer {
    /// The number of the sample endpoint in a slot; zero when it has gone.
    func number(_ slot: EndpointSlot?) -> Int {
        guard let slot, let address = address(of: slot) else { return 0 }
        return Int(address.address.ipv4Number & 0xff_ffff)
    }

    /// The slot of a sample endpoint.
    func slot(_ number: Int) -> EndpointSlot? { slot(ofIdentity: StableHash.of(Sample.address(number))) }

    /// Says that attempts at a sample endpoint ended so, one after the other, and returns what was said of each.
    @discardableResult
    mutating func run(
        _ number: Int,
        _ outcome: AttemptOutcome,
        times: Int = 1,
        latency: UInt64 = 1000,
        now: UInt64 = 0
    ) -> [Bool] {
        guard let slot = slot(number) else { return [] }
        return (0..<times).map { _ in
            began(slot)
            return ended(slot, outcome, latency: latency, now: now)
        }
    }

    /// How often each sample endpoint is chosen.
    mutating func counts(of picks: Int, now: UInt64 = 0, seed: UInt64 = 7) -> [Int: Int] {
        var random = SmallRandom(seed: seed)
        var counts: [Int: Int] = [:]
        for _ in 0..<picks { counts[number(pick(now: now, random: &random)), default: 0] += 1 }
        return counts
    }
}

/// How far counts are from an even spread: the sum of squared differences over what was expected.
func chiSquare(_ counts: [Int], expected: Double) -> Double {
    counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
}

/// Unwraps what was found; the macro itself takes no call on something that cannot be copied.
func found<Value>(_ value: Value?, sourceLocation: SourceLocation = #_sourceLocation) throws -> Value {
    try #require(value, sourceLocation: sourceLocation)
}
