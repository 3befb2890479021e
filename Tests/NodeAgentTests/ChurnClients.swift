import NetworkAddress
import NodeAgent
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules

/// Plays the rules that remember clients of front ends with affinity, and the agent that has them forgotten.
struct ChurnClients {
    private(set) var remembered = 0
    private(set) var forgotten = 0

    /// Remembers a client of each front end with affinity that a change touched, as one of its endpoints.
    mutating func come(
        by snapshots: [ServiceSnapshot],
        in ruleset: InMemoryRuleset,
        _ cluster: inout ChurnCluster
    ) throws(RulesetError) {
        for frontEnd in snapshots.flatMap(\.frontEnds) where frontEnd.affinitySeconds != nil {
            let choices = Set(frontEnd.destinations).sorted()
            guard !choices.isEmpty else { continue }
            let endpoint = cluster.pick(choices)
            let isIPv4 = endpoint.address.family == .ipv4
            let (client, node) = isIPv4 ? ("203.0.113.", "192.0.2.10") : ("2001:db8:f::", "2001:db8::10")
            let asked = if case .address(let address) = frontEnd.key.listener { address } else { ip(node) }
            var key = PackedFields(ip("\(client)\(1 + cluster.upTo(200))"), asked)
            key.append(frontEnd.key.transport)
            key.append(frontEnd.key.port)
            let table = Table(isIPv4 ? .ip : .ip6, CommitBench.table.name)
            // Another program may have taken the map away, or what it was made for may be refused.
            guard let elements = try? ruleset.elements(of: DataPlane.affinityMap(of: table), in: table) else {
                continue
            }
            var changes: [Nftables.Operation] = []
            if let known = elements.first(where: { $0.key == key }) {
                changes.append(.deleteElements(table, set: "affinity", [known]))
            }
            changes.append(.addElements(table, set: "affinity", [Element(key, .fields(PackedFields(endpoint)))]))
            try ruleset.foreignChange(changes)
            remembered += 1
        }
    }

    /// Has the committer forget whom the agent would have it forget after a commit.
    mutating func forget(after report: CommitReport, _ committer: RulesetCommitter) throws(RulesetError) {
        forgotten += report.forgottenClients
        if report.isRebuild {
            forgotten += try committer.forgetStrayClients()
        } else if report.departed.contains(where: { $0.hadAffinity }) {
            forgotten += try committer.forgetClients(of: report.departed)
        }
    }
}
