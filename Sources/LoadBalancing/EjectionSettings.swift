/// When an endpoint that keeps failing is left alone, and for how long.
package struct EjectionSettings: Hashable, Sendable {
    /// How many failures in a row eject an endpoint; zero ejects none.
    package var consecutiveFailures: UInt32 = 3
    /// Whether an answer of 500 to 599 is a failure as well.
    package var countsServerErrors = false
    /// How long the first ejection lasts, in milliseconds; each further one lasts as much longer.
    package var baseTime: Balancer.Milliseconds = 10_000
    /// The longest that an ejection lasts, and how long an endpoint must do well for its ejections to be forgotten.
    package var maxTime: Balancer.Milliseconds = 300_000
    /// The largest share of a backend's endpoints that may be ejected at a time; one always stays.
    package var maxPercent = 50

    /// The settings of a backend that says nothing about it.
    package init() {}

    /// Settings that eject nothing.
    package static var off: EjectionSettings {
        var settings = EjectionSettings()
        settings.consecutiveFailures = 0
        return settings
    }

    /// How many of so many endpoints may be ejected.
    func allowance(of count: Int) -> Int {
        consecutiveFailures == 0 ? 0 : max(0, min(count - 1, count * maxPercent / 100))
    }
}

/// How an attempt at an endpoint ended.
package enum AttemptOutcome: UInt8, BitwiseCopyable, CaseIterable, Hashable, Sendable {
    /// It answered, with any status below 500.
    case answered
    /// It answered with a status of 500 to 599.
    case serverError
    /// No connection came about.
    case connectFailed
    /// No connection, or no answer on one, came in time.
    case timedOut
    /// The connection broke, or made no sense, before the answer's head was there.
    case reset
    /// The client went away first, or another attempt won: it tells nothing of the endpoint.
    case abandoned
}
