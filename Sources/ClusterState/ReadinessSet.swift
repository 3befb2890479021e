internal import LinuxSystem

/// The descriptors of a source, gathered under one that its reader waits for.
final class ReadinessSet {
    private let queue: ReadinessQueue

    /// Makes an empty set.
    init() throws(Errno) { queue = try ReadinessQueue() }

    /// The descriptor that is readable while one of the set is ready.
    var descriptor: Int32 { queue.descriptor }

    /// Adds a socket that is being connected.
    func add(_ number: Int32, token: UInt64) throws(Errno) {
        try queue.add(number, token: token, reading: true, writing: true)
    }

    /// Adds a descriptor to be read only.
    func addReading(_ number: Int32, token: UInt64) throws(Errno) {
        try queue.add(number, token: token, reading: true, writing: false)
    }

    /// Changes whether a socket is waited for to be written.
    func change(_ number: Int32, token: UInt64, writing: Bool) throws(Errno) {
        try queue.change(number, token: token, reading: true, writing: writing)
    }

    /// The tokens of all descriptors that are ready.
    func takeReady() -> Set<UInt64> {
        // It fails only for a queue that is none; then nothing is ready.
        Set(((try? queue.take(upTo: 256)) ?? []).map(\.token))
    }
}
