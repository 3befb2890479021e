internal import ServiceModel

/// Which endpoint is in which slot.
enum Slots {
    /// Returns slots that hold the endpoints, with as few changes as can be.
    ///
    /// An endpoint that stays keeps its slot. New ones take the slots of those that went; slots that are left over
    /// are filled from the end.
    static func filled(_ current: [Endpoint], with endpoints: [Endpoint]) -> [Endpoint] {
        guard !current.isEmpty else { return endpoints }
        let wanted = Dictionary(endpoints.map { ($0.destination, $0) }, uniquingKeysWith: { first, _ in first })
        let held = Set(current.map(\.destination))
        var arrivals = endpoints.filter { !held.contains($0.destination) }[...]
        // The locality may have changed though the destination has not.
        var slots: [Endpoint?] = current.map { wanted[$0.destination] ?? arrivals.popFirst() }
        slots += arrivals.map { $0 }
        while let hole = slots.firstIndex(where: { $0 == nil }) {
            guard let last = slots.popLast(), hole < slots.count else { continue }
            if let last { slots[hole] = last }
        }
        return slots.compactMap(\.self)
    }
}
