/// How many steps a search may take before it is given up.
///
/// PCRE2 counts from anew at each place where a match may start. In machine code a step is an entry into a group or a
/// repetition, which may look at all of the subject; interpreted, it looks at a few bytes. So that the whole search looks
/// at a bounded number of bytes, a place gets fewer steps the longer the subject is, and the first place, where nearly
/// all patterns of paths are found, gets the most.
struct SearchLimits {
    /// The steps at the start of the subject.
    let stepsAtStart: UInt32
    /// The steps at each later place.
    let stepsElsewhere: UInt32

    /// Creates the limits for a subject of so many bytes.
    init(subject count: Int, isNative: Bool) {
        let cost = isNative ? count + 16 : 1
        let least = isNative ? 64 : 4 * count + 64
        stepsAtStart = UInt32(max(Self.bytesMax / cost, least))
        stepsElsewhere = UInt32(max(Self.bytesMax / cost / (count + 1), least))
    }

    /// The number of bytes that a search may look at.
    private static let bytesMax = 50_000_000
}
