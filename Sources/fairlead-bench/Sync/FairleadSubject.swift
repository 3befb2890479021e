internal import KubernetesAPI
internal import LabKit
internal import LinuxSystem
internal import NetfilterKernel
internal import NetworkAddress
internal import NodeAgent
internal import Nftables
internal import ServiceDiscovery
internal import ServiceModel
internal import ServiceRules

/// Fairlead's own path in this process: from decoded objects through discovery and planning to the kernel.
final class FairleadSubject: SyncSubject {
    let name = "fairlead"
    private var objects: ClusterObjects
    private let kernel: KernelRuleset
    private var agent: BenchedAgent

    init(_ cluster: SyntheticCluster) throws {
        objects = ClusterObjects(cluster)
        kernel = try KernelRuleset()
        agent = BenchedAgent(store: kernel, cluster: cluster)
    }

    func programCold() throws -> SyncSample {
        objects = ClusterObjects(objects.cluster)
        return try programAgain()
    }

    func programAgain() throws -> SyncSample {
        let all = objects.all
        agent = BenchedAgent(store: kernel, cluster: objects.cluster)
        return try agent.rebuild(all)
    }

    func program(_ changes: [ClusterChange]) throws -> SyncSample {
        try agent.program(objects.apply(changes))
    }

    func removeAll() throws { _ = try agent.committer.cleanup() }

    func check() throws { try agent.check(kernel, by: name, in: objects.cluster) }
}

/// The floor: the same transactions as Fairlead's, encoded beforehand; nothing is measured but the kernel's work.
final class FloorSubject: SyncSubject {
    let name = "netlink"
    private var objects: ClusterObjects
    private let store: PreparedStore
    private var agent: BenchedAgent

    init(_ cluster: SyntheticCluster) throws {
        objects = ClusterObjects(cluster)
        store = PreparedStore(try KernelRuleset())
        agent = BenchedAgent(store: store, cluster: cluster)
    }

    func programCold() throws -> SyncSample {
        objects = ClusterObjects(objects.cluster)
        return try programAgain()
    }

    func programAgain() throws -> SyncSample {
        agent = BenchedAgent(store: store, cluster: objects.cluster)
        return try measured { try agent.rebuild(objects.all) }
    }

    func program(_ changes: [ClusterChange]) throws -> SyncSample {
        let objects = objects.apply(changes)
        return try measured { try agent.program(objects) }
    }

    /// What the kernel took of something that Fairlead did.
    private func measured(_ body: () throws -> SyncSample) throws -> SyncSample {
        store.reset()
        _ = try body()
        return SyncSample(
            began: store.began ?? .now,
            duration: store.duration,
            processorTime: store.processorTime
        )
    }

    func removeAll() throws { _ = try agent.committer.cleanup() }

    func check() throws { try agent.check(store.kernel, by: name, in: objects.cluster) }
}

/// The kernel's ruleset behind a stopwatch, which runs while the kernel works and at no other time.
private final class PreparedStore: RulesetStore {
    let kernel: KernelRuleset
    private(set) var began: ContinuousClock.Instant?
    private(set) var duration = Duration.zero
    private(set) var processorTime = Duration.zero

    init(_ kernel: KernelRuleset) { self.kernel = kernel }

    func reset() {
        began = nil
        duration = .zero
        processorTime = .zero
    }

    func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
        var batch = try kernel.prepare(transaction, expecting: expected)
        let processorBefore = threadProcessorTime()
        let now = ContinuousClock.now
        try kernel.send(&batch)
        duration += .now - now
        processorTime += threadProcessorTime() - processorBefore
        if began == nil { began = now }
    }

    func generation() throws(RulesetError) -> UInt32 { try kernel.generation() }

    func contents(of table: Table) throws(RulesetError) -> TableContents? { try kernel.contents(of: table) }

    func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
        try kernel.elements(of: set, in: table)
    }
}

/// The objects of a synthetic cluster as it is at the moment, and of its changes.
private struct ClusterObjects {
    private var state: ClusterState

    init(_ cluster: SyntheticCluster) { state = ClusterState(cluster) }

    var cluster: SyntheticCluster { state.cluster }

