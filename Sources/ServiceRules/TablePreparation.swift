internal import Nftables

extension Skeleton {
    /// The changes that leave the table with exactly this skeleton and no element, from whatever it holds.
    ///
    /// - Parameters:
    ///   - found: What the table holds, or nil when there is none. Chains and sets that are not of the skeleton go;
    ///     those that are stay in place, so that nothing is allocated twice.
    ///   - onDemand: The chains that elements will lead to.
    /// - Returns: The changes, in the order in which they must apply.
    func preparation(replacing found: TableContents?, onDemand: [DataPlaneChain]) -> [Operation] {
        var operations: [Operation] = [.addTable(table)]
        let needed = onDemand.map { (chain: Chain($0.name), rules: rules(of: $0)) }
        if let found { operations += removal(of: found, keeping: needed.map(\.chain)) }
        operations += sets.map { .addSet(table, $0) }
        operations += (chains + needed).map { .addChain(table, $0.chain) }
        for (chain, rules) in chains + needed {
            operations += rules.map { .addRule(table, chain: chain.name, $0) }
        }
        return operations
    }

    /// The changes that make a chain on demand in a table that stands.
    func addition(of chain: DataPlaneChain) -> [Operation] {
        [.addChain(table, Chain(chain.name))] + rules(of: chain).map { .addRule(table, chain: chain.name, $0) }
    }

    /// The changes that empty a table: rules first, then elements that lead to chains, then what is not ours.
    private func removal(of found: TableContents, keeping onDemand: [Chain]) -> [Operation] {
        let ourSets = Set(sets)
        let ourChains = Set(chains.map(\.chain) + onDemand)
        let strangeSets = found.foreignSets.union(found.sets.subtracting(ourSets).map(\.name))
        let strangeChains = found.foreignChains.union(Set(found.chains.keys).subtracting(ourChains).map(\.name))
        var operations: [Operation] = [.flushRules(table)]
        // What rules have put there stays: clients are led back to their endpoints after a restart, too.
        let kept = found.sets.intersection(ourSets).filter {
            $0.form != DataPlaneSet.affinity.declaration(in: family).form
        }
        operations += kept.map(\.name).sorted().map { .flushSet(table, name: $0) }
        operations += strangeSets.sorted().map { .deleteSet(table, name: $0) }
        operations += strangeChains.sorted().map { .deleteChain(table, name: $0) }
        return operations
    }
}
