internal import Nftables

/// What a transaction has changed so far, so that a refused one can be undone.
///
/// Its length follows the transaction's, not the ruleset's.
struct ChangeLog {
    enum Change {
        case tableAdded(Table)
        case tableDeleted(TableState)
        case chainAdded(TableState, ChainState)
        case chainDeleted(TableState, ChainState)
        case ruleAdded(TableState, ChainState)
        case rulesDeleted(TableState, ChainState, [Rule])
        case setAdded(TableState, SetState)
        case setDeleted(TableState, SetState)
        case foreignSetDeleted(TableState, name: String)
        case element(TableState, SetState, PackedFields, was: ElementContent?)
        /// The kernel counts an update of a chain or set as a change, though nothing differs after it.
        case updated
    }

    private var changes: [Change] = []

    var isEmpty: Bool { changes.isEmpty }

    mutating func append(_ change: Change) { changes.append(change) }

    /// Undoes the changes, the last one first.
    mutating func undo(in tables: inout [Table: TableState]) {
        while let change = changes.popLast() {
            switch change {
            case .tableAdded(let table): tables[table] = nil
            case .tableDeleted(let state): tables[state.table] = state
            case .chainAdded(let table, let chain): table.detach(chain)
            case .chainDeleted(let table, let chain): table.attach(chain)
            case .ruleAdded(let table, let chain): table.removeLastRule(of: chain)
            case .rulesDeleted(let table, let chain, let rules): for rule in rules { table.append(rule, to: chain) }
            case .setAdded(let table, let set): table.detach(set)
            case .setDeleted(let table, let set): table.attach(set)
            case .foreignSetDeleted(let table, let name): table.foreignSets.insert(name)
            case .element(let table, let set, let key, let old): table.put(old, at: key, in: set)
            case .updated: break
            }
        }
    }
}
