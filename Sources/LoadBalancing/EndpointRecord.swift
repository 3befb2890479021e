internal import NetworkAddress

/// What a balancer remembers of an endpoint.
struct EndpointRecord {
    var address: TransportAddress
    /// How many endpoints had this index before.
    var generation: UInt32 = 0
    /// Its place in the order; nil while the index is free.
    var position: UInt32? = 0
    /// Whether it is left alone for a while.
    var isEjected = false

    /// Attempts under way.
    var inFlight: UInt32 = 0
    /// The moving peak of its latency in microseconds, as of `scoredAt`.
    var score: Double = 0
    var scoredAt: Balancer.Milliseconds = 0

    /// Failures since the last success.
    var failures: UInt32 = 0
    /// Ejections that are not forgotten.
    var ejections: UInt32 = 0
    /// When the present ejection ends, or the last one did.
    var returnsAt: Balancer.Milliseconds = 0

    init(_ address: TransportAddress) { self.address = address }

    /// The score as far as it has not decayed.
    func score(at now: Balancer.Milliseconds) -> Double {
        now > scoredAt ? score * Decay.factor(after: now - scoredAt) : score
    }

    /// How unattractive it is: its latency for as many as are and would be under way.
    ///
    /// A microsecond at least, so that the attempts under way decide between endpoints that nothing is known of.
    func load(at now: Balancer.Milliseconds) -> Double { max(score(at: now), 1) * Double(inFlight + 1) }

    /// Takes a latency into account: a higher one at once, a lower one by and by.
    mutating func observe(_ latency: Balancer.Microseconds, at now: Balancer.Milliseconds) {
        let latency = Double(latency)
        let kept = now > scoredAt ? Decay.factor(after: now - scoredAt) : 1
        score = latency > score * kept ? latency : score * kept + latency * (1 - kept)
        scoredAt = max(now, scoredAt)
    }
}

/// How fast a latency is forgotten.
enum Decay {
    /// The time in which an observation loses all but 1/e of its weight, in milliseconds.
    static let time: Double = 10_000

    /// Returns e to the power of minus `elapsed` / `time`, right to seven digits.
    static func factor(after elapsed: Balancer.Milliseconds) -> Double {
        // Beyond forty times nothing is left that could be told from zero.
        guard elapsed < 400_000 else { return 0 }
        // 2^-halvings is exact for the whole part; for the rest, below one, the series of e^-x takes eight terms.
        let halvings = Double(elapsed) * (1.442_695_040_888_963_4 / time)
        let whole = UInt64(halvings)
        let rest = (halvings - Double(whole)) * 0.693_147_180_559_945_3
        var sum = 1.0
        for term in stride(from: 9.0, to: 0, by: -1) { sum = 1 - sum * rest / term }
        return sum * Double(bitPattern: (1023 - whole) << 52)
    }
}
