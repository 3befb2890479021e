extension Balancer {
    /// Chooses an endpoint by the policy.
    ///
    /// One that was not tried comes before all that were, and among equals one that takes part comes before an ejected
    /// one. So the answer is a tried endpoint only when all were tried.
    ///
    /// - Parameters:
    ///   - tried: The endpoints that the exchange has tried.
    ///   - now: The time.
    ///   - random: Where chance comes from.
    /// - Returns: The slot, or nil when there is no endpoint.
    package mutating func pick(
        avoiding tried: TriedEndpoints = TriedEndpoints(),
        now: Milliseconds,
        random: inout SmallRandom
    ) -> EndpointSlot? {
        if now >= nextReturn { endEjections(now: now) }
        guard inService > 0 else { return nil }
        switch policy {
        case .roundRobin:
            let position = turn < inService ? turn : 0
            if tried.isEmpty {
                turn = position + 1
                return slot(at: position)
            }
            if let found = untried(from: position, in: 0..<inService, tried) {
                turn = found + 1
                return slot(at: found)
            }
        case .peakEWMA:
            if let found = betterOfTwo(avoiding: tried, now: now, random: &random) { return slot(at: found) }
        }
        return lastResort(avoiding: tried, random: &random)
    }

    /// Chooses an endpoint by a hash: the same one for the same hash, on every worker and every replica.
    ///
    /// When an endpoint goes, or is ejected or tried, only the hashes that led to it lead elsewhere, each to the endpoint
    /// that comes second for it; when one comes, it takes over its share and nothing else moves.
    ///
    /// - Parameters:
    ///   - hash: A hash of whatever belongs together; see `StableHash`.
    ///   - tried: The endpoints that the exchange has tried.
    ///   - now: The time.
    /// - Returns: The slot, or nil when there is no endpoint.
    /// - Complexity: O(endpoints).
    package mutating func pick(
        hash: UInt64,
        avoiding tried: TriedEndpoints = TriedEndpoints(),
        now: Milliseconds
    ) -> EndpointSlot? {
        if now >= nextReturn { endEjections(now: now) }
        guard inService > 0 else { return nil }
        if let found = heaviest(for: hash, in: 0..<inService, tried) { return slot(at: found) }
        if let found = heaviest(for: hash, in: inService..<order.count, tried) { return slot(at: found) }
        guard let found = heaviest(for: hash, in: 0..<inService, TriedEndpoints()) else { return nil }
        return slot(at: found)
    }

    /// The endpoint that a stable hash stands for, or nil when it is not there; see `StableHash`.
    ///
    /// It may be ejected.
    package func slot(ofIdentity identity: UInt64) -> EndpointSlot? {
        guard let position = identities.firstIndex(of: identity) else { return nil }
        return slot(at: position)
    }

    /// The position with the highest weight for a hash, or nil when all in the range were tried.
    ///
    /// This is rendezvous hashing: each endpoint's weight is a hash of the key and itself, so nobody else's coming and
    /// going matters to it, and no table has to be kept.
    private func heaviest(for hash: UInt64, in range: Range<Int>, _ tried: TriedEndpoints) -> Int? {
        var best: Int?
        var bestWeight: UInt64 = 0
        for position in range {
            let weight = scrambled(identities[position] ^ hash)
            if weight >= bestWeight, tried.isEmpty || !tried.contains(slot(at: position)) {
                best = position
                bestWeight = weight
            }
        }
        return best
    }

    /// The less loaded of two that are drawn at random from those that take part, or nil when all of them were tried.
    private func betterOfTwo(avoiding tried: TriedEndpoints, now: Milliseconds, random: inout SmallRandom) -> Int? {
        guard inService > 1 else { return tried.contains(slot(at: 0)) ? nil : 0 }
        var first = random.below(inService)
        var second = random.below(inService - 1)
        // The second is drawn from the others.
        if second >= first { second += 1 }
        if !tried.isEmpty {
            guard let untriedOne = untried(from: first, in: 0..<inService, tried) else { return nil }
            first = untriedOne
            second = untried(from: second, in: 0..<inService, tried) ?? first
        }
        let firstLoad = records[Int(order[first])].load(at: now)
        let secondLoad = records[Int(order[second])].load(at: now)
        return secondLoad < firstLoad ? second : first
    }

    /// An endpoint when all that take part were tried: an ejected one, or else any that takes part.
    private func lastResort(avoiding tried: TriedEndpoints, random: inout SmallRandom) -> EndpointSlot {
        let ejected = inService..<order.count
        if !ejected.isEmpty {
            let start = ejected.lowerBound + random.below(ejected.count)
            if let found = untried(from: start, in: ejected, tried) { return slot(at: found) }
        }
        return slot(at: random.below(inService))
    }

    /// The first untried position of a range, from a start on and around, or nil when all were tried.
    private func untried(from start: Int, in range: Range<Int>, _ tried: TriedEndpoints) -> Int? {
        var position = start
        // So many were tried at most that one more step finds another, if there is one.
        for _ in 0..<min(range.count, Int(tried.count) + 1) {
            if !tried.contains(slot(at: position)) { return position }
            position += 1
            if position == range.upperBound { position = range.lowerBound }
        }
        return nil
    }
}
