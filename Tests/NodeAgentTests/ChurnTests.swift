import Glibc
import KubernetesAPI
import LinuxSystem
import NetfilterKernel
import NetworkAddress
import NodeAgent
import Nftables
import NftablesTestKit
import ServiceDiscovery
import ServiceModel
import ServiceRules
import Testing

/// Random events, one commit each, with refusals, errors and foreign changes between: what stands in the end is what a
/// new agent would make of the same objects.
@Suite(.serialized) struct ChurnTests {
    /// How many events all seeds have together; `FAIRLEAD_CHURN_EVENTS` says otherwise.
    private static let events =
        unsafe getenv("FAIRLEAD_CHURN_EVENTS").flatMap { unsafe Int(String(cString: $0)) } ?? 20_000

    private static let seeds: [UInt64] = [1, 2, 3, 4]
    private static let eventsBetweenCheckpoints = 250

    /// How many events the kernel is put through; `FAIRLEAD_CHURN_KERNEL_EVENTS` says otherwise.
    private static let kernelEvents =
        unsafe getenv("FAIRLEAD_CHURN_KERNEL_EVENTS").flatMap { unsafe Int(String(cString: $0)) } ?? 2000

    /// How much the process may grow from the first quarter on.
    private static let growthMax = 64 * 1024 * 1024
    /// From how many events of a seed on the run is one that is made alone.
    private static let aloneEvents = 50_000

    /// What goes wrong until the next checkpoint.
    private enum Trouble: CaseIterable {
        case none, refusals, storeErrors, foreignChanges
    }

    private let table = CommitBench.table

