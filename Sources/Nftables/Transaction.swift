/// One change of the ruleset.
package enum Operation: Hashable, Sendable {
    /// Makes the table unless it exists.
    case addTable(Table)
    /// Deletes the table and all that is in it; fails when there is none.
    case deleteTable(Table)
    /// Makes the chain unless it exists; fails when one of that name is hooked in elsewhere.
    case addChain(Table, Chain)
    /// Deletes a chain that has no rules and that nothing leads to.
    case deleteChain(Table, name: String)
    /// Deletes all rules of the table.
    case flushRules(Table)
    /// Appends the rule to a chain.
    case addRule(Table, chain: String, Rule)
    /// Makes the set unless it exists; fails when one of that name has other types.
    case addSet(Table, SetDeclaration)
    /// Deletes a set that no rule uses.
    case deleteSet(Table, name: String)
    /// Deletes all elements of a set.
    case flushSet(Table, name: String)
    /// Adds elements; one that is there already with the same value stays, with another value it is refused.
    case addElements(Table, set: String, [Element])
    /// Deletes elements by their keys, each of which must be there. Values and comments do not matter.
    case deleteElements(Table, set: String, [Element])
}

/// Changes that the kernel makes all at once, or not at all.
package struct Transaction: Hashable, Sendable {
    /// The changes, in the order in which they apply.
    package var operations: [Operation]

    /// Creates a transaction.
    package init(_ operations: [Operation] = []) { self.operations = operations }

    /// Whether there is nothing to do.
    package var isEmpty: Bool { operations.isEmpty }

    /// The number of elements that are added or deleted.
    package var elementCount: Int {
        operations.reduce(0) { sum, operation in
            switch operation {
            case .addElements(_, _, let elements), .deleteElements(_, _, let elements): sum + elements.count
            default: sum
            }
        }
    }

    /// Whether it changes something whatever there is, if it is not refused: then it moves the generation by one.
    package var changesForSure: Bool {
        operations.contains { operation in
            switch operation {
            case .addRule, .deleteTable, .deleteChain, .deleteSet: true
            case .deleteElements(_, _, let elements): !elements.isEmpty
            case .addTable, .addChain, .flushRules, .addSet, .flushSet, .addElements: false
            }
        }
    }

    /// Appends a change.
    package mutating func append(_ operation: Operation) { operations.append(operation) }

    /// Appends the changes of another transaction.
    package mutating func append(_ other: Transaction) { operations += other.operations }
}
