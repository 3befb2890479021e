internal import NetworkAddress
internal import Nftables
internal import ServiceModel

/// Gathers the element changes of one Service after the other.
struct PlanBuilder {
    /// How many front ends need each shared element before the plan.
    private let references: [SharedElement: Int]
    /// The families that have a table.
    private let families: Set<AddressFamily>

    private var changes = ElementChanges()
    private var services: [ObjectName] = []
    private var outcomes: [[ProgrammedFrontEnd]] = []
    private var referenceChanges: [SharedElement: Int] = [:]
    /// The chains on demand that elements lead to.
    private(set) var chains: Set<DataPlaneChain> = []
    private var departed: [DepartedEndpoint] = []
    private var answered: [FrontEndKey] = []
    /// The Service that first needed more of a shared element, or else fewer.
    private var referenceOwners: [SharedElement: Int32] = [:]

    init(references: [SharedElement: Int], families: Set<AddressFamily>) {
        self.references = references
        self.families = families
    }

    /// How many Services were added.
    var serviceCount: Int { services.count }

    private var owner: Int32 { Int32(services.count - 1) }

    // MARK: - Services

    /// Adds what brings a Service from what is programmed to a snapshot.
    mutating func change(_ snapshot: ServiceSnapshot, from held: [ProgrammedFrontEnd]) {
        services.append(snapshot.service)
        let wanted = programmed(snapshot, current: held)
        outcomes.append(wanted)
        // A Service has a handful of front ends; a search is faster than a dictionary.
        for old in held where !wanted.contains(where: { $0.key == old.key }) { remove(old) }
        for new in wanted {
            if let old = held.first(where: { $0.key == new.key }) {
                replace(old, with: new)
            } else {
                insert(new)
                // Flows that began before the Service was made are tracked, untranslated.
                if !new.endpoints.isEmpty { answered.append(new.key) }
            }
        }
    }

    /// Adds everything that is programmed for a Service, into tables that were emptied.
    mutating func restore(_ service: ObjectName, _ held: [ProgrammedFrontEnd]) {
        services.append(service)
        outcomes.append(held)
        for frontEnd in held { insert(frontEnd) }
    }

    /// Adds everything that a snapshot wants, into tables that were emptied.
    mutating func restore(_ snapshot: ServiceSnapshot, current held: [ProgrammedFrontEnd]) {
        let wanted = programmed(snapshot, current: held)
        restore(snapshot.service, wanted)
        for old in held { noteDepartures(from: old, to: wanted.first { $0.key == old.key }) }
    }

    private func programmed(
        _ snapshot: ServiceSnapshot,
        current held: [ProgrammedFrontEnd]
    ) -> [ProgrammedFrontEnd] {
        // A family without a table is rare, and an array that is filtered has room to spare.
        let hasTables = snapshot.frontEnds.allSatisfy { families.contains($0.key.family) }
        let frontEnds = hasTables ? snapshot.frontEnds : snapshot.frontEnds.filter { families.contains($0.key.family) }
        return frontEnds.map { frontEnd in
            ProgrammedFrontEnd(frontEnd, current: held.first { $0.key == frontEnd.key })
        }
    }

    // MARK: - Front ends

    private mutating func insert(_ new: ProgrammedFrontEnd) {
        let family = TableFamily(new.key.family)
        let comment = comment(for: new)
        new.forEachFixedElement(comment: comment) { changes.add($1, to: $0, in: family, owner: owner) }
        for (map, slots) in new.slotLists {
            for (slot, endpoint) in slots.enumerated() {
                let element = new.slotElement(slot, endpoint, comment: comment)
                changes.add(element, to: map, in: family, owner: owner)
            }
        }
        for (set, element) in affinityElements(of: new, comment: comment) {
            changes.add(element, to: set, in: family, owner: owner)
        }
        new.forEachChain { if !chains.contains($0) { chains.formUnion($0.withDependencies) } }
        new.forEachSharedElement { count($0, by: 1) }
    }

    private mutating func remove(_ old: ProgrammedFrontEnd) {
        let family = TableFamily(old.key.family)
        let comment = comment(for: old)
        old.forEachFixedElement(comment: comment) { changes.delete($1, from: $0, in: family, owner: owner) }
        for (map, slots) in old.slotLists {
            for (slot, endpoint) in slots.enumerated() {
                let element = old.slotElement(slot, endpoint, comment: comment)
                changes.delete(element, from: map, in: family, owner: owner)
            }
        }
        for (set, element) in affinityElements(of: old, comment: comment) {
            changes.delete(element, from: set, in: family, owner: owner)
        }
        old.forEachSharedElement { count($0, by: -1) }
        noteDepartures(from: old, to: nil)
    }

    private mutating func replace(_ old: ProgrammedFrontEnd, with new: ProgrammedFrontEnd) {
        guard old != new else { return }
        let family = TableFamily(new.key.family)
        if !new.differsInSlotsOnly(from: old) { replaceFixedElements(of: old, with: new, in: family) }
        replaceSlots(of: old, with: new, in: family)
        replaceAffinityElements(of: old, with: new, in: family)
        new.forEachChain { if !chains.contains($0) { chains.formUnion($0.withDependencies) } }
        old.forEachSharedElement { count($0, by: -1) }
        new.forEachSharedElement { count($0, by: 1) }
        noteDepartures(from: old, to: new)
    }