    @Test(arguments: seeds)
    func `after any events the ruleset is a new agent's`(seed: UInt64) throws {
        var cluster = ChurnCluster(seed: seed)
        var directory = ServiceDirectory(nodeName: "node-a")
        let configuration = DataPlaneConfiguration()
        let ruleset = InMemoryRuleset()
        let committer = RulesetCommitter(store: ruleset, configuration: configuration)
        _ = try committer.rebuild()
        var took = Duration.zero
        var flows = ChurnFlows()
        var clients = ChurnClients()
        var usages: [ProcessUsage] = []
        let count = max(Self.eventsBetweenCheckpoints, Self.events / Self.seeds.count)
        var trouble = Trouble.none
        for number in 1...count {
            if number % Self.eventsBetweenCheckpoints == 1 { trouble = cluster.pick(Trouble.allCases) }
            try make(trouble, &cluster, ruleset)
            let event = cluster.event()
            let began = ContinuousClock.now
            directory.apply(event)
            let snapshots = directory.takeChangedSnapshots()
            do throws(RulesetError) {
                let report = try committer.commit(snapshots)
                let endpoints = committer.endpoints(of: .udp)
                flows.forget(after: report, leadingTo: endpoints)
                flows.begin(by: snapshots, leadingTo: endpoints, &cluster)
                try clients.forget(after: report, committer)
                if trouble == .none {
                    try clients.come(by: snapshots, in: ruleset, &cluster)
                    let strays = try committer.forgetStrayClients()
                    #expect(strays == 0, "seed \(seed), event \(number)")
                }
            } catch {
                #expect(trouble == .storeErrors, "\(error)")
            }
            took += .now - began
            ruleset.applied = []
            if number % Self.eventsBetweenCheckpoints == 0 {
                let report = try settle(committer, ruleset, after: trouble)
                let endpoints = committer.endpoints(of: .udp)
                flows.forget(after: report, leadingTo: endpoints)
                try clients.forget(after: report, committer)
                // An error may have kept the agent from it.
                if trouble == .storeErrors { _ = try committer.forgetStrayClients() }
                let stale = flows.stale(leadingTo: endpoints)
                #expect(stale.isEmpty, "seed \(seed), event \(number): \(stale)")
                let matches = try check(ruleset, committer, cluster, configuration, "seed \(seed), event \(number)")
                if !matches { return }
            }
            if number % (count / 4) == 0 {
                releaseFreedMemory()
                usages.append(try ProcessUsage())
            }
        }
        #expect(clients.remembered > count / 100 && clients.forgotten > count / 100, "\(clients)")
        #expect(flows.begun > count / 100 && flows.forgotten > count / 100, "the model sees flows come and go")
        // The first quarter fills caches and the allocator's arenas; other suites may run beside this one.
        let growth = usages.map { Int($0.residentBytes) - Int(usages[0].residentBytes) }
        // The suites beside this one take memory too, so only a long run, which is alone, can tell.
        if count >= Self.aloneEvents { #expect(growth.allSatisfy { $0 < Self.growthMax }, "\(usages)") }
        print(
            """
            churn, seed \(seed): \(count) events, \(took / count) each; \(flows.begun) flows began, \(flows.forgotten) were \
            forgotten; resident KiB \(usages.map { $0.residentBytes / 1024 }), descriptors \(usages.map(\.openDescriptors))
            """
        )
    }

    /// Whether namespaces can be made.
    private static let canMakeNamespaces = (try? withNewNetworkNamespace { true }) ?? false

    @Test(.enabled(if: canMakeNamespaces, "network namespaces need root"))
    func `after any events the kernel holds a new agent's ruleset, and as many descriptors are open as before`() throws
    {
        let before = try ProcessUsage().openDescriptors
        let seconds = try withNewNetworkNamespace {
            var cluster = ChurnCluster(seed: 5)
            var directory = ServiceDirectory(nodeName: "node-a")
            let committer = RulesetCommitter(store: try KernelRuleset(), configuration: DataPlaneConfiguration())
            var flows = ChurnFlows()
            _ = try committer.rebuild()
            let began = ContinuousClock.now
            for number in 1...Self.kernelEvents {
                directory.apply(cluster.event())
                let snapshots = directory.takeChangedSnapshots()
                let report = try committer.commit(snapshots)
                let endpoints = committer.endpoints(of: .udp)
                flows.forget(after: report, leadingTo: endpoints)
                flows.begin(by: snapshots, leadingTo: endpoints, &cluster)
                guard number == Self.kernelEvents || number % (Self.kernelEvents / 4) == 0 else { continue }
                #expect(!report.isRebuild, "nobody else changes anything")
                #expect(committer.quarantined.isEmpty)
                #expect(flows.stale(leadingTo: endpoints).isEmpty)
                var fresh = ServiceDirectory(nodeName: "node-a")
                for object in cluster.objects.values { fresh.apply(.applied(object)) }
                let wanted = fresh.takeChangedSnapshots()
                let expected = try withNewNetworkNamespace {
                    let store = try KernelRuleset()
                    _ = try RulesetCommitter(store: store, configuration: DataPlaneConfiguration()).rebuild(wanted)
                    return try Self.elements(store)
                }
                let held = try Self.elements(try KernelRuleset())
                #expect(held == expected, "event \(number)")
            }
            return ContinuousClock.now - began
        }
        print("churn in the kernel: \(Self.kernelEvents) events in \(seconds)")
        // The suites beside this one open some as well; one that each event left would be far more.
        let others = Self.events / Self.seeds.count >= Self.aloneEvents ? 0 : Self.kernelEvents / 20
        #expect(try eventually { try ProcessUsage().openDescriptors <= before + others })
    }

    /// How many elements each set of ours has in the kernel, and which sets and chains there are but for classes.
    private static func elements(_ store: KernelRuleset) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for table in DataPlane(configuration: DataPlaneConfiguration()).tables {
            guard let contents = try store.contents(of: table) else { continue }
            for set in contents.sets {
                counts["\(table) \(set.name)"] = try store.elements(of: set, in: table).count
            }
            let onDemand = ["lb-", "np-", "sc-", "scnp-", "aff-", "ext-", "record-"]
            for chain in contents.chains.keys where !onDemand.contains(where: { chain.name.hasPrefix($0) }) {
                counts["\(table) chain \(chain.name)"] = contents.chains[chain]
            }
        }
        return counts
    }

