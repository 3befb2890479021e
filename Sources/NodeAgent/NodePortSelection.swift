internal import KubernetesAPI
package import NetworkAddress
package import ServiceRules

/// Which of this node's addresses node ports are open on, as the operator says it (`--nodeport-addresses`).
package enum NodePortSelection: Hashable, Sendable {
    /// Every local address but the loopback ones.
    case all
    /// The first internal address of the Node object in each family, or its first external one.
    case primary
    /// The local addresses in these ranges; a family without a range is closed.
    case ranges([IPPrefix])

    /// Creates a selection from the words of the option; nil when they make no sense together.
    ///
    /// No word at all means every address, as it does for kube-proxy.
    package init?(words: [String]) {
        switch words {
        case [], ["all"]: self = .all
        case ["primary"]: self = .primary
        default:
            let ranges = words.compactMap { IPPrefix(parsing: $0) }
            guard ranges.count == words.count else { return nil }
            self = .ranges(ranges)
        }
    }

    /// Whether what it selects can change while the agent runs.
    package var dependsOnNode: Bool { self != .all }

    /// Returns what is selected of the node's addresses.
    ///
    /// - Parameters:
    ///   - local: The addresses of the node's interfaces.
    ///   - primary: The addresses of the Node object, best first.
    /// - Returns: What is open in each family; a family without a selected address is closed, where kube-proxy
    ///   would open all of its addresses.
    package func resolve(local: [IPAddress], primary: [IPAddress]) -> [AddressFamily: NodePortAddresses] {
        var resolved: [AddressFamily: NodePortAddresses] = [:]
        for family in AddressFamily.allCases {
            switch self {
            case .all:
                resolved[family] = .allLocal
            case .primary:
                resolved[family] = .only(primary.first { $0.family == family }.map { [$0] } ?? [])
            case .ranges(let ranges):
                let ranges = ranges.filter { $0.family == family }
                if ranges.contains(where: { $0.length == 0 }) {
                    resolved[family] = .allLocal
                } else {
                    let chosen = local.filter { address in
                        !address.isLoopback && ranges.contains { $0.contains(address) }
                    }
                    resolved[family] = .only(chosen)
                }
            }
        }
        return resolved
    }
}