    private mutating func replaceFixedElements(
        of old: ProgrammedFrontEnd,
        with new: ProgrammedFrontEnd,
        in family: TableFamily
    ) {
        var kept: [(DataPlaneSet, Element)] = []
        old.forEachFixedElement(comment: comment(for: old)) { kept.append(($0, $1)) }
        let comment = comment(for: new)
        var added: [(DataPlaneSet, Element)] = []
        new.forEachFixedElement(comment: comment) { set, element in
            if let index = kept.firstIndex(where: { $0 == (set, element) }) {
                kept.remove(at: index)
            } else {
                added.append((set, element))
            }
        }
        for (set, element) in kept { changes.delete(element, from: set, in: family, owner: owner) }
        for (set, element) in added { changes.add(element, to: set, in: family, owner: owner) }
    }

    private mutating func replaceSlots(
        of old: ProgrammedFrontEnd,
        with new: ProgrammedFrontEnd,
        in family: TableFamily
    ) {
        let oldComment = comment(for: old)
        let newComment = comment(for: new)
        for (before, after) in zip(old.slotLists, new.slotLists) {
            for slot in 0..<max(before.slots.count, after.slots.count) {
                let oldElement =
                    slot < before.slots.count ? old.slotElement(slot, before.slots[slot], comment: oldComment) : nil
                let newElement =
                    slot < after.slots.count ? new.slotElement(slot, after.slots[slot], comment: newComment) : nil
                guard oldElement != newElement else { continue }
                // The data of an element cannot be changed: it is deleted, and another with its key is added.
                if let oldElement { changes.delete(oldElement, from: before.map, in: family, owner: owner) }
                if let newElement { changes.add(newElement, to: after.map, in: family, owner: owner) }
            }
        }
    }

    // MARK: - What flows remember

    /// The endpoints that clients of a front end may return to, each once, as elements.
    private func affinityElements(
        of frontEnd: ProgrammedFrontEnd,
        comment: String
    ) -> [(set: DataPlaneSet, element: Element)] {
        guard frontEnd.affinitySeconds != nil else { return [] }
        var seen: Set<TransportAddress> = []
        return frontEnd.endpoints.filter { seen.insert($0.destination).inserted }
            .map { frontEnd.affinityElement($0, comment: comment) }
    }

    private mutating func replaceAffinityElements(
        of old: ProgrammedFrontEnd,
        with new: ProgrammedFrontEnd,
        in family: TableFamily
    ) {
        guard old.affinitySeconds != nil || new.affinitySeconds != nil else { return }
        let before = affinityElements(of: old, comment: comment(for: old))
        let after = affinityElements(of: new, comment: comment(for: new))
        let held = Set(before.map(\.element))
        let wanted = Set(after.map(\.element))
        for (set, element) in before where !wanted.contains(element) {
            changes.delete(element, from: set, in: family, owner: owner)
        }
        for (set, element) in after where !held.contains(element) {
            changes.add(element, to: set, in: family, owner: owner)
        }
    }

    /// Notes that flows to a front end may still be sent to endpoints that are no longer its own, or to none.
    ///
    /// An endpoint that is left to the node's own clients, as a policy becomes `Local`, has departed as well: all other
    /// clients would return to it. Which of its flows are whose is not known.
    private mutating func noteDepartures(from old: ProgrammedFrontEnd, to new: ProgrammedFrontEnd?) {
        func leaving(_ list: (ProgrammedFrontEnd) -> [Endpoint]) -> Set<TransportAddress> {
            Set(list(old).map(\.destination)).subtracting((new.map(list) ?? []).map(\.destination))
        }
        let departing = leaving(\.endpointsOfOthers).union(leaving(\.endpointsOfOwnClients))
        for endpoint in departing.sorted() {
            departed.append(
                DepartedEndpoint(frontEnd: old.key, endpoint: endpoint, hadAffinity: old.affinitySeconds != nil)
            )
        }
        if let new, old.endpoints.isEmpty, !new.endpoints.isEmpty { answered.append(new.key) }
    }

    /// `namespace/name:port` of the Service that was added last, cut to what a comment can hold.
    private func comment(for frontEnd: ProgrammedFrontEnd) -> String {
        let service = services[services.count - 1]
        return ElementComment.fitting(frontEnd.portName.isEmpty ? "\(service)" : "\(service):\(frontEnd.portName)")
    }

    private mutating func count(_ element: SharedElement, by change: Int) {
        referenceChanges[element, default: 0] += change
        if change > 0 || referenceOwners[element] == nil { referenceOwners[element] = owner }
    }

    // MARK: - The plan

    /// Returns the plan of everything that was added.
    ///
    /// - Parameters:
    ///   - preparation: What comes before the elements: what empties the tables, or chains that elements lead to.
    ///   - tableName: The name of the tables.
    ///   - isRebuild: Whether the preparation empties the tables.
    ///   - spareChains: Chains on demand that the preparation makes though no element leads to them.
    /// - Returns: The plan.
    consuming func plan(
        preparation: [Operation],
        tableName: String,
        isRebuild: Bool,
        spareChains: Set<DataPlaneChain> = []
    ) -> Plan {
        for (element, change) in referenceChanges where change != 0 {
            let before = references[element] ?? 0
            let after = before + change
            let owner = referenceOwners[element] ?? 0
            if before == 0, after > 0 {
                changes.add(element.element, to: element.set, in: element.family, owner: owner)
            } else if before > 0, after == 0 {
                changes.delete(element.element, from: element.set, in: element.family, owner: owner)
            }
        }
        let (first, last) = changes.operations(tableName: tableName)
        let operations = first + last
        return Plan(
            transaction: Transaction(preparation + operations.map(\.operation)),
            chainOperations: isRebuild ? 0 : preparation.count,
            endOperations: last.count,
            services: services,
            departed: departed,
            answered: answered,
            owners: preparation.map { _ in [] } + operations.map(\.owners),
            outcomes: outcomes,
            referenceChanges: referenceChanges.filter { $0.value != 0 },
            chains: chains,
            spareChains: spareChains,
            isRebuild: isRebuild
        )
    }
}
