internal import Nftables

/// Elements to delete and to add, gathered over Services, with the Service that each is for.
struct ElementChanges {
    /// The elements of one set.
    struct Batch {
        var elements: [Element] = []
        /// The owner of each element: the index of its Service in the plan.
        var owners: [Int32] = []

        mutating func append(_ element: Element, owner: Int32) {
            elements.append(element)
            owners.append(owner)
        }
    }

    private(set) var deleted: [SetKey: Batch] = [:]
    private(set) var added: [SetKey: Batch] = [:]

    /// A set of one of the two tables.
    struct SetKey: Hashable {
        private let isIPv6: Bool
        let set: DataPlaneSet

        init(family: TableFamily, set: DataPlaneSet) {
            // A pattern: to compare and to hash the names of families takes longer than a small change to plan.
            isIPv6 = if case .ip6 = family { true } else { false }
            self.set = set
        }

        var family: TableFamily { isIPv6 ? .ip6 : .ip }

        /// Where its operations stand: IPv4 first.
        var place: Int { (isIPv6 ? 1000 : 0) + set.rawValue }
    }

    mutating func delete(_ element: Element, from set: DataPlaneSet, in family: TableFamily, owner: Int32) {
        deleted[SetKey(family: family, set: set), default: Batch()].append(element, owner: owner)
    }

    mutating func add(_ element: Element, to set: DataPlaneSet, in family: TableFamily, owner: Int32) {
        added[SetKey(family: family, set: set), default: Batch()].append(element, owner: owner)
    }

    /// An operation, with the owners of its elements.
    typealias OwnedOperation = (operation: Operation, owners: [Int32])

    /// The operations, deletions before additions, so that a key can move from one Service to another; and those that
    /// end the return of clients to endpoints, which come after them.
    consuming func operations(tableName: String) -> (first: [OwnedOperation], last: [OwnedOperation]) {
        let ends = takeEnds()
        func operations(
            _ batches: [SetKey: Batch],
            _ operation: (Table, String, [Element]) -> Operation
        ) -> [OwnedOperation] {
            batches.sorted { $0.key.place < $1.key.place }.map { key, batch in
                (operation(Table(key.family, tableName), key.set.name, batch.elements), batch.owners)
            }
        }
        let deletions = operations(deleted) { .deleteElements($0, set: $1, $2) }
        let additions = operations(added) { .addElements($0, set: $1, $2) }
        return (deletions + additions, operations(ends) { .deleteElements($0, set: $1, $2) })
    }

    /// Takes out the deletions of endpoints that no client may return to, but for those that are added again.
    ///
    /// As long as a client returns, it may be the endpoint itself: with them go the deletions of hairpin flows.
    private mutating func takeEnds() -> [SetKey: Batch] {
        var ends: [SetKey: Batch] = [:]
        for (key, batch) in deleted where key.set.holdsReturns {
            let kept = Set((added[key]?.elements ?? []).map(\.key))
            var staying = Batch()
            for (element, owner) in zip(batch.elements, batch.owners) {
                if kept.contains(element.key) {
                    staying.append(element, owner: owner)
                } else {
                    ends[key, default: Batch()].append(element, owner: owner)
                }
            }
            deleted[key] = staying.elements.isEmpty ? nil : staying
        }
        for family in Set(ends.keys.map(\.family)) {
            let key = SetKey(family: family, set: .hairpin)
            ends[key] = deleted.removeValue(forKey: key)
        }
        return ends
    }
}
