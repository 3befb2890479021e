import LoadBalancing
import Testing

struct `Peak EWMA of two` {
    @Test(arguments: [2, 3, 64, 1000])
    func `endpoints of which nothing is known are chosen evenly`(count: Int) {
        var balancer = Sample.balancer(.peakEWMA, count)
        let counts = balancer.counts(of: count * 1000)
        let freedom = Double(count - 1)
        #expect(counts.count == count)
        #expect(chiSquare(Array(counts.values), expected: 1000) <= freedom + 5 * (2 * freedom).squareRoot())
    }

    @Test func `a single endpoint is chosen always`() {
        var balancer = Sample.balancer(.peakEWMA, 1)
        let counts = balancer.counts(of: 100)
        #expect(counts == [1: 100])
    }

    @Test func `of two the faster is chosen always, of many the slowest never`() {
        var two = Sample.balancer(.peakEWMA, 2)
        two.run(1, .answered, latency: 9000)
        two.run(2, .answered, latency: 1000)
        let counts = two.counts(of: 100)
        #expect(counts == [2: 100])

        var many = Sample.balancer(.peakEWMA, 5)
        for number in 1...5 { many.run(number, .answered, latency: UInt64(number) * 1000) }
        let spread = many.counts(of: 10_000)
        // With k of five the k-th best wins against the (5 - k) that are slower: (5 - k) of ten pairs.
        #expect(spread[5] == nil)
        for (number, pairs) in [(1, 4), (2, 3), (3, 2), (4, 1)] {
            #expect(abs((spread[number] ?? 0) - pairs * 1000) < 200, "endpoint \(number)")
        }
    }

    @Test func `attempts under way make an endpoint less attractive`() throws {
        var balancer = Sample.balancer(.peakEWMA, 2)
        balancer.run(1, .answered, latency: 1000)
        balancer.run(2, .answered, latency: 3500)
        let first = try found(balancer.slot(1))
        for _ in 0..<2 { balancer.began(first) }
        var counts = balancer.counts(of: 10)
        // Three times 1 ms is less than 3.5 ms,
        #expect(counts == [1: 10])
        balancer.began(first)
        #expect(balancer.inFlight(at: first) == 3)
        counts = balancer.counts(of: 10)
        // and four times is more.
        #expect(counts == [2: 10])
        balancer.ended(first, .abandoned, latency: 0, now: 0)
        balancer.ended(first, .abandoned, latency: 0, now: 0)
        #expect(balancer.inFlight(at: first) == 1)
        counts = balancer.counts(of: 10)
        #expect(counts == [1: 10])
    }

    struct DecayCase: CustomTestStringConvertible {
        let name: String
        let elapsed: UInt64
        let kept: Double
        var testDescription: String { name }
    }

    @Test(arguments: [
        DecayCase(name: "at once", elapsed: 0, kept: 1),
        DecayCase(name: "a millisecond", elapsed: 1, kept: 0.999_900_005),
        DecayCase(name: "half of it", elapsed: 6931, kept: 0.500_023_6),
        DecayCase(name: "the decay time", elapsed: 10_000, kept: 0.367_879_44),
        DecayCase(name: "a minute", elapsed: 60_000, kept: 0.002_478_752),
        DecayCase(name: "nearly seven minutes", elapsed: 399_999, kept: 4.248_8e-18),
        DecayCase(name: "a year", elapsed: 31_536_000_000, kept: 0),
    ])
    func `a latency decays by e in ten seconds`(_ row: DecayCase) throws {
        var balancer = Sample.balancer(.peakEWMA, 1)
        balancer.run(1, .answered, latency: 1_000_000_000_000_000_000, now: 5)
        let slot = try found(balancer.slot(1))
        let load = try found(balancer.load(of: slot, now: 5 + row.elapsed))
        let expected = max(1e18 * row.kept, 1)
        #expect(abs(load - expected) <= expected * 1e-4)
    }

    @Test func `a higher latency counts at once, a lower one by and by`() throws {
        var balancer = Sample.balancer(.peakEWMA, 1)
        let slot = try found(balancer.slot(1))
        balancer.run(1, .answered, latency: 1000, now: 0)
        balancer.run(1, .answered, latency: 8000, now: 1)
        #expect(balancer.load(of: slot, now: 1) == 8000)
        balancer.run(1, .answered, latency: 1000, now: 10_001)
        // 8000 / e + 1000 (1 - 1 / e)
        let load = try found(balancer.load(of: slot, now: 10_001))
        #expect(abs(load - 3575.156) < 0.01)
        // The clock of another moment of the same round may be a little behind.
        balancer.run(1, .answered, latency: 500, now: 10_000)
        #expect(balancer.load(of: slot, now: 10_001) == load)
    }

    @Test func `a new endpoint starts with the mean of the others`() throws {
        var balancer = Sample.balancer(.peakEWMA, 2)
        balancer.run(1, .answered, latency: 1000, now: 100)
        balancer.run(2, .answered, latency: 5000, now: 100)
        _ = balancer.update(
            endpoints: Sample.endpoints(1...3),
            policy: .peakEWMA,
            ejection: EjectionSettings(),
            now: 100
        )
        let slot = try found(balancer.slot(3))
        #expect(balancer.load(of: slot, now: 100) == 3000)
    }

    @Test func `a quick failure does not attract`() {
        var balancer = Sample.balancer(.peakEWMA, 2, ejection: .off)
        balancer.run(1, .connectFailed, latency: 50)
        balancer.run(2, .answered, latency: 20_000)
        let counts = balancer.counts(of: 100)
        #expect(counts == [2: 100])
    }

    @Test func `an abandoned attempt tells nothing`() throws {
        var balancer = Sample.balancer(.peakEWMA, 2)
        balancer.run(1, .abandoned, times: 20, latency: 30_000_000)
        let slot = try found(balancer.slot(1))
        #expect(balancer.load(of: slot, now: 0) == 1)
        #expect(balancer.ejectedCount == 0)
    }
}
