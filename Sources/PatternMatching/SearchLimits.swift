/// How many steps a search may take before it is given up.
///
/// PCRE2 counts from anew at each place where a match may start. So that the search as a whole is bounded, the places
/// behind the first share as many steps as the first has alone; nearly all patterns of paths are found at the first.
struct SearchLimits {
    /// The steps at the start of the subject.
    let stepsAtStart: UInt32
    /// The steps at each later place.
    let stepsElsewhere: UInt32

    /// Creates the limits for a subject of so many bytes.
    init(subject count: Int, isNative: Bool) {
        let steps = isNative ? Self.nativeStepsMax : Self.interpretedStepsMax
        stepsAtStart = UInt32(steps)
        // One repetition may always go through the whole subject.
        stepsElsewhere = UInt32(max(steps / (count + 1), count + 16))
    }

    // Some 5 ms each: a step takes about 2.5 ns in machine code, and 10 ns interpreted. nginx allows ten million steps for
    // each place.
    private static let nativeStepsMax = 2_000_000
    private static let interpretedStepsMax = 500_000
}