    private func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<500 {
            if try condition() { return true }
            usleep(10_000)
        }
        return false
    }

    // MARK: - Trouble

    private func make(_ trouble: Trouble, _ cluster: inout ChurnCluster, _ ruleset: InMemoryRuleset) throws {
        switch trouble {
        case .none: break
        case .refusals:
            guard cluster.happens(oneIn: 10) else { return }
            if cluster.happens(oneIn: 2) {
                ruleset.refuse(where: nil)
            } else {
                let bad = ip("10.96.0.\(1 + cluster.upTo(ChurnCluster.services.count - 1))")
                refuse(bad, ruleset, precisely: cluster.happens(oneIn: 2))
            }
        case .storeErrors:
            guard cluster.happens(oneIn: 10) else { return }
            let call: InMemoryRuleset.Call = cluster.pick([.apply, .read])
            ruleset.failNext(call, with: .channel(step: "send", reason: .noBufferSpace))
        case .foreignChanges:
            guard cluster.happens(oneIn: 20) else { return }
            try changeAsAnother(&cluster, ruleset)
        }
    }

    /// Refuses whatever is added to a map of Service tuples for an address.
    private func refuse(_ address: IPAddress, _ ruleset: InMemoryRuleset, precisely isPrecise: Bool) {
        ruleset.refuse { [table] operation, element in
            guard case .addElements(table, let set, let elements) = operation,
                ["services", "no-endpoint-services"].contains(set)
            else { return nil }
            func isBad(_ element: Element) -> Bool { element.key.address(.ipv4, at: 0) == address }
            if isPrecise { return element.map(isBad) ?? false ? .invalid : nil }
            return element == nil && elements.contains(where: isBad) ? .invalid : nil
        }
    }

    private func changeAsAnother(_ cluster: inout ChurnCluster, _ ruleset: InMemoryRuleset) throws {
        // What was there may be gone after the last foreign change.
        guard let contents = ruleset.snapshot.tables[table],
            contents.chains.keys.contains(where: { $0.name == "services" })
        else { return }
        switch cluster.upTo(4) {
        case 0: ruleset.foreignFlush()
        case 1: try ruleset.foreignChange([.deleteTable(table)])
        case 2: try ruleset.foreignChange([.flushSet(table, name: "endpoints")])
        case 3: try ruleset.foreignChange([.addRule(table, chain: "services", Rule([.verdict(.drop)]))])
        default:
            let name = "foreign-\(cluster.upTo(1_000_000))"
            try ruleset.foreignChange([
                .addChain(table, Chain(name)), .addRule(table, chain: name, Rule([.verdict(.goto("reject-chain"))])),
            ])
        }
    }

    // MARK: - Checkpoints

    /// Ends what goes wrong, as the agent would in time.
    private func settle(
        _ committer: RulesetCommitter,
        _ ruleset: InMemoryRuleset,
        after trouble: Trouble
    ) throws -> CommitReport {
        ruleset.refuse(where: nil)
        switch trouble {
        case .none: return CommitReport()
        case .refusals: return try committer.retryQuarantined()
        case .storeErrors:
            // Errors come up only when something is read, or changed: the table is there, so that this adds none.
            while true {
                do throws(RulesetError) {
                    _ = try ruleset.generation()
                    try ruleset.apply(Transaction([.addTable(table)]), expecting: nil)
                    return try committer.commit([])
                } catch { continue }
            }
        case .foreignChanges: return try committer.rebuild()
        }
    }

    private func check(
        _ ruleset: InMemoryRuleset,
        _ committer: RulesetCommitter,
        _ cluster: ChurnCluster,
        _ configuration: DataPlaneConfiguration,
        _ moment: String
    ) throws -> Bool {
        var directory = ServiceDirectory(nodeName: "node-a")
        for object in cluster.objects.values { directory.apply(.applied(object)) }
        let wanted = directory.takeChangedSnapshots()
        let fresh = InMemoryRuleset()
        try fresh.apply(DataPlane(configuration: configuration).rebuild(replacing: [:], changing: wanted).transaction)
        let (held, expected) = (CanonicalRuleset(ruleset.snapshot), CanonicalRuleset(fresh.snapshot))
        let leaked = held.lines.subtracting(expected.lines).sorted()
        let missing = expected.lines.subtracting(held.lines).sorted()
        #expect(leaked.isEmpty, "\(moment)")
        #expect(missing.isEmpty, "\(moment)")
        #expect(held.chains == expected.chains, "\(moment)")
        let ours = CanonicalRuleset.onDemandChains(ruleset.snapshot)
        let theirs = CanonicalRuleset.onDemandChains(fresh.snapshot)
        #expect(theirs.allSatisfy { ours[$0.key] == nil || ours[$0.key] == $0.value }, "\(moment)")
        #expect(committer.quarantined.isEmpty, "\(moment)")
        #expect(!committer.hasPending, "\(moment)")
        #expect(committer.serviceCount == wanted.count { !$0.frontEnds.isEmpty }, "\(moment)")
        return leaked.isEmpty && missing.isEmpty
    }
}
