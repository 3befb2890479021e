/// Where a traced packet's `numgen random` takes its numbers from.
package struct RandomNumbers: Sendable {
    private enum Source {
        case generator(state: UInt64)
        case script([UInt32], next: Int)
    }

    private var source: Source

    /// Numbers that look random, the same ones for the same seed.
    package static func seeded(_ seed: UInt64) -> RandomNumbers { RandomNumbers(source: .generator(state: seed)) }

    /// These numbers in this order, each below the modulus that it is drawn for.
    ///
    /// Drawing more numbers than these is a mistake of the test, and traps.
    package static func scripted(_ numbers: [UInt32]) -> RandomNumbers {
        RandomNumbers(source: .script(numbers, next: 0))
    }

    /// Draws a number below the modulus, or returns nil at the end of a script.
    mutating func next(below modulus: UInt32) -> UInt32? {
        switch source {
        case .generator(let state):
            // SplitMix64: one addition and three mixing steps, good enough for any seed.
            let sum = state &+ 0x9e37_79b9_7f4a_7c15
            source = .generator(state: sum)
            var mixed = (sum ^ sum >> 30) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
            // The kernel too scales 32 random bits to the modulus (`reciprocal_scale`).
            let bits = (mixed ^ mixed >> 31) >> 32
            return UInt32((bits * UInt64(modulus)) >> 32)
        case .script(let numbers, let index):
            guard index < numbers.count else { return nil }
            precondition(numbers[index] < modulus, "\(numbers[index]) cannot be drawn modulo \(modulus)")
            source = .script(numbers, next: index + 1)
            return numbers[index]
        }
    }
}
