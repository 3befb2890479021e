package import ClusterState
internal import KubernetesAPI
package import Telemetry

/// Makes of what happens to objects the requests that tell it to an API server, as Events of `events.k8s.io/v1`.
///
/// What happens again is counted up in the Event that stands (`series`), and a cluster where everything goes wrong at
/// once is told of some of it only: an Event that nobody can find among thousands helps nobody. Pure: the caller has
/// the clock and the connection.
package struct EventRecorder: Sendable {
    private struct Standing {
        let name: String
        var count: Int
        var last: WallTime
    }

    /// How long an Event is counted up; servers forget them after an hour.
    private static let seriesSeconds: Int64 = 1800

    /// How many Events are remembered.
    private static let standingMax = 1000

    /// Events at once after a pause, and seconds for each further one: those of client-go for one object.
    private static let burst = 25.0
    private static let secondsForEach = 10.0

    /// The longest text that a server takes.
    private static let noteBytesMax = 1024

    private let instance: String
    private var standing: [ClusterEvent: Standing] = [:]
    private var tokens = burst
    private var filled: WallTime?

    /// Creates a recorder that speaks for the agent of a node.
    package init(nodeName: String) { instance = nodeName }

    /// Makes the request for something that happened; nil when too much happens.
    package mutating func request(for event: ClusterEvent, at now: WallTime) -> APIRequest? {
        guard takeToken(at: now) else { return nil }
        if var known = standing[event], now.seconds - known.last.seconds < Self.seriesSeconds {
            known.count += 1
            known.last = now
            standing[event] = known
            return APIRequest(
                .mergePatch,
                "\(Self.path(of: event))/\(known.name)",
                body: "{\"series\":{\"count\":\(known.count),\"lastObservedTime\":\"\(now.rfc3339Micro)\"}}"
            )
        }
        let nanoseconds = UInt64(bitPattern: now.seconds) &* 1_000_000_000 &+ UInt64(now.nanoseconds)
        let name = "\(event.object.name).\(String(nanoseconds, radix: 16))"
        if standing.count >= Self.standingMax {
            standing = standing.filter { now.seconds - $0.value.last.seconds < Self.seriesSeconds }
        }
        if standing.count < Self.standingMax { standing[event] = Standing(name: name, count: 1, last: now) }
        return APIRequest(.post, Self.path(of: event), body: body(of: event, name: name, at: now))
    }

    /// Forgets that an event was told, so that its next request makes a new Event.
    package mutating func forget(_ event: ClusterEvent) { standing[event] = nil }

    private mutating func takeToken(at now: WallTime) -> Bool {
        let passed = filled.map { Double(now.seconds - $0.seconds) } ?? 0
        // A clock that is set back gives nothing and takes nothing.
        if passed != 0 || filled == nil {
            tokens = min(Self.burst, tokens + max(0, passed) / Self.secondsForEach)
            filled = now
        }
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    private static func path(of event: ClusterEvent) -> String {
        "/apis/events.k8s.io/v1/namespaces/\(event.object.namespace)/events"
    }

    private func body(of event: ClusterEvent, name: String, at now: WallTime) -> String {
        let object = event.object
        func pair(_ name: String, _ text: String) -> String { "\"\(name)\":\(JSONText.quoted(text))" }
        let metadata = [pair("name", name), pair("namespace", object.namespace)]
        let uid = event.uid.map { [pair("uid", $0.description)] } ?? []
        let regarding =
            [
                pair("apiVersion", "v1"), pair("kind", object.kind.rawValue), pair("namespace", object.namespace),
                pair("name", object.name),
            ] + uid
        let members = [
            pair("apiVersion", "events.k8s.io/v1"), pair("kind", "Event"),
            "\"metadata\":{\(metadata.joined(separator: ","))}", pair("eventTime", now.rfc3339Micro),
            pair("reportingController", "fairlead-agent"), pair("reportingInstance", String(instance.prefix(128))),
            pair("action", event.reason.action), pair("reason", event.reason.rawValue),
            pair("type", event.severity.rawValue), pair("note", Self.note(event.message)),
            "\"regarding\":{\(regarding.joined(separator: ","))}",
        ]
        return "{\(members.joined(separator: ","))}"
    }

    private static func note(_ message: String) -> String {
        guard message.utf8.count > noteBytesMax else { return message }
        var note = Substring(message)
        while note.utf8.count > noteBytesMax - 3 { note.removeLast() }
        return note + "…"
    }
}

extension ClusterEvent.Reason {
    /// What the agent was about to do.
    fileprivate var action: String {
        switch self {
        case .healthCheckFailed: "StartServiceHealthcheck"
        case .programmingFailed: "ProgramService"
        }
    }
}

extension WallTime {
    /// The moment as Kubernetes writes a `MicroTime`: always six decimals.
    fileprivate var rfc3339Micro: String {
        let micro = String(nanoseconds / 1000 % 1000)
        return description.dropLast() + String(repeating: "0", count: 3 - micro.count) + micro + "Z"
    }
}
