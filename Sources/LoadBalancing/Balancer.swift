package import NetworkAddress

/// Chooses, for one worker and one backend, the endpoint that a request goes to.
///
/// Each worker has its own, so that nothing is locked and a balancer knows only what its worker saw. The clock and the
/// random source belong to the caller. Choosing allocates nothing. It has one owner, so that asking it copies nothing.
///
/// ```
///  order:       | endpoints that take part | ejected ones |      positions; what a choice is drawn from
///               0                       inService       count
///  records:     one for each slot index; free ones are reused
/// ```
package struct Balancer: ~Copyable, Sendable {
    /// Time on a clock that never goes back, from any start.
    package typealias Milliseconds = UInt64
    /// A length of time.
    package typealias Microseconds = UInt64

    /// How endpoints take turns.
    package private(set) var policy: BalancingPolicy
    /// When endpoints are ejected.
    package private(set) var ejection: EjectionSettings

    /// The endpoints as they were given last.
    var endpoints: [BackendEndpoint] = []
    var records: [EndpointRecord] = []
    /// The slot indexes of present endpoints.
    var order: [UInt32] = []
    /// The hashes of present endpoints, in the same order, side by side for the search through them.
    var identities: [UInt64] = []
    /// How many of the order take part.
    var inService = 0
    /// When the first of the ejected endpoints comes back.
    var nextReturn = Milliseconds.max
    /// Whose turn it is.
    var turn: Int

    /// Creates a balancer that knows nothing of its endpoints yet.
    ///
    /// - Parameters:
    ///   - policy: How endpoints take turns.
    ///   - endpoints: The endpoints; one that is named twice counts once.
    ///   - ejection: When endpoints are ejected.
    ///   - seed: Where the turns begin; a different one for each worker keeps them from marching in step.
    package init(
        policy: BalancingPolicy,
        endpoints: [BackendEndpoint],
        ejection: EjectionSettings = EjectionSettings(),
        seed: UInt64
    ) {
        self.policy = policy
        self.ejection = ejection
        turn = 0
        _ = update(endpoints: endpoints, policy: policy, ejection: ejection, now: 0)
        if inService > 0 { turn = Int(scrambled(seed) % UInt64(inService)) }
    }

    /// How many endpoints there are, ejected ones among them.
    package var count: Int { order.count }

    /// Whether there is no endpoint.
    package var isEmpty: Bool { order.isEmpty }

    /// One more than the highest slot index that was ever given out.
    package var slotCount: Int { records.count }

    /// How many endpoints were ejected when last asked for one, or told of a failure.
    package var ejectedCount: Int { order.count - inService }

    /// Whether the endpoint of a slot is still there; if not, its connections serve no further request.
    package func isPresent(_ slot: EndpointSlot) -> Bool {
        slot.index < records.count && records[slot.index].generation == slot.generation
            && records[slot.index].position != nil
    }

    /// The address of an endpoint, or nil when it has gone.
    package func address(of slot: EndpointSlot) -> TransportAddress? {
        isPresent(slot) ? records[slot.index].address : nil
    }

    /// How many attempts are under way at an endpoint; none when it has gone.
    package func inFlight(at slot: EndpointSlot) -> Int { isPresent(slot) ? Int(records[slot.index].inFlight) : 0 }

    /// How unattractive an endpoint is: its decayed peak latency in microseconds, times one more than are under way.
    package func load(of slot: EndpointSlot, now: Milliseconds) -> Double? {
        isPresent(slot) ? records[slot.index].load(at: now) : nil
    }

    /// Takes over a new list of endpoints and new settings.
    ///
    /// An endpoint that stays keeps its slot and what is known of it. A new one starts with the mean latency of the
    /// others: better would draw all requests to it, worse would keep it idle.
    ///
    /// - Parameters:
    ///   - endpoints: All endpoints from now on; the same array as last time costs next to nothing.
    ///   - policy: How endpoints take turns from now on.
    ///   - ejection: When endpoints are ejected from now on.
    ///   - now: The time.
    /// - Returns: The slots of endpoints that have gone, whose idle connections want closing before the next choice.
    package mutating func update(
        endpoints: [BackendEndpoint],
        policy: BalancingPolicy,
        ejection: EjectionSettings,
        now: Milliseconds
    ) -> [EndpointSlot] {
        self.policy = policy
        let limitsChanged = ejection != self.ejection
        self.ejection = ejection
        var departed: [EndpointSlot] = []
        if endpoints != self.endpoints {
            departed = replaceEndpoints(with: endpoints, now: now)
            self.endpoints = endpoints
        } else if !limitsChanged {
            return []
        }
        keepEjectionsWithinLimits(now: now)
        return departed
    }

    /// The slot at a position of the order.
    func slot(at position: Int) -> EndpointSlot {
        let index = Int(order[position])
        return EndpointSlot(index: index, generation: records[index].generation)
    }

    /// The mean of the scores of those that take part.
    func meanScore(now: Milliseconds) -> Double {
        guard inService > 0 else { return 0 }
        var sum = 0.0
        for position in 0..<inService { sum += records[Int(order[position])].score(at: now) }
        return sum / Double(inService)
    }
}
