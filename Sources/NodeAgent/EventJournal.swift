internal import KubernetesAPI
package import ServiceModel
package import Telemetry

/// Tells of what happens to objects, each thing once: in the log, and to whoever publishes events in the cluster.
///
/// The agent's thread keeps it.
package final class EventJournal {
    private let log: Logger
    private let publish: (ClusterEvent) -> Void
    private var ledger = EventLedger()

    /// Says what tells an object from a later one of its name.
    var identify: (ObjectReference) -> ObjectUID? = { _ in nil }

    /// Creates a journal.
    ///
    /// - Parameters:
    ///   - log: Where every event is a line, with its message.
    ///   - publish: Called with every event; it must not wait.
    package init(log: Logger, publish: @escaping (ClusterEvent) -> Void = { _ in }) {
        self.log = log
        self.publish = publish
    }

    /// Tells of something, unless it was told already and is not over.
    package func tell(_ event: ClusterEvent) {
        guard ledger.note(event) else { return }
        switch event.severity {
        case .normal: log.info(event.message)
        case .warning: log.error(event.message)
        }
        var event = event
        event.uid = identify(event.object)
        publish(event)
    }

    /// Tells that something is over.
    package func solved(_ reason: ClusterEvent.Reason, of service: ObjectName, _ message: String) {
        ledger.clear(reason, of: .init(kind: .service, namespace: service.namespace, name: service.name))
        log.info("solved: \(message)")
    }
}
