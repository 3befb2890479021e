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
        let family: TableFamily
        let set: DataPlaneSet
    }

    mutating func delete(_ element: Element, from set: DataPlaneSet, in family: TableFamily, owner: Int32) {
        deleted[SetKey(family: family, set: set), default: Batch()].append(element, owner: owner)
    }

    mutating func add(_ element: Element, to set: DataPlaneSet, in family: TableFamily, owner: Int32) {
        added[SetKey(family: family, set: set), default: Batch()].append(element, owner: owner)
    }

    /// The operations, all deletions before all additions, so that a key can move from one Service to another; with
    /// the owners of each operation's elements.
    func operations(tableName: String) -> [(operation: Operation, owners: [Int32])] {
        let order = TableFamily.allCases.flatMap { family in
            DataPlaneSet.allCases.map { SetKey(family: family, set: $0) }
        }
        let deletions = order.compactMap { key in
            deleted[key].map { batch in
                let table = Table(key.family, tableName)
                return (Operation.deleteElements(table, set: key.set.rawValue, batch.elements), batch.owners)
            }
        }
        let additions = order.compactMap { key in
            added[key].map { batch in
                let table = Table(key.family, tableName)
                return (Operation.addElements(table, set: key.set.rawValue, batch.elements), batch.owners)
            }
        }
        return deletions + additions
    }
}
