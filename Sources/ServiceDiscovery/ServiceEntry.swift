internal import KubernetesAPI
internal import ServiceModel

/// All that is known under one Service name: the Service, and the objects that name it as theirs.
///
/// Either can come first, and either can be alone.
struct ServiceEntry: Sendable {
    /// What the Service asks for; nil while there is no such Service.
    var service: ServiceReading?
    /// The slices that belong to it, by name; few, as each holds up to a thousand endpoints.
    private(set) var slices: [SliceReading] = []
    /// The Endpoints object of its name.
    var endpoints: EndpointsReading?
    /// Which label of the selector leads to it in the index; nil when it is not there.
    var selectorAnchor: Int32?
    /// What was last returned.
    var returned = Returned.nothing

    /// Whether nothing is known and nothing was said, so that the entry can be forgotten.
    var isVacant: Bool { service == nil && slices.isEmpty && endpoints == nil && returned.frontEndCount == 0 }

    /// Whether the endpoints come from pods, by the precedence that `EndpointSource` explains.
    var usesPods: Bool { slices.isEmpty && endpoints == nil }

    /// Whether the endpoints depend on the zone that this node is in.
    var dependsOnZone: Bool { slices.contains { !$0.group.zoneHints.isEmpty } }

    /// Puts a slice in the place of the one with its name; returns whether that changes anything.
    mutating func replaceSlice(_ slice: SliceReading) -> Bool {
        guard let index = slices.firstIndex(where: { $0.name == slice.name }) else {
            slices.append(slice)
            return true
        }
        guard slices[index] != slice else { return false }
        slices[index] = slice
        return true
    }

    /// Takes a slice away.
    mutating func removeSlice(named name: String) {
        slices.removeAll { $0.name == name }
    }
}
