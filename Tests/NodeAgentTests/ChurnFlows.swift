import NetfilterKernel
import NetworkAddress
import NodeAgent
import ServiceModel
import ServiceRules

/// A model of tracked UDP flows: they begin where the rules lead at the time, stay there, and end only where reports of
/// commits say that they are to be forgotten.
struct ChurnFlows {
    /// The address by which node ports are asked.
    private static let nodeAddresses: [AddressFamily: IPAddress] = [.ipv4: ip("192.0.2.10"), .ipv6: ip("2001:db8::10")]

    /// How many flows each front end keeps at most: one for each place that it leads to.
    private var flows: [FrontEndKey: Set<TrackedConnection>] = [:]
    private(set) var begun = 0
    private(set) var forgotten = 0

    /// Begins a flow by each of the front ends that a change touched: to an endpoint, or untranslated without any.
    mutating func begin(
        by snapshots: [ServiceSnapshot],
        leadingTo endpoints: [FrontEndKey: Set<TransportAddress>],
        _ cluster: inout ChurnCluster
    ) {
        for key in snapshots.flatMap(\.frontEnds).map(\.key) where key.transport == .udp {
            let asked = Self.asked(key)
            let choices = (endpoints[key] ?? []).sorted()
            let place = choices.isEmpty ? asked : cluster.pick(choices)
            let isNew = flows[key, default: []].insert(
                TrackedConnection(originalDestination: asked, replySource: place)
            ).inserted
            if isNew { begun += 1 }
        }
    }

    /// Forgets what the agent would have the kernel forget after a commit.
    mutating func forget(after report: CommitReport, leadingTo endpoints: [FrontEndKey: Set<TransportAddress>]) {
        var jobs = report.departed.filter { $0.frontEnd.transport == .udp }
            .map { CleaningJob.departed($0.frontEnd, $0.endpoint) }
        jobs += report.answered.filter { $0.transport == .udp }.map { .answered($0) }
        if report.isRebuild { jobs.append(.reconcile(endpoints)) }
        guard !jobs.isEmpty else { return }
        let matcher = FlowMatcher(jobs, local: Set(Self.nodeAddresses.values))
        for (key, held) in flows {
            let kept = held.filter { !matcher.matches($0) }
            forgotten += held.count - kept.count
            flows[key] = kept.isEmpty ? nil : kept
        }
    }

    /// The flows that have somewhere to go and go elsewhere: what should have been forgotten.
    func stale(leadingTo endpoints: [FrontEndKey: Set<TransportAddress>]) -> [TrackedConnection] {
        flows.flatMap { key, held in
            let places = endpoints[key] ?? []
            return held.filter { flow in
                // Without endpoints new packets are refused, and those that came before the Service pass untranslated.
                places.isEmpty ? flow.replySource != Self.asked(key) : !places.contains(flow.replySource)
            }
        }
    }

    /// Where a client of the front end sends its packets.
    private static func asked(_ key: FrontEndKey) -> TransportAddress {
        switch key.listener {
        case .address(let address): TransportAddress(address, key.port)
        case .nodeAddresses(let family): TransportAddress(nodeAddresses[family] ?? ip("192.0.2.10"), key.port)
        }
    }
}
