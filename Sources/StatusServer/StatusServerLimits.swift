/// What a status server spends at most.
package struct StatusServerLimits: Hashable, Sendable {
    /// How many connections are open at once.
    ///
    /// When a new one comes, the one that was silent longest is closed for it, so that idle connections never keep a
    /// probe out.
    package var connectionsMax: Int

    /// The length of a request's head in bytes; a longer one is answered with 431.
    package var headBytesMax: Int

    /// The number of header fields in a request; more are answered with 431.
    package var fieldsMax: Int

    /// How many bytes of answers wait for slow readers, over all connections; then requests are answered with 503.
    package var pendingBytesMax: Int

    /// How long a client takes to send a head, from its first byte on; then it is answered with 408.
    package var headTime: Duration

    /// How long a connection is silent between requests before it is closed.
    package var idleTime: Duration

    /// How long a client takes to read an answer before the connection is closed.
    package var answerTime: Duration

    /// Creates limits; the defaults suit probes, load balancers and scrapers.
    package init(
        connectionsMax: Int = 256,
        headBytesMax: Int = 8192,
        fieldsMax: Int = 64,
        pendingBytesMax: Int = 8 << 20,
        headTime: Duration = .seconds(5),
        idleTime: Duration = .seconds(60),
        answerTime: Duration = .seconds(10)
    ) {
        self.connectionsMax = connectionsMax
        self.headBytesMax = headBytesMax
        self.fieldsMax = fieldsMax
        self.pendingBytesMax = pendingBytesMax
        self.headTime = headTime
        self.idleTime = idleTime
        self.answerTime = answerTime
    }
}
