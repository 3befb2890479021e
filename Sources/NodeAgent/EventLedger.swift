package import KubernetesAPI

/// Which events stand, so that each is told once however often it happens.
package struct EventLedger {
    private struct Cause: Hashable {
        let object: ObjectReference
        let reason: ClusterEvent.Reason
    }

    /// The most causes that are remembered; beyond, what happens again is told again.
    package static let causesMax = 10_000

    private var messages: [Cause: String] = [:]

    /// Creates a ledger in which nothing stands.
    package init() {}

    /// Notes that something happened; returns whether that is news.
    package mutating func note(_ event: ClusterEvent) -> Bool {
        let cause = Cause(object: event.object, reason: event.reason)
        guard messages[cause] != event.message else { return false }
        if messages[cause] != nil || messages.count < Self.causesMax { messages[cause] = event.message }
        return true
    }

    /// Notes that it is over, so that the next time is news.
    package mutating func clear(_ reason: ClusterEvent.Reason, of object: ObjectReference) {
        messages[Cause(object: object, reason: reason)] = nil
    }
}
