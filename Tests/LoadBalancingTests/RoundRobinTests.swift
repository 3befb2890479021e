import LoadBalancing
import Testing

struct `Round robin` {
    @Test(arguments: [1, 2, 3, 64, 1000])
    func `everybody has a turn before anybody has another`(count: Int) {
        var balancer = Sample.balancer(.roundRobin, count)
        for _ in 0..<3 {
            let counts = balancer.counts(of: count)
            #expect(counts.count == count)
            #expect(counts[0] == nil)
        }
    }

    @Test func `a backend without endpoints chooses none`() {
        var balancer = Sample.balancer(.roundRobin, 0)
        var random = SmallRandom(seed: 1)
        #expect(balancer.isEmpty == true)
        let chosen = balancer.pick(now: 0, random: &random)
        let hashed = balancer.pick(hash: 1, now: 0)
        #expect(chosen == nil)
        #expect(hashed == nil)
    }

    @Test func `workers with different seeds begin at different endpoints`() {
        let firsts = (0..<64).map { seed in
            var balancer = Sample.balancer(.roundRobin, 8, seed: UInt64(seed))
            return balancer.counts(of: 1).keys.first ?? 0
        }
        #expect(Set(firsts) == Set(1...8))
    }

    @Test func `an endpoint that is named twice has one turn`() {
        var balancer = Balancer(policy: .roundRobin, endpoints: Sample.endpoints([1, 2, 1, 1]), seed: 1)
        #expect(balancer.count == 2)
        let counts = balancer.counts(of: 10)
        #expect(counts == [1: 5, 2: 5])
    }

    @Test func `turns go on where they were when a list changes`() {
        var balancer = Sample.balancer(.roundRobin, 4)
        _ = balancer.counts(of: 2)
        let seen = balancer.counts(of: 1).keys.first
        _ = balancer.update(
            endpoints: Sample.endpoints(1...5),
            policy: .roundRobin,
            ejection: EjectionSettings(),
            now: 0
        )
        let next = balancer.counts(of: 1).keys.first
        #expect(next != seen)
        let counts = balancer.counts(of: 500)
        #expect(counts == [1: 100, 2: 100, 3: 100, 4: 100, 5: 100])
    }
}
