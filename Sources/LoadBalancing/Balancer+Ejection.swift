extension Balancer {
    /// Whether an endpoint is ejected.
    package func isEjected(_ slot: EndpointSlot, now: Milliseconds) -> Bool {
        isPresent(slot) && records[slot.index].isEjected && now < records[slot.index].returnsAt
    }

    /// Ejects an endpoint unless it is or too many are, and returns whether it did.
    mutating func eject(_ index: Int, now: Milliseconds) -> Bool {
        // Those whose time is over do not count against the limit.
        if now >= nextReturn { endEjections(now: now) }
        guard let position = records[index].position, !records[index].isEjected,
            ejectedCount < ejection.allowance(of: order.count)
        else { return false }
        // Whoever did well for long enough starts afresh.
        if now >= records[index].returnsAt &+ ejection.maxTime { records[index].ejections = 0 }
        if records[index].ejections < .max { records[index].ejections += 1 }
        let (time, isLong) = ejection.baseTime.multipliedReportingOverflow(by: UInt64(records[index].ejections))
        records[index].returnsAt = now &+ (isLong ? ejection.maxTime : min(time, ejection.maxTime))
        nextReturn = min(nextReturn, records[index].returnsAt)
        records[index].isEjected = true
        inService -= 1
        swapPositions(Int(position), inService)
        return true
    }

    /// Lets endpoints take part again whose time is over.
    @inline(never)
    mutating func endEjections(now: Milliseconds) {
        nextReturn = .max
        var position = inService
        while position < order.count {
            let returnsAt = records[Int(order[position])].returnsAt
            if now >= returnsAt {
                readmit(position, now: now)
            } else {
                nextReturn = min(nextReturn, returnsAt)
            }
            position += 1
        }
    }

    /// Lets those take part again that are too many, the first to return first.
    mutating func keepEjectionsWithinLimits(now: Milliseconds) {
        endEjections(now: now)
        while ejectedCount > ejection.allowance(of: order.count) {
            let ejected = inService..<order.count
            guard let first = ejected.min(by: { returnTime(at: $0) < returnTime(at: $1) }) else { return }
            records[Int(order[first])].returnsAt = now
            readmit(first, now: now)
        }
        endEjections(now: now)
    }

    private func returnTime(at position: Int) -> Milliseconds { records[Int(order[position])].returnsAt }

    /// Moves an ejected endpoint to those that take part.
    private mutating func readmit(_ position: Int, now: Milliseconds) {
        let index = Int(order[position])
        records[index].isEjected = false
        // What was known of its speed is of the time before; and it is on probation: the next failure ejects it again.
        records[index].score = meanScore(now: now)
        records[index].scoredAt = now
        records[index].failures = max(ejection.consecutiveFailures, 1) - 1
        swapPositions(position, inService)
        inService += 1
    }

    private mutating func swapPositions(_ one: Int, _ other: Int) {
        order.swapAt(one, other)
        identities.swapAt(one, other)
        records[Int(order[one])].position = UInt32(one)
        records[Int(order[other])].position = UInt32(other)
    }
}
