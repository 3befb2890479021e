/// A source of random numbers that fills eight bytes and takes a nanosecond, for choices that nobody profits from guessing.
///
/// It is SplitMix64: a counter that is scrambled on its way out, so that any seed will do.
package struct SmallRandom: BitwiseCopyable, Sendable, RandomNumberGenerator {
    private var state: UInt64

    /// Creates a source; equal seeds give equal numbers.
    package init(seed: UInt64) { state = seed }

    /// Returns the next number, any of all.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15  // 2^64 divided by the golden ratio, which visits every state
        return scrambled(state)
    }

    /// Returns a number from zero up to, but not including, a limit.
    ///
    /// A number is at most one part in 2^32 / `limit` more likely than another.
    ///
    /// - Precondition: The limit is between 1 and 2^32 - 1.
    package mutating func below(_ limit: Int) -> Int {
        precondition(limit > 0 && limit <= Int(UInt32.max), "a random number needs a limit of 32 bits")
        return Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(limit)) >> 32)
    }
}

/// Returns a number of which each bit depends on every bit of the one given, and that belongs to no other.
func scrambled(_ number: UInt64) -> UInt64 {
    // The constants are those of Stafford's thirteenth mixer, as SplitMix64 uses it.
    var bits = number
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
}
