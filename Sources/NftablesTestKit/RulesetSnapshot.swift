package import Nftables

/// Everything that a ruleset holds, as a value: two rulesets that do the same have equal ones.
///
/// The order of tables, chains, sets and elements does not count; that of rules does.
package struct RulesetSnapshot: Hashable, Sendable {
    /// A table's contents.
    package struct TableContents: Hashable, Sendable {
        /// The rules of each chain.
        package var chains: [Chain: [Rule]] = [:]
        /// The elements of each set.
        package var sets: [SetDeclaration: Set<Element>] = [:]
        /// The names of sets that other programs made.
        package var foreignSets: Set<String> = []
    }

    /// The tables.
    package var tables: [Table: TableContents] = [:]

    /// The same without the chains that no packet can come to: neither a hook nor a verdict leads there.
    package var withoutUnreachedChains: RulesetSnapshot {
        var copy = self
        for (table, contents) in tables {
            let named = Dictionary(
                contents.chains.map { ($0.key.name, $0.value) },
                uniquingKeysWith: { first, _ in first }
            )
            let fromElements = contents.sets.values.flatMap { $0 }.compactMap { element -> String? in
                if case .verdict(let verdict) = element.value { verdict.target } else { nil }
            }
            var waiting = contents.chains.keys.filter { $0.base != nil }.map(\.name) + fromElements
            var reached: Set<String> = []
            while let name = waiting.popLast() {
                guard reached.insert(name).inserted else { continue }
                waiting += (named[name] ?? []).flatMap(\.statements).compactMap(\.target)
            }
            copy.tables[table]?.chains = contents.chains.filter { reached.contains($0.key.name) }
        }
        return copy
    }

    /// What the other snapshot has more (`+`) or less (`-`) than this one, line by line, in a fixed order.
    package func differences(to other: RulesetSnapshot) -> [String] {
        var lines: [String] = []
        for table in Set(tables.keys).union(other.tables.keys) {
            lines += Self.differences(
                lines: Self.lines(tables[table], table),
                to: Self.lines(other.tables[table], table)
            )
        }
        return lines.sorted { $0.dropFirst(2).lexicographicallyPrecedes($1.dropFirst(2)) }
    }

    private static func differences(lines: Set<String>, to others: Set<String>) -> [String] {
        lines.subtracting(others).map { "- \($0)" } + others.subtracting(lines).map { "+ \($0)" }
    }

    private static func lines(_ contents: TableContents?, _ table: Table) -> Set<String> {
        guard let contents else { return [] }
        var lines: Set = ["table \(table)"]
        for (chain, rules) in contents.chains {
            lines.insert("\(table) chain \(chain.name) \(chain.base.map { "\($0)" } ?? "")")
            for (index, rule) in rules.enumerated() {
                lines.insert("\(table) chain \(chain.name) rule \(index): \(rule.nftText(in: table.family))")
            }
        }
        for (set, elements) in contents.sets {
            lines.insert("\(table) set \(set.name): \(set.key.nftName), \(set.content)")
            for element in elements { lines.insert("\(table) set \(set.name): \(set.nftText(of: element))") }
        }
        for name in contents.foreignSets { lines.insert("\(table) set \(name) of another program") }
        return lines
    }
}

extension InMemoryRuleset {
    /// Everything that the ruleset holds.
    package var snapshot: RulesetSnapshot {
        var snapshot = RulesetSnapshot()
        for (table, state) in tables {
            var contents = RulesetSnapshot.TableContents()
            for chain in state.chains.values { contents.chains[chain.chain] = chain.rules }
            for set in state.sets.values { contents.sets[set.declaration] = Set(set.elements) }
            contents.foreignSets = state.foreignSets
            snapshot.tables[table] = contents
        }
        return snapshot
    }

    /// The ruleset as `nft list ruleset` writes it: sets and chains as they were made, elements by their keys.
    package var text: String {
        tables.values.sorted { "\($0.table)" < "\($1.table)" }.map { state in
            NftText.describing(
                state.table,
                sets: state.sets.values.sorted { $0.serial < $1.serial }.map { set in
                    (set.declaration, set.elementsInOrder)
                },
                chains: state.chains.values.sorted { $0.serial < $1.serial }.map { ($0.chain, $0.rules) }
            )
        }.joined()
    }
}

extension SetState {
    /// The elements, ordered by their keys: addresses, protocols, ports and numbers as numbers.
    fileprivate var elementsInOrder: [Element] {
        let isNetworkOrder = declaration.key.flatMap { type in
            [Bool](repeating: type != .number, count: type.words)
        }
        func numbers(_ element: Element) -> [UInt32] {
            (0..<keyWords).map { isNetworkOrder[$0] ? element.key[$0].bigEndian : element.key[$0] }
        }
        return elements.map { (numbers($0), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }
}