    /// The objects of everything that is there.
    var all: [KubernetesObject] {
        state.services.flatMap { service in
            [.service(cluster.service(service)), slice(service, state.endpoints[service] ?? [])]
        }
    }

    /// Applies changes, and returns them as an agent is told of them.
    mutating func apply(_ changes: [ClusterChange]) -> [ObjectChange] {
        for change in changes { state.apply(change) }
        return changes.flatMap(objects)
    }

    private func objects(of change: ClusterChange) -> [ObjectChange] {
        switch change {
        case .endpoints(let service, let numbers): [.applied(slice(service, numbers))]
        case .added(let service, let numbers):
            [.applied(.service(cluster.service(service))), .applied(slice(service, numbers))]
        case .removed(let service):
            [
                .removed(KubernetesObject.service(cluster.service(service)).reference),
                .removed(slice(service, []).reference),
            ]
        }
    }

    private func slice(_ service: Int, _ numbers: [Int]) -> KubernetesObject {
        .endpointSlice(cluster.slice(service, endpoints: numbers.map { cluster.endpoint(service, $0) }))
    }
}

/// The agent without its event loop.
private struct BenchedAgent {
    var directory = ServiceDirectory(nodeName: "bench-node")
    let committer: RulesetCommitter

    init(store: any RulesetStore, cluster: SyntheticCluster) {
        var configuration = DataPlaneConfiguration()
        configuration.clusterCIDRs = [IPPrefix(parsing: cluster.clientRange)].compactMap(\.self)
        committer = RulesetCommitter(store: store, configuration: configuration)
    }

    /// Applies all objects to an agent that knows nothing, and programs what comes of it.
    mutating func rebuild(_ objects: [KubernetesObject]) throws -> SyncSample {
        releaseFreedMemory()
        let watch = try ResidentPeak()
        let processorBefore = threadProcessorTime()
        let began = ContinuousClock.now
        for object in objects { directory.apply(.applied(object)) }
        _ = try committer.rebuild(directory.takeChangedSnapshots())
        let duration = ContinuousClock.now - began
        let processorTime = threadProcessorTime() - processorBefore
        return SyncSample(
            began: began,
            duration: duration,
            processorTime: processorTime,
            peakBytes: try watch.growth()
        )
    }

    /// Applies decoded changes and waits for the kernel's acknowledgement.
    mutating func program(_ changes: [ObjectChange]) throws -> SyncSample {
        let processorBefore = threadProcessorTime()
        let began = ContinuousClock.now
        for change in changes { directory.apply(change) }
        _ = try committer.commit(directory.takeChangedSnapshots())
        let duration = ContinuousClock.now - began
        return SyncSample(
            began: began,
            duration: duration,
            processorTime: threadProcessorTime() - processorBefore
        )
    }

    /// Checks that the kernel holds an element for every endpoint that the agent believes in.
    func check(_ kernel: KernelRuleset, by name: String, in cluster: SyntheticCluster) throws {
        let address = DataType.address(cluster.family)
        let declaration = SetDeclaration(
            "endpoints",
            key: [address, .transportProtocol, .port, .number],
            content: .fields([address, .port])
        )
        let table = Table(TableFamily(cluster.family), DataPlaneConfiguration().tableName)
        let held = try kernel.elements(of: declaration, in: table).count
        guard held == directory.endpointCount else {
            throw BenchFault(
                "\(name): the kernel holds \(held) endpoints, not \(directory.endpointCount): the measurement is void"
            )
        }
    }
}

/// How much more memory this process has in RAM at most than it had before.
private struct ResidentPeak {
    private let before: Int

    /// Forgets the highest mark of the process (`/proc/self/clear_refs`, proc(5)).
    init() throws {
        try FileDescriptor.open(forAppending: "/proc/self/clear_refs").writeAll(Array("5\n".utf8))
        before = try Self.bytes("VmRSS:")
    }

    func growth() throws -> Int { max(0, try Self.bytes("VmHWM:") - before) }

    private static func bytes(_ field: String) throws -> Int {
        let line = try readFile(at: "/proc/self/status").split(separator: "\n").first { $0.hasPrefix(field) }
        guard let line, let kibibytes = Int(line.filter(\.isNumber)) else { throw Errno.invalidArgument }
        return kibibytes * 1024
    }
}
