/// How long to wait before something that failed is tried again: twice as long each time, up to a limit.
struct RetryDelay {
    private let first: Duration
    private let most: Duration
    private var next: Duration

    /// Creates a delay.
    init(from first: Duration, to most: Duration) {
        self.first = first
        self.most = most
        next = first
    }

    /// Returns how long to wait now.
    mutating func delay() -> Duration {
        defer { next = min(next * 2, most) }
        return next
    }

    /// Starts over, after a success.
    mutating func reset() { next = first }
}
