internal import LinuxSystem

extension Worker {
    /// How often the worker asks itself whether a burst is over, and from how many exchanges at once it was one.
    private static var tidyMilliseconds: Int64 { 1000 }
    private static var burstSize: Int { 512 }

    /// Gives the memory of a burst back once it is over, so that many connections that came at once and stay idle cost
    /// what idle ones cost.
    mutating func tidy() {
        burst = max(burst, exchanges.count)
        guard now >= tidiesAgain else { return }
        tidiesAgain = now + Self.tidyMilliseconds
        // Links that wait for their turn are known by their numbers.
        guard burst >= Self.burstSize, exchanges.count < burst / 8, queue.isEmpty else { return }
        burst = exchanges.count
        exchanges.trim()
        io.trim()
        releaseFreedMemory()
    }

    /// How long to wait at most for the end of a burst; nil when there is none.
    func tidyWait() -> Int32? { burst >= Self.burstSize ? Int32(max(1, tidiesAgain - now)) : nil }
}
