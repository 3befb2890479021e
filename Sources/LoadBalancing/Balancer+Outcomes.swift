extension Balancer {
    /// Says that an attempt at an endpoint begins.
    package mutating func began(_ slot: EndpointSlot) {
        guard isPresent(slot) else { return }
        records[slot.index].inFlight += 1
    }

    /// Says how an attempt ended; each beginning has one end.
    ///
    /// - Parameters:
    ///   - slot: Where it was; one that has gone meanwhile is no matter.
    ///   - outcome: How it ended.
    ///   - latency: The time from its beginning to the head of the answer, or to the failure.
    ///   - now: The time.
    /// - Returns: Whether the endpoint is ejected because of it.
    @discardableResult
    package mutating func ended(
        _ slot: EndpointSlot,
        _ outcome: AttemptOutcome,
        latency: Microseconds,
        now: Milliseconds
    ) -> Bool {
        guard isPresent(slot) else { return false }
        let index = slot.index
        if records[index].inFlight > 0 { records[index].inFlight -= 1 }
        switch outcome {
        case .abandoned:
            return false
        case .answered:
            return succeeded(index, latency, now)
        case .serverError where !ejection.countsServerErrors:
            return succeeded(index, latency, now)
        case .serverError, .connectFailed, .timedOut, .reset:
            return failed(index, latency, now)
        }
    }

    private mutating func succeeded(_ index: Int, _ latency: Microseconds, _ now: Milliseconds) -> Bool {
        records[index].failures = 0
        if policy == .peakEWMA { records[index].observe(latency, at: now) }
        return false
    }

    private mutating func failed(_ index: Int, _ latency: Microseconds, _ now: Milliseconds) -> Bool {
        // A refusal is quick, and quickness must not attract: a failure counts as a slow answer.
        if policy == .peakEWMA { records[index].observe(max(latency, Self.failureLatency), at: now) }
        if records[index].failures < .max { records[index].failures += 1 }
        guard ejection.consecutiveFailures > 0, records[index].failures >= ejection.consecutiveFailures
        else { return false }
        return eject(index, now: now)
    }

    /// What a failure counts for at least, in microseconds.
    private static let failureLatency: Microseconds = 1_000_000
}
