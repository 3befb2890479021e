internal import NetworkAddress
package import Nftables
internal import Telemetry

/// A ruleset store that measures another: how long the kernel takes, and how many elements each set has by its
/// acknowledgements.
package final class MeasuredRulesetStore: RulesetStore {
    private struct SetKey: Hashable {
        let table: Table
        let set: String
    }

    private let store: any RulesetStore
    private let metrics: ProxyMetrics
    private var counts: [SetKey: Int] = [:]

    /// Creates a store in front of another.
    package init(_ store: any RulesetStore, metrics: ProxyMetrics) {
        self.store = store
        self.metrics = metrics
    }

    /// Asks the store.
    package func generation() throws(RulesetError) -> UInt32 { try store.generation() }

    /// Asks the store.
    package func contents(of table: Table) throws(RulesetError) -> TableContents? { try store.contents(of: table) }

    /// Asks the store.
    package func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
        try store.elements(of: set, in: table)
    }

    /// Asks the store, and measures how long it takes and what it then holds.
    package func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
        let began = ContinuousClock.now
        try store.apply(transaction, expecting: expected)
        metrics.commitDuration.observe(.now - began)
        var changed: Set<SetKey> = []
        for operation in transaction.operations { count(operation, &changed) }
        for key in changed {
            let gauge = metrics.elements[key.table.family.addressFamily.description, key.set]
            gauge.set(counts[key] ?? 0)
        }
    }

    private func count(_ operation: Operation, _ changed: inout Set<SetKey>) {
        switch operation {
        case .addElements(let table, let set, let elements):
            change(SetKey(table: table, set: set), by: elements.count, &changed)
        case .deleteElements(let table, let set, let elements):
            change(SetKey(table: table, set: set), by: -elements.count, &changed)
        case .flushSet(let table, let name), .deleteSet(let table, let name):
            let key = SetKey(table: table, set: name)
            change(key, by: -(counts[key] ?? 0), &changed)
        case .addSet(let table, let declaration):
            // A set is declared only when everything is written again: another program may have deleted the one before.
            let key = SetKey(table: table, set: declaration.name)
            change(key, by: -(counts[key] ?? 0), &changed)
        case .deleteTable(let table):
            for key in counts.keys where key.table == table { change(key, by: -(counts[key] ?? 0), &changed) }
        case .addTable, .addChain, .deleteChain, .flushRules, .addRule:
            break
        }
    }

    private func change(_ key: SetKey, by amount: Int, _ changed: inout Set<SetKey>) {
        counts[key, default: 0] += amount
        changed.insert(key)
    }
}
