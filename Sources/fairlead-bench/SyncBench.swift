internal import KubernetesAPI
internal import LinuxSystem
internal import NetfilterKernel
internal import NetworkAddress
internal import NodeAgent
internal import Nftables
internal import ServiceDiscovery
internal import ServiceModel
internal import ServiceRules

/// How long it takes from a decoded object to the kernel's acknowledgement, through the agent's own path.
///
/// Q: what does one change cost at a given number of Services? Baseline: the targets in Docs/Benchmarks.md.
/// Runs in a network namespace of its own, and checks after every case that the kernel holds what was programmed.
struct SyncBench {
    let cluster: SyntheticCluster
    /// How many samples a case takes that changes elements; those that change verdicts take a quarter.
    let rounds: Int

    /// Something that the kernel holds and should not, or the other way round.
    struct Mismatch: Error, CustomStringConvertible {
        let description: String
    }

    /// Measures every case, and calls a closure with each.
    func run(_ finished: (Measurement) -> Void) throws {
        let store = try KernelRuleset()
        let objects = cluster.objects
        let (coldAgent, cold) = try programming("cold", objects, store)
        finished(cold)
        let (warmAgent, warm) = try programming("warm-restart", objects, store)
        finished(warm)
        try check(warmAgent, store)
        var agent = consume warmAgent
        _ = consume coldAgent

        let all = (0..<cluster.endpoints).map { $0 }
        finished(
            try changes("endpoint-replaced", &agent, rounds: rounds) { round, _ in
                Array(all.dropLast()) + [round.isMultiple(of: 2) ? cluster.endpoints : cluster.endpoints - 1]
            }
        )
        try check(agent, store)
        if cluster.endpoints >= 3 {
            finished(try changes("endpoint-removed", &agent, rounds: rounds, reset: all) { _, _ in all.dropLast() })
            finished(
                try changes("endpoint-added", &agent, rounds: rounds, reset: all.dropLast()) { _, _ in all }
            )
        }
        let twice = (0..<(cluster.endpoints * 2)).map { $0 }
        finished(try changes("class-crossed", &agent, rounds: rounds / 4, reset: all) { _, _ in twice })
        try serviceCases(&agent, finished)
        finished(try hundredChanges(&agent))
        try check(agent, store)
    }

    // MARK: - Programming everything

    /// Programs the whole cluster; the kernel may hold it already.
    private func programming(
        _ name: String,
        _ objects: [KubernetesObject],
        _ store: KernelRuleset
    ) throws -> (BenchedAgent, Measurement) {
        var measurement = Measurement(name, cluster)
        var agent = BenchedAgent(store: store)
        let began = ContinuousClock.now
        for object in objects { agent.directory.apply(.applied(object)) }
        _ = try agent.committer.rebuild(agent.directory.takeChangedSnapshots())
        measurement.samples.append(.now - began)
        return (agent, measurement)
    }

    // MARK: - Changing one Service

    /// Changes the endpoints of one Service after the other.
    ///
    /// - Parameters:
    ///   - name: The name of the case.
    ///   - agent: The agent.
    ///   - rounds: How many changes are measured.
    ///   - reset: What each Service has before its change, programmed without being measured.
    ///   - wanted: The endpoints of the Service after the change of a round.
    /// - Returns: The durations.
    /// - Throws: What the kernel refuses.
    private func changes(
        _ name: String,
        _ agent: inout BenchedAgent,
        rounds: Int,
        reset: [Int]? = nil,
        wanted: (_ round: Int, _ service: Int) -> [Int]
    ) throws -> Measurement {
        var measurement = Measurement(name, cluster)
        for round in 0..<max(rounds, 1) {
            // Spread over the cluster, and the same ones in every run.
            let service = (round * 7919) % cluster.services
            if let reset { _ = try agent.program([slice(service, reset)]) }
            measurement.samples.append(try agent.program([slice(service, wanted(round, service))]))
        }
        // Leave the cluster as it was.
        let touched = Set((0..<max(rounds, 1)).map { ($0 * 7919) % cluster.services })
        _ = try agent.program(touched.sorted().map { slice($0, Array(0..<cluster.endpoints)) })
        return measurement
    }

    private func slice(_ service: Int, _ endpoints: some Sequence<Int>) -> ObjectChange {
        .applied(.endpointSlice(cluster.slice(service, endpoints: endpoints.map { cluster.endpoint(service, $0) })))
    }

    private func serviceCases(_ agent: inout BenchedAgent, _ finished: (Measurement) -> Void) throws {
        var added = Measurement("service-added", cluster)
        var removed = Measurement("service-removed", cluster)
        for round in 0..<max(rounds / 4, 1) {
            let index = cluster.services + round
            let service = KubernetesObject.service(cluster.service(index))
            let slice = KubernetesObject.endpointSlice(
                cluster.slice(index, endpoints: (0..<cluster.endpoints).map { cluster.endpoint(index, $0) })
            )
            added.samples.append(try agent.program([.applied(service), .applied(slice)]))
            removed.samples.append(try agent.program([.removed(service.reference), .removed(slice.reference)]))
        }
        finished(added)
        finished(removed)
    }

    private func hundredChanges(_ agent: inout BenchedAgent) throws -> Measurement {
        var measurement = Measurement("hundred-changes", cluster)
        for round in 0..<max(rounds / 4, 1) {
            let changes = (0..<min(100, cluster.services)).map { number in
                let kept = (0..<(cluster.endpoints - 1)).map { $0 }
                let last = round.isMultiple(of: 2) ? cluster.endpoints : cluster.endpoints - 1
                return slice((number * 97) % cluster.services, kept + [last])
            }
            measurement.samples.append(try agent.program(changes))
        }
        return measurement
    }

    // MARK: - Whether the work was done

    /// Checks that the kernel holds an element for every endpoint that the agent believes in.
    private func check(_ agent: borrowing BenchedAgent, _ store: KernelRuleset) throws {
        let address = DataType.address(cluster.family)
        let declaration = SetDeclaration(
            "endpoints",
            key: [address, .transportProtocol, .port, .number],
            content: .fields([address, .port])
        )
        let table = Table(TableFamily(cluster.family), DataPlaneConfiguration().tableName)
        let held = try store.elements(of: declaration, in: table).count
        guard held == agent.directory.endpointCount else {
            throw Mismatch(
                description: "the kernel holds \(held) endpoints, not \(agent.directory.endpointCount): "
                    + "the measurement is void"
            )
        }
    }
}

/// The agent without its event loop.
struct BenchedAgent {
    var directory = ServiceDirectory(nodeName: "bench-node")
    let committer: RulesetCommitter

    init(store: KernelRuleset) {
        committer = RulesetCommitter(store: store, configuration: DataPlaneConfiguration())
    }

    /// Applies decoded changes and waits for the kernel's acknowledgement; returns how long it took.
    mutating func program(_ changes: [ObjectChange]) throws -> Duration {
        let began = ContinuousClock.now
        for change in changes { directory.apply(change) }
        _ = try committer.commit(directory.takeChangedSnapshots())
        return .now - began
    }
}
