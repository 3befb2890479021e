import Nftables
import NftablesTestKit
import Testing

/// What a ruleset says, without what the planner is free to choose: slots, and how long a class is kept.
struct CanonicalRuleset: Hashable {
    /// The elements, one line each.
    private(set) var lines: Set<String> = []
    /// The rules of chains that are no classes.
    private(set) var chains: [String: [Rule]] = [:]

    private static let onDemand = ["lb-", "np-", "sc-", "scnp-", "aff-", "ext-", "record-"]
    private static let slotMaps: Set<String> = [
        "endpoints", "nodeport-endpoints", "short-circuit-endpoints", "short-circuit-nodeport-endpoints",
    ]

    /// Reads a ruleset; records an issue when slots have holes.
    init(_ snapshot: RulesetSnapshot) {
        for (table, contents) in snapshot.tables {
            for (chain, rules) in contents.chains where !Self.isOnDemand(chain.name) {
                chains["\(table) \(chain.name) \(String(describing: chain.base))"] = rules
            }
            for (set, elements) in contents.sets {
                lines.insert("\(table) \(set.name)")
                // Whom rules remember is no matter of objects.
                if set.name == "affinity" { continue }
                let isSlotMap = Self.slotMaps.contains(set.name)
                var slots: [String: [UInt32]] = [:]
                for element in elements {
                    var words = (0..<element.key.count).map { element.key[$0] }
                    let slot = isSlotMap ? words.removeLast() : 0
                    slots["\(words)", default: []].append(slot)
                    lines.insert("\(table) \(set.name) \(words) \(Self.value(element)) \(element.comment ?? "")")
                }
                if isSlotMap {
                    #expect(slots.values.allSatisfy { $0.sorted() == (0..<UInt32($0.count)).map { $0 } })
                }
            }
            for set in contents.foreignSets { lines.insert("\(table) foreign set \(set)") }
        }
    }

    /// The chains on demand that something leads to, with the rules of each: a class may differ, its rules may not.
    static func onDemandChains(_ snapshot: RulesetSnapshot) -> [String: [Rule]] {
        var chains: [String: [Rule]] = [:]
        for (table, contents) in snapshot.withoutUnreachedChains.tables {
            for (chain, rules) in contents.chains where isOnDemand(chain.name) {
                chains["\(table) \(chain.name)"] = rules
            }
        }
        return chains
    }

    private static func isOnDemand(_ name: String) -> Bool { onDemand.contains { name.hasPrefix($0) } }

    /// The value in words, a chain on demand without its class; times belong to the name of a recording chain.
    private static func value(_ element: Element) -> String {
        if case .verdict(.goto(let chain)) = element.value, isOnDemand(chain), !chain.hasPrefix("record-") {
            return String(chain.reversed().drop { $0.isNumber }.reversed())
        }
        return "\(element.value)"
    }
}
