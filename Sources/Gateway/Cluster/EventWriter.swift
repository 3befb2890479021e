internal import ClusterState
internal import KubernetesAPI
internal import ListWatch

/// What a Kubernetes Event tells about an object.
struct ClusterEvent: Hashable, Sendable {
    /// Whether somebody should look at it.
    enum Severity: String { case normal = "Normal", warning = "Warning" }

    /// The object.
    var object: ObjectReference
    /// The identity of the object, by which `kubectl describe` finds the Event; nil when unknown.
    var uid: String?
    /// Whether somebody should look at it.
    var severity: Severity
    /// The cause in one word.
    var reason: String
    /// What happened, and what to do about it.
    var message: String
}

/// Which Events are told, and when: each once, no more than somebody can read, and none about what was over at once.
///
/// An Event's name comes from its words, so that several gateways, and one that starts again, tell the same Event and
/// not one each: the server refuses the second, whose time then goes into the first.
struct EventWriter: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long a problem stands before it is told: Secrets and Services come a moment after the Ingress that names them.
    static let settleTime = Duration.seconds(2)
    /// How soon the same Event is told again.
    static let repeatTime = Duration.seconds(300)
    /// Events about one object at once, and how long it takes until there may be one more.
    static let burst = 10
    static let refillTime = Duration.seconds(30)
    /// Events that wait, and Events that are remembered.
    static let waitingMax = 1000
    static let rememberedMax = 10_000
    /// Requests that are under way at once.
    static let requestsMax = 5
    /// How often a request that has no answer is made.
    static let attemptsMax = 3

    /// One request, to be sent now.
    struct Write: Hashable {
        let event: ClusterEvent
        let isRepeated: Bool
        let request: APIRequest
    }

    private struct Waiting {
        let event: ClusterEvent
        var due: Instant
        var attempts = 0
        var isRepeated = false
    }

    private struct Budget {
        var left = Double(EventWriter.burst)
        var filled: Instant
    }

    private let component: String
    private let instance: String
    private var waiting: [Waiting] = []
    private var told: [ClusterEvent: Instant] = [:]
    private var budgets: [ObjectReference: Budget] = [:]
    private var attempts: [ClusterEvent: Int] = [:]
    private var underWay = 0

    /// The Events that nobody is told of, because there were too many.
    private(set) var droppedCount = 0

    init(component: String, instance: String) {
        self.component = component
        self.instance = instance
    }

    /// Takes an Event to tell at once.
    mutating func tell(_ event: ClusterEvent, now: Instant) { add(event, due: now, now: now) }

    /// Takes an Event to tell if it is not taken back for a while.
    mutating func tellIfItStands(_ event: ClusterEvent, now: Instant) {
        add(event, due: now + Self.settleTime, now: now)
    }

    /// Takes an Event back that may not be told yet.
    mutating func takeBack(_ event: ClusterEvent) { waiting.removeAll { $0.event == event && $0.attempts == 0 } }

    private mutating func add(_ event: ClusterEvent, due: Instant, now: Instant) {
        if waiting.contains(where: { $0.event == event }) { return }
        if let last = told[event], now < last + Self.repeatTime { return }
        guard waiting.count < Self.waitingMax else {
            droppedCount += 1
            return
        }
        waiting.append(Waiting(event: event, due: due, isRepeated: told[event] != nil))
    }

    /// The requests to send now, each to be told of with `ended`.
    mutating func next(now: Instant, wall: Timestamp) -> [Write] {
        var writes: [Write] = []
        var kept: [Waiting] = []
        for entry in waiting {
            guard entry.due <= now, underWay < Self.requestsMax else {
                kept.append(entry)
                continue
            }
            guard entry.attempts > 0 || take(entry.event.object, now: now) else {
                droppedCount += 1
                continue
            }
            underWay += 1
            attempts[entry.event] = entry.attempts + 1
            writes.append(write(entry.event, isRepeated: entry.isRepeated, wall: wall))
        }
        waiting = kept
        return writes
    }

    /// Takes how a request ended: with a status, or with no answer.
    mutating func ended(_ write: Write, status: Int?, now: Instant) {
        underWay -= 1
        let count = attempts.removeValue(forKey: write.event) ?? 1
        // No answer is as good as that of a server that cannot.
        switch status ?? 503 {
        case 409 where !write.isRepeated:
            // Another gateway has told it, or this one before it was started again.
            waiting.append(Waiting(event: write.event, due: now, attempts: count, isRepeated: true))
        case 404 where write.isRepeated:
            // The server forgets Events after an hour.
            waiting.append(Waiting(event: write.event, due: now, attempts: count, isRepeated: false))
        case 429, 500...599:
            guard count < Self.attemptsMax else {
                droppedCount += 1
                return
            }
            let due = now + .seconds(5 * count)
            waiting.append(Waiting(event: write.event, due: due, attempts: count, isRepeated: write.isRepeated))
        case 200...299:
            if told.count >= Self.rememberedMax { told = told.filter { now < $0.value + Self.repeatTime } }
            if told.count < Self.rememberedMax { told[write.event] = now }
        default:
            // What the server refuses, such as an Event in a namespace that ends, it would refuse again.
            droppedCount += 1
        }
    }

    /// When to ask for `next`.
    var nextDeadline: Instant? { underWay < Self.requestsMax ? waiting.map(\.due).min() : nil }

    /// Takes the right to tell one Event about an object.
    private mutating func take(_ object: ObjectReference, now: Instant) -> Bool {
        if budgets.count >= Self.rememberedMax {
            budgets = budgets.filter { now < $0.value.filled + Self.refillTime * Self.burst }
        }
        var budget = budgets[object] ?? Budget(filled: now)
        budget.left = min(Double(Self.burst), budget.left + (now - budget.filled) / Self.refillTime)
        budget.filled = now
        let isAllowed = budget.left >= 1
        if isAllowed { budget.left -= 1 }
        budgets[object] = budget
        return isAllowed
    }

    // MARK: - Requests

    private func write(_ event: ClusterEvent, isRepeated: Bool, wall: Timestamp) -> Write {
        let namespace = event.object.namespace.isEmpty ? "default" : event.object.namespace
        let collection = "/api/v1/namespaces/\(namespace.percentEncoded)/events"
        let (name, time) = (Self.name(of: event), ObjectValue.string(wall.rfc3339()))
        if isRepeated {
            let body = ObjectValue.members(["lastTimestamp": time]).jsonText
            let request = APIRequest(.mergePatch, "\(collection)/\(name.percentEncoded)", body: body)
            return Write(event: event, isRepeated: true, request: request)
        }
        let object = ObjectValue.members([
            "apiVersion": .string(Self.apiVersion(of: event.object.kind)),
            "kind": .string(event.object.kind.rawValue),
            "namespace": event.object.namespace.isEmpty ? nil : .string(event.object.namespace),
            "name": .string(event.object.name),
            "uid": event.uid.map { .string($0) },
        ])
        let body = ObjectValue.members([
            "apiVersion": .string("v1"), "kind": .string("Event"),
            "metadata": .members(["name": .string(name), "namespace": .string(namespace)]),
            "involvedObject": object,
            "type": .string(event.severity.rawValue),
            "reason": .string(event.reason),
            // The API server takes no longer message.
            "message": .string(String(event.message.unicodeScalars.prefix(1000))),
            "source": .members(["component": .string(component), "host": .string(instance)]),
            "firstTimestamp": time, "lastTimestamp": time,
            "count": .integer(1),
            "reportingComponent": .string(component),
            "reportingInstance": .string(instance),
        ])
        return Write(event: event, isRepeated: false, request: APIRequest(.post, collection, body: body.jsonText))
    }

    /// A name that the same words about the same object always have.
    static func name(of event: ClusterEvent) -> String {
        // FNV-1a; Swift's own hashes are others in every process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in [event.object.kind.rawValue, event.uid ?? "", event.severity.rawValue, event.reason, event.message]
        {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        let suffix = "." + String(repeating: "0", count: 16 - digits.count) + digits
        // Names have at most 253 characters.
        return String(event.object.name.prefix(253 - suffix.utf8.count)) + suffix
    }

    private static func apiVersion(of kind: ObjectKind) -> String {
        switch kind {
        case .ingress, .ingressClass, .serviceCIDR: "networking.k8s.io/v1"
        case .endpointSlice: "discovery.k8s.io/v1"
        case .service, .endpoints, .node, .pod, .secret, .configMap, .namespace: "v1"
        }
    }
}
