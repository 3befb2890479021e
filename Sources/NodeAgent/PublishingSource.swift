package import ClusterState
internal import LinuxSystem
package import Telemetry

/// An API server as a source of objects that is also told what happens to them.
package final class PublishingSource: ObjectSource {
    private let server: APIServerSource
    private let log: Logger
    private var recorder: EventRecorder
    /// The events whose requests have not been answered.
    private var underway: [UInt64: (event: ClusterEvent, isUpdate: Bool)] = [:]
    private var hasToldOfRefusal = false
    private var hasToldOfFlood = false

    /// Creates a source around another one, in the name of the agent of a node.
    package init(_ server: APIServerSource, nodeName: String, log: Logger) {
        self.server = server
        self.log = log
        recorder = EventRecorder(nodeName: nodeName)
    }

    /// The descriptor that is readable when there may be news.
    package var descriptor: Int32 { server.descriptor }

    /// When to read even if the descriptor stays quiet.
    package var nextDeadline: ContinuousClock.Instant? { server.nextDeadline }

    /// Whether everything has been told that there was at the beginning.
    package var hasSynced: Bool { server.hasSynced }

    /// Returns what changed since the last call, and goes on telling what happened.
    package func read() -> SourceNews {
        let news = server.read()
        for result in server.takeResults() { take(result) }
        return news
    }

    /// Tells the server what happened to an object, as soon as the limits allow; never waits.
    package func publish(_ event: ClusterEvent) {
        guard let request = recorder.request(for: event, at: AgentStatus.Moment.now.wall) else {
            if !hasToldOfFlood {
                log.warning("too much happens to be told to the API server as Events; the log has all of it")
            }
            hasToldOfFlood = true
            return
        }
        hasToldOfFlood = false
        guard let id = server.enqueue(request) else { return }
        underway[id] = (event, request.method != .post)
    }

    private func take(_ result: APIResult) {
        guard let (event, isUpdate) = underway.removeValue(forKey: result.id) else { return }
        switch result.outcome {
        case .success(let answer) where (200..<300).contains(answer.status): hasToldOfRefusal = false
        case .success(let answer) where answer.status == 404 && isUpdate:
            // The server has forgotten it.
            recorder.forget(event)
            publish(event)
        case .success(let answer):
            recorder.forget(event)
            if answer.status == 403 {
                refused(
                    "the API server does not let the agent write Events (403); grant the verbs create and patch on the "
                        + "resource \"events\" of the API group \"events.k8s.io\" in a ClusterRole that is bound to "
                        + "this program's account"
                )
            } else {
                refused("the API server takes no Event: it answers \(answer.status)")
            }
        case .failure(let failure):
            recorder.forget(event)
            log.debug("an Event of \(event.object) is not written: \(failure)")
        }
    }

    private func refused(_ message: String) {
        if !hasToldOfRefusal { log.warning(message) }
        hasToldOfRefusal = true
    }
}
