internal import Nftables

extension Skeleton {
    /// The chains that lead this node's pods, and the node itself, to the endpoints of the whole cluster, where a
    /// `Local` policy leads everybody else to those of this node.
    var shortCircuitChains: [FilledChain] {
        [false, true].map { isNodePort in
            (Chain(DataPlaneChain.shortCircuit(isNodePort: isNodePort)), ownClientRules(isNodePort: isNodePort))
        }
    }

    /// Leads the node's own clients to the short circuit.
    static func toShortCircuit(isNodePort: Bool) -> Rule {
        Rule([.verdict(.jump(DataPlaneChain.shortCircuit(isNodePort: isNodePort)))])
    }

    private func ownClientRules(isNodePort: Bool) -> [Rule] {
        let map = isNodePort ? DataPlaneSet.nodePortShortCircuits : .shortCircuits
        let lookup = Statement.verdictMap(isNodePort ? Self.nodePort : Self.tuple, map.name)
        let isNode = Statement.match(.sourceAddressType, .equals(AddressType.local))
        // A pod keeps its source; the node's may not be one that the endpoint can answer to.
        let pods = podMatch.map { [Rule([$0, lookup])] } ?? []
        return pods + [Rule([isNode, .setMarkBits(configuration.masqueradeMark), lookup])]
    }
}
