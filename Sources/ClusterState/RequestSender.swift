internal import ByteBuffers
internal import HTTPSemantics

/// Sends single requests one after the other, not faster than the limits say.
final class RequestSender {
    let connection: ServerConnection

    private let access: ServerAccess
    private let agent: String
    private let limits: APIRequestLimits

    private var waiting: [(id: UInt64, request: APIRequest, isRepeated: Bool)] = []
    private var lastID: UInt64 = 0
    private var results: [APIResult] = []
    private var current: (id: UInt64, request: APIRequest, isRepeated: Bool)?
    private var head: AnswerHead?
    private var answerDeadline: ContinuousClock.Instant?
    /// When the next request may be sent, because of the limits or because the server asked for a pause.
    private var notBefore: ContinuousClock.Instant
    /// Whether the next request waits for an address or for credentials; the access wakes whoever waits.
    private var awaitsAccess = false
    private var tokens: Double
    private var filled: ContinuousClock.Instant

    /// How long the server may take to answer.
    private static let answerWait = Duration.seconds(30)
    /// The longest answer that is kept.
    private static let bodyBytesMax = 4 * 1024 * 1024

    init(
        access: ServerAccess,
        connection: ServerConnection,
        agent: String,
        limits: APIRequestLimits,
        now: ContinuousClock.Instant
    ) {
        self.access = access
        self.connection = connection
        self.agent = agent
        self.limits = limits
        notBefore = now
        filled = now
        tokens = Double(limits.burst)
    }

    /// Takes a request; nil when too many wait.
    func enqueue(_ request: APIRequest) -> UInt64? {
        guard waiting.count < limits.waitingMax else { return nil }
        lastID += 1
        waiting.append((lastID, request, false))
        return lastID
    }

    /// How the requests went that have ended since the last call.
    func takeResults() -> [APIResult] {
        defer { results = [] }
        return results
    }

    /// When to advance even if nothing happens.
    var nextDeadline: ContinuousClock.Instant? {
        if current != nil { return [answerDeadline, connection.nextDeadline].compactMap(\.self).min() }
        return waiting.isEmpty || awaitsAccess ? nil : notBefore
    }

    /// Does all that can be done without waiting.
    func advance(now: ContinuousClock.Instant) {
        connection.beginTurn()
        if let answerDeadline, answerDeadline <= now {
            connection.abandon()
            finish(.failure(APIResult.Failure(description: "there was no answer in time")))
        }
        while true {
            sendNext(now: now)
            switch connection.next(now: now) {
            case .nothing: return
            case .head(let head): self.head = head
            case .body:
                if connection.withBody({ $0.count }) > Self.bodyBytesMax {
                    connection.abandon()
                    finish(.failure(APIResult.Failure(description: "the answer is too long")))
                }
            case .end: answered(now: now)
            case .failed(let reason):
                if head == nil { access.addressFailed() }
                finish(.failure(APIResult.Failure(description: reason)))
            }
        }
    }

    private func answered(now: ContinuousClock.Instant) {
        guard let head, let current else { return }
        if head.status == 429 || head.status == 503, let pause = head.retryAfter {
            // The server has not looked at it, so it goes out again.
            notBefore = now + pause
            again(current)
            return
        }
        if head.status == 401, !current.isRepeated {
            access.renewCredentials()
            again((current.id, current.request, true))
            return
        }
        let body = connection.withBody { body in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(body.count)
            for index in 0..<body.count { bytes.append(body.bytes[index]) }
            return bytes
        }
        finish(.success(APIResult.Answer(status: head.status, body: body)))
    }

    private func again(_ entry: (id: UInt64, request: APIRequest, isRepeated: Bool)) {
        waiting.insert(entry, at: 0)
        current = nil
        answerDeadline = nil
    }

    private func finish(_ outcome: Result<APIResult.Answer, APIResult.Failure>) {
        if let current { results.append(APIResult(id: current.id, outcome: outcome)) }
        current = nil
        answerDeadline = nil
    }

    private func sendNext(now: ContinuousClock.Instant) {
        awaitsAccess = false
        guard current == nil, let next = waiting.first, notBefore <= now else { return }
        guard takeToken(now: now) else { return }
        switch access.admit(now: now) {
        case .waiting:
            // The token was not used.
            tokens += 1
            awaitsAccess = true
        case .failed(let reason):
            waiting.removeFirst()
            current = next
            finish(.failure(APIResult.Failure(description: reason)))
        case .ready(let admission):
            waiting.removeFirst()
            current = next
            head = nil
            answerDeadline = now + Self.answerWait
            let (method, contentType) = next.request.method.parts
            let bytes = requestBytes(
                method,
                next.request.target,
                server: access.server,
                authorization: admission.authorization,
                agent: agent,
                acceptsGzip: true,
                contentType: next.request.body.isEmpty ? nil : contentType,
                body: Array(next.request.body.utf8)
            )
            connection.send(ServerConnection.Request(method: method, bytes: bytes), to: admission.target, now: now)
        }
    }

    /// Takes the right to send one request, or says when there will be one.
    private func takeToken(now: ContinuousClock.Instant) -> Bool {
        let passed = (now - filled) / .seconds(1)
        tokens = min(Double(limits.burst), tokens + passed * limits.perSecond)
        filled = now
        guard tokens >= 1 else {
            notBefore = now + .seconds(1) * ((1 - tokens) / limits.perSecond)
            return false
        }
        tokens -= 1
        return true
    }
}

extension APIRequest.Method {
    fileprivate var parts: (HTTPMethod, contentType: String) {
        switch self {
        case .get: (.get, "application/json")
        case .post: (.post, "application/json")
        case .put: (.put, "application/json")
        case .mergePatch: (.patch, "application/merge-patch+json")
        case .strategicMergePatch: (.patch, "application/strategic-merge-patch+json")
        case .delete: (.delete, "application/json")
        }
    }
}
