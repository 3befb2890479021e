import EventIO
import Testing

/// Deadlines as anybody would keep them.
private struct PlainDeadlines {
    private var deadlines: [Int32: Int64] = [:]

    mutating func set(_ id: Int32, to deadline: Int64) { deadlines[id] = deadline }
    mutating func cancel(_ id: Int32) { deadlines[id] = nil }
    func isSet(_ id: Int32) -> Bool { deadlines[id] != nil }

    /// Takes those out that must have passed, and says which may have: the wheel keeps time to within a tick.
    func mustBeOver(at now: Int64) -> Set<Int32> {
        Set(deadlines.filter { $0.value / TimerWheel.tickMilliseconds < now / TimerWheel.tickMilliseconds }.keys)
    }
    func mayBeOver(at now: Int64) -> Set<Int32> { Set(deadlines.filter { $0.value <= now }.keys) }
}

struct `A wheel of deadlines` {
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func `does what a plain table does`(seed: UInt64) {
        var random = SeededNumbers(seed: seed)
        var now: Int64 = 1_000_003
        var wheel = TimerWheel(now: now)
        var plain = PlainDeadlines()
        for step in 0..<20_000 {
            let id = Int32.random(in: 0..<200, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let reach: Int64 = [10, 1000, 60_000, 300_000].randomElement(using: &random) ?? 0
                let deadline =
                    Int.random(in: 0..<20, using: &random) == 0 ? .max : now + .random(in: -50...reach, using: &random)
                wheel.set(id, to: deadline)
                plain.set(id, to: deadline)
            case 5:
                wheel.cancel(id)
                plain.cancel(id)
            default:
                let steps: Int64 = [1, 100, 500, 70_000].randomElement(using: &random) ?? 0
                now += .random(in: 0...steps, using: &random)
                var expired: [Int32] = []
                wheel.advance(to: now, expired: &expired)
                let over = Set(expired)
                #expect(over.count == expired.count, "seed \(seed), step \(step): one expired twice")
                #expect(over.isSubset(of: plain.mayBeOver(at: now)), "seed \(seed), step \(step): too early")
                let late = plain.mustBeOver(at: now - TimerWheel.tickMilliseconds)
                #expect(late.isSubset(of: over), "seed \(seed), step \(step): too late")
                for id in over { plain.cancel(id) }
            }
            let isSame = (0..<200).allSatisfy { wheel.isSet($0) == plain.isSet($0) }
            #expect(isSame, "seed \(seed), step \(step)")
            if !isSame { return }
        }
    }

    @Test func `waits no longer than to the next tick, and for ever without deadlines`() {
        var wheel = TimerWheel(now: 1000)
        #expect(wheel.wait(now: 1000) == nil)
        #expect(wheel.isEmpty)
        wheel.set(0, to: 1_000_000)
        let wait = wheel.wait(now: 1000)
        #expect(wait.map { $0 > 0 && $0 <= 128 } == true)
        wheel.cancel(0)
        #expect(wheel.isEmpty)
    }

    @Test func `a deadline far away passes at its time after many turns`() {
        var wheel = TimerWheel(now: 0)
        wheel.set(7, to: 1_000_000)
        var expired: [Int32] = []
        for now in stride(from: Int64(0), through: 999_900, by: 100) { wheel.advance(to: now, expired: &expired) }
        #expect(expired.isEmpty)
        wheel.advance(to: 1_000_200, expired: &expired)
        #expect(expired == [7])
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
