import LoadBalancing
import Testing

struct `A changed endpoint list` {
    private func update(_ balancer: inout Balancer, _ numbers: some Sequence<Int>, now: UInt64 = 0) -> [EndpointSlot] {
        balancer.update(
            endpoints: Sample.endpoints(numbers),
            policy: balancer.policy,
            ejection: balancer.ejection,
            now: now
        )
    }

    @Test func `an endpoint that stays keeps its slot and its state`() throws {
        var balancer = Sample.balancer(.peakEWMA, 3)
        let kept = try found(balancer.slot(2))
        balancer.run(2, .answered, latency: 7000)
        balancer.began(kept)
        let departed = update(&balancer, [9, 2])
        #expect(departed.count == 2)
        #expect(balancer.slot(2) == kept)
        #expect(balancer.inFlight(at: kept) == 1)
        #expect(balancer.load(of: kept, now: 0) == 14_000)
    }

    @Test func `departed slots are reported and their indexes used again, under another generation`() throws {
        var balancer = Sample.balancer(.roundRobin, 3)
        let gone = try found(balancer.slot(2))
        balancer.began(gone)
        let departed = update(&balancer, [1, 3, 4])
        #expect(departed == [gone])
        #expect(balancer.isPresent(gone) == false)
        #expect(balancer.address(of: gone) == nil)

        let successor = try found(balancer.slot(4))
        #expect(successor.index == gone.index)
        #expect(successor != gone)
        #expect(balancer.slotCount == 3)
        // The end of an attempt at the old endpoint is not taken for one at the new.
        balancer.began(successor)
        balancer.ended(gone, .connectFailed, latency: 1, now: 0)
        #expect(balancer.inFlight(at: successor) == 1)
        for _ in 0..<10 { balancer.ended(gone, .connectFailed, latency: 1, now: 0) }
        #expect(balancer.ejectedCount == 0)
    }

    @Test func `the same list changes nothing`() {
        var balancer = Sample.balancer(.roundRobin, 5)
        let before = (1...5).map { balancer.slot($0) }
        let departed = update(&balancer, 1...5)
        #expect(departed == [])
        #expect((1...5).map { balancer.slot($0) } == before)
    }

    @Test func `all may go, and others come`() {
        var balancer = Sample.balancer(.roundRobin, 2)
        #expect(update(&balancer, []).count == 2)
        #expect(balancer.isEmpty == true)
        #expect(update(&balancer, [7, 8, 9]).isEmpty)
        let counts = balancer.counts(of: 9)
        #expect(counts == [7: 3, 8: 3, 9: 3])
        #expect(balancer.slotCount == 3)
    }

    @Test func `a change of the policy keeps the endpoints`() throws {
        var balancer = Sample.balancer(.roundRobin, 3)
        let slot = try found(balancer.slot(3))
        balancer.began(slot)
        let departed = balancer.update(
            endpoints: Sample.endpoints(1...3),
            policy: .peakEWMA,
            ejection: EjectionSettings(),
            now: 0
        )
        #expect(departed.isEmpty)
        #expect(balancer.policy == .peakEWMA)
        #expect(balancer.inFlight(at: slot) == 1)
        let counts = balancer.counts(of: 90)
        #expect(counts[3] == nil)
    }

    /// Random changes, held against what a list of the endpoints says.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `whatever comes and goes, what is chosen is there`(seed: UInt64) throws {
        var random = SmallRandom(seed: seed)
        var ejection = EjectionSettings()
        ejection.consecutiveFailures = 1
        ejection.baseTime = 50
        ejection.maxTime = 200
        var balancer = Sample.balancer(.peakEWMA, 4, ejection: ejection)
        var present = Set(1...4)
        var slots = Dictionary(
            uniqueKeysWithValues: (1...4).compactMap { number in balancer.slot(number).map { (number, $0) } }
        )
        for now in UInt64(1)...2000 {
            if random.below(10) == 0 {
                let wanted = Set((0..<random.below(9)).map { _ in random.below(20) + 1 })
                let departed = balancer.update(
                    endpoints: Sample.endpoints(wanted.sorted()),
                    policy: random.below(2) == 0 ? .roundRobin : .peakEWMA,
                    ejection: ejection,
                    now: now
                )
                #expect(Set(departed) == Set(present.subtracting(wanted).compactMap { slots[$0] }))
                present = wanted
                for number in present {
                    let slot = try found(balancer.slot(number))
                    if let before = slots[number], !departed.contains(before) { #expect(slot == before) }
                    slots[number] = slot
                }
                slots = slots.filter { present.contains($0.key) }
            }
            let chosen =
                random.below(2) == 0 ? balancer.pick(now: now, random: &random) : balancer.pick(hash: now, now: now)
            try #require((chosen == nil) == present.isEmpty)
            guard let chosen else { continue }
            try #require(present.contains(balancer.number(chosen)))
            if balancer.isEjected(chosen, now: now) {
                Issue.record("an ejected endpoint was chosen while others were there")
            }
            balancer.began(chosen)
            balancer.ended(chosen, random.below(3) == 0 ? .reset : .answered, latency: 5, now: now)
            try #require(balancer.ejectedCount <= present.count / 2)
        }
    }
}
