/// How long to wait before the next attempt: twice as long each time, up to a limit, with chance in it.
///
/// Without chance, all nodes of a cluster would come back to a server that was away at the same moment.
package struct RetryBackoff: Hashable, Sendable {
    /// The shortest wait before the first attempt that follows a failure.
    package static let first = Duration.milliseconds(800)

    /// The longest wait.
    package static let longest = Duration.seconds(30)

    /// The number of failures since the last success.
    package private(set) var failures = 0

    /// Creates a backoff that has seen no failure.
    package init() {}

    /// Forgets all failures.
    package mutating func reset() { failures = 0 }

    /// Notes a failure, and says how long to wait.
    ///
    /// - Parameter random: Where the chance comes from.
    /// - Returns: A time between the base and its double, within the two limits.
    package mutating func delay(random: inout some RandomNumberGenerator) -> Duration {
        let base = min(Self.longest, Self.first * (1 << min(failures, 10)))
        failures += 1
        return min(Self.longest, base + base * Double.random(in: 0..<1, using: &random))
    }
}
