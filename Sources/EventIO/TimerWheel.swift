/// Deadlines of many things, of which most are moved before they pass.
///
/// Moving a deadline on costs one store: the entry stays in its slot until the slot's time, and is then put into a later
/// one. Deadlines are kept to within one tick.
///
/// ```
///  slot 0   slot 1   …   slot 511          tick = 128 ms, one turn = 65 s
///    │        │
///    ▼        ▼
///   id ⇄ id   id                           deadlines beyond the turn wait in the farthest slot
/// ```
package struct TimerWheel {
    private struct Entry: BitwiseCopyable {
        var deadline: Int64 = .max
        /// When its slot comes up; negative while it is in none.
        var tick: Int64 = -1
        var next: Int32 = -1
        var previous: Int32 = -1
    }

    /// The length of a tick in milliseconds.
    package static var tickMilliseconds: Int64 { 128 }

    // A power of two, so that a remainder is a mask.
    private static var slotCount: Int64 { 512 }

    private var entries: [Entry] = []
    private var heads = [Int32](repeating: -1, count: Int(slotCount))
    private var currentTick: Int64
    private var entryCount = 0

    /// Creates an empty wheel.
    ///
    /// - Parameter now: The time in milliseconds.
    package init(now: Int64) { currentTick = now / Self.tickMilliseconds }

    /// Whether no deadline is set.
    package var isEmpty: Bool { entryCount == 0 }

    /// Sets the deadline of an id, in place of the one that it had.
    ///
    /// - Parameters:
    ///   - id: A small number, not negative.
    ///   - deadline: The time in milliseconds.
    package mutating func set(_ id: Int32, to deadline: Int64) {
        while entries.count <= id { entries.append(Entry()) }
        let index = Int(id)
        entries[index].deadline = deadline
        let tick = wantedTick(for: deadline)
        if entries[index].tick >= 0 {
            // In its present slot it is looked at in time, unless the deadline came nearer.
            if tick >= entries[index].tick { return }
            unlink(id)
        }
        link(id, tick: tick)
    }

    /// Takes away the deadline of an id.
    package mutating func cancel(_ id: Int32) {
        guard id < entries.count, entries[Int(id)].tick >= 0 else { return }
        unlink(id)
    }

    /// Whether an id has a deadline.
    package func isSet(_ id: Int32) -> Bool { id < entries.count && entries[Int(id)].tick >= 0 }

    /// Appends the ids whose deadlines have passed, and forgets these deadlines.
    ///
    /// - Parameters:
    ///   - now: The time in milliseconds.
    ///   - expired: Where the ids go.
    package mutating func advance(to now: Int64, expired: inout [Int32]) {
        let target = now / Self.tickMilliseconds
        guard target > currentTick else { return }
        let steps = min(target - currentTick, Self.slotCount)
        // After a long sleep one turn reaches every slot.
        currentTick = target - steps
        for _ in 0..<steps {
            currentTick += 1
            var id = heads[Self.slot(of: currentTick)]
            while id >= 0 {
                let next = entries[Int(id)].next
                let deadline = entries[Int(id)].deadline
                unlink(id)
                if deadline <= now { expired.append(id) } else { link(id, tick: wantedTick(for: deadline)) }
                id = next
            }
        }
    }

    /// How many milliseconds to wait at most before `advance` is called again; nil when no deadline is set.
    package func wait(now: Int64) -> Int32? {
        guard entryCount > 0 else { return nil }
        return Int32(max(1, (currentTick + 1) * Self.tickMilliseconds - now))
    }

    /// The tick after the deadline, but never the present one, which has been looked at, nor one a whole turn away.
    private func wantedTick(for deadline: Int64) -> Int64 {
        let tick = deadline / Self.tickMilliseconds + 1
        return min(max(tick, currentTick + 1), currentTick + Self.slotCount - 1)
    }

    private static func slot(of tick: Int64) -> Int { Int(tick & (slotCount - 1)) }

    private mutating func link(_ id: Int32, tick: Int64) {
        let slot = Self.slot(of: tick)
        let head = heads[slot]
        entries[Int(id)].tick = tick
        entries[Int(id)].next = head
        entries[Int(id)].previous = -1
        if head >= 0 { entries[Int(head)].previous = id }
        heads[slot] = id
        entryCount += 1
    }

    private mutating func unlink(_ id: Int32) {
        let entry = entries[Int(id)]
        if entry.previous >= 0 {
            entries[Int(entry.previous)].next = entry.next
        } else {
            heads[Self.slot(of: entry.tick)] = entry.next
        }
        if entry.next >= 0 { entries[Int(entry.next)].previous = entry.previous }
        entries[Int(id)].tick = -1
        entryCount -= 1
    }
}
