internal import KubernetesAPI

/// What a Lease says: who leads, and since when without having said so again.
struct LeaseRecord: Hashable, Sendable {
    /// Who leads; empty for nobody.
    var holder: String
    /// How long the holder leads without renewing.
    var seconds: Int64
    /// When the holder began to lead, by its own clock.
    var acquired: String?
    /// When the holder renewed the last time, by its own clock.
    var renewed: String?
    /// How often another began to lead.
    var transitions: Int64

    /// Reads a Lease; nil when it is none.
    init?(_ lease: ObjectValue) {
        guard lease["metadata"]?["name"] != nil else { return nil }
        let spec = lease["spec"]
        holder = spec?["holderIdentity"]?.text ?? ""
        seconds = spec?["leaseDurationSeconds"]?.number ?? 0
        acquired = spec?["acquireTime"]?.text
        renewed = spec?["renewTime"]?.text
        transitions = spec?["leaseTransitions"]?.number ?? 0
    }

    /// Creates the record of somebody who leads from now on.
    init(holder: String, seconds: Int64, now: String, transitions: Int64) {
        self.holder = holder
        self.seconds = seconds
        acquired = now
        renewed = now
        self.transitions = transitions
    }

    /// The Lease as JSON: what was read, with this in the place of its `spec`.
    func object(in read: ObjectValue) -> ObjectValue {
        let spec = ObjectValue.members([
            "holderIdentity": .string(holder),
            "leaseDurationSeconds": .integer(seconds),
            "acquireTime": acquired.map { .string($0) },
            "renewTime": renewed.map { .string($0) },
            "leaseTransitions": .integer(transitions),
        ])
        guard case .object(let members) = read else { return read }
        return .object(members.filter { $0.name != "spec" } + [ObjectValue.Member(name: "spec", value: spec)])
    }
}

extension ObjectValue {
    /// The text, if this is text.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number, if this is a whole one.
    var number: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }
}
