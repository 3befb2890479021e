import LoadBalancing
import NetworkAddress
import Testing

struct `A choice by hash` {
    private static let keys = (UInt64(0)..<20_000).map { StableHash.of(Array("key \($0)".utf8).span) }

    private func places(_ balancer: inout Balancer, now: UInt64 = 0) -> [Int] {
        Self.keys.map { balancer.number(balancer.pick(hash: $0, now: now)) }
    }

    @Test(arguments: [1, 2, 3, 64, 1000])
    func `hashes are spread evenly`(count: Int) {
        var balancer = Sample.balancer(.roundRobin, count)
        let counts = places(&balancer).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let freedom = Double(count - 1)
        let square = chiSquare(
            (1...count).map { counts[$0] ?? 0 },
            expected: Double(Self.keys.count) / Double(count)
        )
        #expect(square <= freedom + 5 * (2 * freedom).squareRoot())
    }

    @Test func `workers agree, whatever their seeds, policies and histories`() {
        var one = Sample.balancer(.roundRobin, 5, seed: 1)
        var other = Balancer(policy: .peakEWMA, endpoints: Sample.endpoints([9, 4, 2]), seed: 99)
        _ = other.update(
            endpoints: Sample.endpoints([5, 3, 4, 2, 1]),
            policy: .peakEWMA,
            ejection: EjectionSettings(),
            now: 3
        )
        #expect(places(&one) == places(&other))
    }

    @Test(arguments: [2, 3, 64])
    func `only what led to a departed endpoint leads elsewhere`(count: Int) {
        var balancer = Sample.balancer(.roundRobin, count)
        let before = places(&balancer)
        _ = balancer.update(
            endpoints: Sample.endpoints(2..<(count + 1)),
            policy: .roundRobin,
            ejection: EjectionSettings(),
            now: 0
        )
        let after = places(&balancer)
        for (old, new) in zip(before, after) where old != new { #expect(old == 1) }
        #expect(!after.contains(1))
        // And what it takes over when it is back is what it had.
        _ = balancer.update(
            endpoints: Sample.endpoints(1..<(count + 1)),
            policy: .roundRobin,
            ejection: EjectionSettings(),
            now: 0
        )
        #expect(places(&balancer) == before)
    }

    @Test func `an ejected endpoint's hashes lead elsewhere until it is back`() {
        var balancer = Sample.balancer(.roundRobin, 4)
        let before = places(&balancer)
        balancer.run(2, .timedOut, times: 3)
        let meanwhile = places(&balancer)
        #expect(!meanwhile.contains(2))
        for (old, new) in zip(before, meanwhile) where old != new { #expect(old == 2) }
        #expect(places(&balancer, now: 10_000) == before)
    }

    @Test func `an endpoint is found by its identity, ejected or not`() {
        var balancer = Sample.balancer(.roundRobin, 3)
        let identity = StableHash.of(Sample.address(2))
        #expect(balancer.number(balancer.slot(ofIdentity: identity)) == 2)
        balancer.run(2, .reset, times: 3)
        #expect(balancer.number(balancer.slot(ofIdentity: identity)) == 2)
        #expect(balancer.slot(ofIdentity: StableHash.of(Sample.address(4))) == nil)
    }

    @Test func `hashes are the same in every version`() throws {
        // Cookies that clients hold rest on these numbers.
        #expect(StableHash.of(Array("INGRESSCOOKIE".utf8).span) == 0x5134_c226_4011_974e)
        #expect(StableHash.of(Array("".utf8).span) == 0xf52a_15e9_a9b5_e89b)
        #expect(StableHash.of(try #require(TransportAddress(parsing: "10.0.0.1:8080"))) == 0x10c3_bec6_efe0_a646)
        #expect(StableHash.of(try #require(TransportAddress(parsing: "[fd00::1]:8080"))) == 0xfc87_31fc_d971_c00c)
    }

    @Test func `an address and its mapped form are two endpoints`() throws {
        let plain = try #require(TransportAddress(parsing: "10.0.0.1:80"))
        let mapped = try #require(TransportAddress(parsing: "[::ffff:10.0.0.1]:80"))
        let low = try #require(TransportAddress(parsing: "[::10.0.0.1]:80"))
        #expect(Set([plain, mapped, low].map { StableHash.of($0) }).count == 3)
    }
}
