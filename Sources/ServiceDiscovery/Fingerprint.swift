/// What tells one value from another in 16 bytes, within one run of the program.
///
/// Two hashes of 64 bits with keys of their own, which change with every run: that two values have the same fingerprint
/// is as good as impossible, and nobody can bring it about.
struct Fingerprint: Hashable, Sendable {
    private let first: Int
    private let second: Int

    /// Takes the fingerprint of a value.
    init(of value: some Hashable) {
        var hasher = Hasher()
        hasher.combine(value)
        first = hasher.finalize()
        hasher = Hasher()
        hasher.combine(0)
        hasher.combine(value)
        second = hasher.finalize()
    }
}
