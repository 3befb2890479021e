import LoadBalancing
import Testing

struct `Endpoints that were tried` {
    @Test(arguments: BalancingPolicy.allCases, [2, 3, 8, 64, 1000])
    func `none is tried again while another is left`(policy: BalancingPolicy, count: Int) throws {
        var balancer = Sample.balancer(policy, count)
        var random = SmallRandom(seed: 3)
        for round in 0..<200 {
            var tried = TriedEndpoints()
            var seen: Set<EndpointSlot> = []
            for _ in 0..<min(count, TriedEndpoints.capacity) {
                let chosen = balancer.pick(avoiding: tried, now: 0, random: &random)
                let slot = try #require(chosen)
                try #require(seen.insert(slot).inserted, "round \(round)")
                tried.insert(slot)
            }
            #expect(tried.isFull == (count >= TriedEndpoints.capacity))
        }
    }

    @Test(arguments: [2, 3, 8, 64])
    func `a hash leads to one after the other as well`(count: Int) throws {
        var balancer = Sample.balancer(.roundRobin, count)
        for hash in UInt64(0)..<200 {
            var tried = TriedEndpoints()
            for _ in 0..<min(count, TriedEndpoints.capacity) {
                let chosen = balancer.pick(hash: hash, avoiding: tried, now: 0)
                let slot = try #require(chosen)
                try #require(!tried.contains(slot))
                tried.insert(slot)
            }
        }
    }

    @Test(arguments: BalancingPolicy.allCases)
    func `the only endpoint is offered again`(policy: BalancingPolicy) throws {
        var balancer = Sample.balancer(policy, 1)
        var random = SmallRandom(seed: 3)
        let chosen = balancer.pick(now: 0, random: &random)
        let slot = try #require(chosen)
        var tried = TriedEndpoints()
        tried.insert(slot)
        let again = balancer.pick(avoiding: tried, now: 0, random: &random)
        let hashed = balancer.pick(hash: 5, avoiding: tried, now: 0)
        #expect(again == slot)
        #expect(hashed == slot)
        #expect(tried.contains(slot))
    }

    @Test(arguments: BalancingPolicy.allCases)
    func `an ejected endpoint comes before one that was tried, and after all others`(policy: BalancingPolicy) throws {
        var balancer = Sample.balancer(policy, 4)
        balancer.run(1, .reset, times: 3)
        balancer.run(2, .reset, times: 3)
        #expect(balancer.ejectedCount == 2)
        var random = SmallRandom(seed: 9)
        for hashed in [false, true] {
            var tried = TriedEndpoints()
            var numbers: [Int] = []
            for _ in 0..<4 {
                let chosen =
                    hashed
                    ? balancer.pick(hash: 77, avoiding: tried, now: 0)
                    : balancer.pick(avoiding: tried, now: 0, random: &random)
                let slot = try #require(chosen)
                tried.insert(slot)
                numbers.append(balancer.number(slot))
            }
            #expect(Set(numbers[..<2]) == [3, 4])
            #expect(Set(numbers[2...]) == [1, 2])
            let last =
                hashed
                ? balancer.pick(hash: 77, avoiding: tried, now: 0)
                : balancer.pick(avoiding: tried, now: 0, random: &random)
            #expect([3, 4].contains(balancer.number(last)))
        }
    }

    @Test func `the list is small and remembers each once`() throws {
        #expect(MemoryLayout<TriedEndpoints>.size == 36)
        let balancer = Sample.balancer(.roundRobin, 9)
        let slots = (1...9).compactMap { balancer.slot($0) }
        var tried = TriedEndpoints()
        #expect(tried.isEmpty)
        tried.insert(slots[0])
        tried.insert(slots[0])
        #expect(tried.count == 1)
        for slot in slots[1..<8] { tried.insert(slot) }
        #expect(tried.isFull)
        #expect(slots.map { tried.contains($0) } == Array(repeating: true, count: 8) + [false])
    }
}
