internal import Nftables

extension Skeleton {
    /// The changes that leave the table with exactly this skeleton and no element, from whatever it holds.
    ///
    /// - Parameter found: What the table holds, or nil when there is none. Chains and sets that are not of the
    ///   skeleton go; those that are stay in place, so that nothing is allocated twice.
    /// - Returns: The changes, in the order in which they must apply.
    func preparation(replacing found: TableContents?) -> [Operation] {
        var operations: [Operation] = [.addTable(table)]
        if let found { operations += removal(of: found) }
        operations += sets.map { .addSet(table, $0) }
        operations += chains.map { .addChain(table, $0.chain) }
        for (chain, rules) in chains {
            operations += rules.map { .addRule(table, chain: chain.name, $0) }
        }
        return operations
    }

    /// The changes that empty a table: rules first, then elements that lead to chains, then what is not ours.
    private func removal(of found: TableContents) -> [Operation] {
        let ourSets = Set(sets)
        let ourChains = Set(chains.map(\.chain))
        let strangeSets = found.foreignSets.union(found.sets.subtracting(ourSets).map(\.name))
        let strangeChains = found.foreignChains.union(Set(found.chains.keys).subtracting(ourChains).map(\.name))
        var operations: [Operation] = [.flushRules(table)]
        operations += found.sets.intersection(ourSets).map(\.name).sorted().map { .flushSet(table, name: $0) }
        operations += strangeSets.sorted().map { .deleteSet(table, name: $0) }
        operations += strangeChains.sorted().map { .deleteChain(table, name: $0) }
        return operations
    }
}
