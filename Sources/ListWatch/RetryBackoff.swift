/// How long to wait before the next attempt: twice as long each time, up to a limit, with chance in it.
///
/// Without chance, all nodes of a cluster would come back to a server that was away at the same moment.
package struct RetryBackoff: Hashable, Sendable {
    /// The shortest wait after the first failure.
    private let first: Duration

    /// The longest wait.
    private let longest: Duration

    /// The number of failures since the last success.
    package private(set) var failures = 0

    /// Creates a backoff that has seen no failure; the waits are those of client-go by default.
    package init(from first: Duration = .milliseconds(800), to longest: Duration = .seconds(30)) {
        self.first = first
        self.longest = longest
    }

    /// Forgets all failures.
    package mutating func reset() { failures = 0 }

    /// Notes a failure, and says how long to wait.
    ///
    /// - Parameter random: Where the chance comes from.
    /// - Returns: A time between the base and its double, within the two limits.
    package mutating func delay(random: inout some RandomNumberGenerator) -> Duration {
        let base = min(longest, first * (1 << min(failures, 10)))
        failures += 1
        return min(longest, base + base * Double.random(in: 0..<1, using: &random))
    }
}
