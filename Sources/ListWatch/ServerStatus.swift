package import KubernetesAPI

/// A `Status` object: how an API server says what went wrong.
package struct ServerStatus: Hashable, Sendable {
    /// The code, which is that of HTTP; zero when there is none.
    package var code: Int
    /// The reason in one word, such as `Expired`.
    package var reason: String
    /// What went wrong, in the server's words.
    package var message: String
    /// How long the server asks to wait.
    package var retryAfter: Duration?

    /// Creates a status.
    package init(code: Int, reason: String = "", message: String = "", retryAfter: Duration? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
    }

    /// Reads a Status object; what is missing stays empty.
    package init(_ object: ObjectValue) {
        self.init(code: 0)
        if case .integer(let number) = object["code"] { code = Int(truncatingIfNeeded: number) }
        if case .string(let text) = object["reason"] { reason = text }
        if case .string(let text) = object["message"] { message = text }
        if case .integer(let seconds) = object["details"]?["retryAfterSeconds"], (1...86_400).contains(seconds) {
            retryAfter = .seconds(seconds)
        }
        if code == 0, reason == "Expired" || reason == "Gone" { code = 410 }
    }

    /// Whether the history that was asked for is no longer or not yet there, so that only a new list helps.
    var asksForList: Bool {
        if code == 410 || reason == "Expired" || reason == "Gone" { return true }
        // A server that was restored from a backup answers a version of its own future with a timeout.
        return code == 504 && message.contains("Too large resource version")
    }
}
