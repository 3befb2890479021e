internal import ClusterState
internal import IngressDiscovery
internal import KubernetesAPI
internal import ListWatch

/// Who of several gateways leads, by a Lease that the API server keeps.
///
///     read ──▶ another leads ──▶ wait, read again ──▶ it has not renewed for its time ──▶ write
///      ▲                                                                                   │
///      └────────────── refused: somebody was faster ◀──────────────────────────────────────┤
///                                                                       leads: renew ◀─────┘
///
/// No clocks are compared: another's lease is over when this gateway has seen it unchanged for as long as it holds, and
/// the own one counts from before the request that renewed it was made. Of two writers the server refuses one, by the
/// version that each names. So two lead at once only if one of them did nothing at all for longer than
/// `duration - renewLimit` between finding that it leads and what it does as a leader.
struct LeaderElection: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long a lease holds without being renewed.
    static let duration = Duration.seconds(30)
    /// How often it is renewed, and looked at by those who do not lead.
    static let period = Duration.seconds(10)
    /// How long a leader that cannot renew goes on to lead.
    static let renewLimit = Duration.seconds(20)
    /// How soon a request that failed is made again.
    static let retry = Duration.seconds(2)

    private let identity: String
    private let name: NamespacedName
    /// The Lease as it was read last.
    private var object: ObjectValue?
    private var record: LeaseRecord?
    /// When the Lease was first seen as it is.
    private var seen: Instant?
    private var leadsUntil: Instant?
    private var attempt: Instant
    private var pending: Pending?
    private var isEnding = false

    /// Who leads as far as is known, for a log line; empty for nobody.
    var holder: String { record?.holder ?? "" }

    /// What is wrong, in words; nil when nothing is.
    private(set) var problem: String?

    private struct Pending {
        enum Kind { case read, write(LeaseRecord), create(LeaseRecord), release }
        let kind: Kind
        let since: Instant
    }

    init(identity: String, lease: NamespacedName, now: Instant) {
        self.identity = identity
        name = lease
        attempt = now
    }

    /// Whether this gateway leads.
    func isLeader(at now: Instant) -> Bool { !isEnding && leadsUntil.map { now < $0 } ?? false }

    /// Whether there is nothing left to say to the server after `release`.
    var hasEnded: Bool { isEnding && pending == nil && record?.holder != identity }

    /// When to ask for `next`, or to find that this gateway leads no more; nil when only an answer can bring news.
    var nextDeadline: Instant? {
        if pending != nil { return leadsUntil }
        if isEnding { return hasEnded ? nil : attempt }
        return min(attempt, leadsUntil ?? attempt)
    }

    /// Ends the part of this gateway; a lease that it has is given back at once.
    mutating func release(now: Instant) {
        isEnding = true
        leadsUntil = nil
        attempt = now
        if record?.holder != identity { record = nil }
    }

    /// The request to send now, if there is one; its outcome has to be told.
    ///
    /// - Parameters:
    ///   - now: The time by a clock that never jumps.
    ///   - wall: The time as people tell it, which goes into the Lease for them to read.
    /// - Returns: The request; nil when there is nothing to send.
    mutating func next(now: Instant, wall: Timestamp) -> APIRequest? {
        if let leadsUntil, now >= leadsUntil { self.leadsUntil = nil }
        guard pending == nil, now >= attempt else { return nil }
        let time = wall.rfc3339(.microseconds)
        guard let object, let record else {
            if isEnding { return nil }
            return send(.read, now, APIRequest(.get, path))
        }
        if isEnding {
            guard record.holder == identity else { return nil }
            var given = record
            given.holder = ""
            // A record without a holder is over at once for everybody.
            given.seconds = 1
            given.renewed = time
            return send(.release, now, APIRequest(.put, path, body: given.object(in: object).jsonText))
        }
        if record.holder == identity {
            var renewed = record
            renewed.renewed = time
            renewed.seconds = Self.duration.components.seconds
            return send(.write(renewed), now, APIRequest(.put, path, body: renewed.object(in: object).jsonText))
        }
        guard isOver(record, at: now) else { return send(.read, now, APIRequest(.get, path)) }
        let taken = LeaseRecord(
            holder: identity,
            seconds: Self.duration.components.seconds,
            now: time,
            transitions: record.transitions + 1
        )
        return send(.write(taken), now, APIRequest(.put, path, body: taken.object(in: object).jsonText))
    }

    /// The request that creates the Lease where there is none.
    private mutating func create(now: Instant, wall: Timestamp) -> APIRequest {
        let own = LeaseRecord(
            holder: identity,
            seconds: Self.duration.components.seconds,
            now: wall.rfc3339(.microseconds),
            transitions: 0
        )
        let metadata = ObjectValue.members(["name": .string(name.name), "namespace": .string(name.namespace)])
        let object = ObjectValue.members([
            "apiVersion": .string("coordination.k8s.io/v1"), "kind": .string("Lease"), "metadata": metadata,
        ])
        return send(.create(own), now, APIRequest(.post, collection, body: own.object(in: object).jsonText))
    }

    /// Takes how the last request went.
    ///
    /// - Parameters:
    ///   - outcome: The status and the body, or why there is none.
    ///   - now: The time by a clock that never jumps.
    ///   - wall: The time as people tell it.
    /// - Returns: A request to send at once, if there is one.
    mutating func ended(
        _ outcome: Result<(status: Int, body: ObjectValue?), LeaseFailure>,
        now: Instant,
        wall: Timestamp
    ) -> APIRequest? {
        guard let pending else { return nil }
        self.pending = nil
        attempt = now + Self.period
        let (status, body): (Int, ObjectValue?)
        switch outcome {
        case .success(let answer): (status, body) = answer
        case .failure(let failure):
            // Whether a write was obeyed is not known: its version tells at the next attempt.
            fail(failure.description, now)
            return nil
        }
        switch (pending.kind, status) {
        case (.read, 404): return isEnding ? nil : create(now: now, wall: wall)
        case (.read, 200):
            guard let body, let new = LeaseRecord(body) else {
                fail("the server answered with something that is no Lease", now)
                return nil
            }
            learn(new, body, now)
            if new.holder == identity || isOver(new, at: now) {
                attempt = now
                return next(now: now, wall: wall)
            }
        case (.write(let own), 200), (.create(let own), 201), (.create(let own), 200):
            learn(own, body ?? .null, now)
            problem = nil
            if body?["metadata"]?["resourceVersion"] == nil { forget() }
            if isEnding {
                // It was told to end in the meantime.
                attempt = now
                return next(now: now, wall: wall)
            }
            leadsUntil = pending.since + Self.renewLimit
        case (.release, _):
            record = nil
            object = nil
        case (_, 409), (_, 404):
            // Somebody else wrote, or removed it; who it is shows when it is read again.
            forget()
            leadsUntil = nil
            attempt = now
            return isEnding ? nil : next(now: now, wall: wall)
        default:
            let message = body?["message"]?.text ?? ""
            fail("the server answered \(status)\(message.isEmpty ? "" : ": \(message)")", now)
        }
        return nil
    }

    // MARK: - Records

    /// Whether a lease holds no more, as far as this gateway has seen.
    private func isOver(_ record: LeaseRecord, at now: Instant) -> Bool {
        guard !record.holder.isEmpty, let seen else { return true }
        return now >= seen + .seconds(max(1, record.seconds))
    }

    private mutating func learn(_ new: LeaseRecord, _ body: ObjectValue, _ now: Instant) {
        if new != record { seen = now }
        if new.holder != identity { leadsUntil = nil }
        record = new
        object = body
        problem = nil
    }

    private mutating func forget() {
        record = nil
        object = nil
    }

    private mutating func fail(_ reason: String, _ now: Instant) {
        problem = "Lease \(name): \(reason)"
        attempt = now + Self.retry
        // What the server holds is read anew before anything is written.
        if record?.holder == identity, !isEnding { forget() }
        if isEnding { forget() }
    }

    private mutating func send(_ kind: Pending.Kind, _ now: Instant, _ request: APIRequest) -> APIRequest {
        pending = Pending(kind: kind, since: now)
        return request
    }

    private var collection: String {
        "/apis/coordination.k8s.io/v1/namespaces/\(name.namespace.percentEncoded)/leases"
    }
    private var path: String { "\(collection)/\(name.name.percentEncoded)" }
}

/// Why a request about a Lease has no answer.
struct LeaseFailure: Error, CustomStringConvertible {
    let description: String
}
