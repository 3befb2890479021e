package import ClusterState
package import KubernetesAPI
internal import LinuxSystem
package import NetfilterKernel
internal import NetworkAddress
package import Nftables
internal import ServiceDiscovery
internal import ServiceModel
internal import ServiceRules
package import Telemetry

/// The reconcile loop: wait, read, resolve, plan, commit, report.
///
/// One thread.
///
///     source ──► directory ──► snapshots ──► committer ──► kernel
///     monitor (foreign changes), local addresses, signals, retries ──► rebuild
package final class Agent {
    /// The kinds of object that an agent makes use of.
    package static let objectKinds: Set<ObjectKind> = [
        .service, .endpointSlice, .endpoints, .node, .pod, .serviceCIDR,
    ]

    private let options: AgentOptions
    private let source: any ObjectSource
    private let monitor: RulesetMonitor
    private let committer: RulesetCommitter
    private let reports: AgentReports
    private let status: AgentStatusPublisher
    private let addresses: LocalAddresses
    private let cleaner: ConnectionCleaner
    private let signals: SignalQueue
    private let tableName: String

    private var directory: ServiceDirectory
    private var configuration: DataPlaneConfiguration

    /// The addresses of the node's interfaces, as last read.
    private var localAddresses: [IPAddress] = []

    /// When changes of endpoints happened that the kernel has not taken.
    private var triggers: [ChangeTrigger] = []

    /// How many of these are kept while the kernel cannot be asked; the rest is not measured.
    private static let triggersMax = 10_000

    /// When to rebuild because somebody else changed our tables.
    private var repairDue: ContinuousClock.Instant?
    private var lastRepair: ContinuousClock.Instant?
    /// When to try again because the kernel could not be asked.
    private var retryDue: ContinuousClock.Instant?
    private var retryDelay = RetryDelay(from: .milliseconds(100), to: .seconds(5))
    /// When to try the Services again that the kernel refuses.
    private var quarantineDue: ContinuousClock.Instant?

    /// How long foreign changes are gathered before they are mended: `nft -f` of a file arrives as a burst.
    private static let repairGathering = Duration.milliseconds(20)

    /// The least time from one repair to the next, so that a fight with another program does not take the whole core.
    private static let repairInterval = Duration.milliseconds(500)

    /// How often Services are tried again that the kernel refuses: the reason may have been memory.
    private static let quarantineInterval = Duration.seconds(60)

    /// Creates an agent in the network namespace of the calling thread.
    ///
    /// - Parameters:
    ///   - options: What the operator chose.
    ///   - source: Where objects come from.
    ///   - store: The kernel.
    ///   - monitor: News of changes that others make to the kernel's ruleset, from before the first change of ours.
    ///   - log: Where to tell what happens.
    ///   - metrics: Where to count it.
    ///   - publish: Called with what happens to objects, each thing once; it must not wait.
    /// - Throws: What the system does not give.
    package init(
        options: AgentOptions,
        source: any ObjectSource,
        store: any RulesetStore,
        monitor: RulesetMonitor,
        log: Logger,
        metrics: MetricRegistry,
        publish: @escaping (ClusterEvent) -> Void = { _ in }
    ) throws {
        self.options = options
        self.source = source
        self.monitor = monitor
        signals = try SignalQueue([.hangUp, .interrupt, .terminate])
        addresses = try LocalAddresses()
        let journal = EventJournal(log: log, publish: publish)
        reports = AgentReports(log: log, journal: journal)
        status = AgentStatusPublisher(options: options, metrics: metrics, log: log, journal: journal)
        cleaner = try reports.cleaner(metrics: status.metrics.kubeProxy)
        directory = ServiceDirectory(options)
        configuration = options.dataPlane
        tableName = configuration.tableName
        committer = RulesetCommitter(
            store: MeasuredRulesetStore(store, metrics: status.metrics),
            configuration: configuration
        )
        journal.identify = { [unowned self] object in
            directory.uid(of: ObjectName(namespace: object.namespace, name: object.name))
        }
    }

    /// Runs until a signal ends it, or until the first acknowledgement when it runs once.
    ///
    /// The rules stay.
    ///
    /// - Throws: Why nothing could be programmed, when it runs once or may never program anything.
    package func run() throws {
        // First of all: probes are answered while everything is written for the first time.
        if !options.runsOnce { try status.start() }
        if !options.runsOnce { try cleaner.start() }
        defer {
            status.stop()
            cleaner.stop()
        }
        guard try start(), !options.runsOnce else { return }
        while try !step() {}
    }

    // MARK: - Start

    /// Writes everything for the first time; returns false when a signal ends the agent before it could.
    private func start() throws -> Bool {
        readLocalAddresses()
        // Reading may take seconds; until something is programmed, what is sent to Services must not get out as it is.
        prepare([])
        guard let (changes, began) = try readAll() else { return false }
        configuration = currentConfiguration()
        let first = takePrioritySnapshots()
        if !first.isEmpty { prepare(first) }
        let snapshots = first + takeSnapshots()
        if !snapshots.isEmpty { status.queued(changes) }
        tellHealthChecks()
        reports.log.debug("starting", ["node": .text(options.nodeName)])
        defer { tellWanted(snapshots) }
        do throws(RulesetError) {
            let report = try committer.rebuild(snapshots, configuration: configuration)
            succeed(report, since: began, what: "ready")
        } catch {
            // Without the right to program anything there is nothing to wait for.
            if options.runsOnce || error == .notPermitted { throw error }
            fail(error)
        }
        return true
    }

    /// Reads until the source has told everything: before that nobody knows what the kernel holds in vain.
    ///
    /// - Returns: The changes, and when the last of them began to be read; nil when a signal ends the agent before.
    /// - Throws: That the source is silent, when the agent runs once.
    private func readAll() throws -> ([ObjectChange], began: ContinuousClock.Instant)? {
        let deadline = options.runsOnce ? ContinuousClock.now + SourceSilence.patience : nil
        var hasTold = false
        while true {
            let began = ContinuousClock.now
            let changes = readSource()
            if source.hasSynced { return (changes, began) }
            if deadline.isDue(began) { throw SourceSilence() }
            if !hasTold {
                reports.log.info(
                    "waiting for the first complete list; what an earlier agent programmed stays until then"
                )
            }
            hasTold = true
            var waits = [
                Readiness(of: signals.descriptor, reading: true), Readiness(of: source.descriptor, reading: true),
            ]
            let deadlines = [source.nextDeadline, status.nextDeadline, deadline].compactMap(\.self)
            _ = try Readiness.wait(for: &waits, timeout: deadlines.min().map { max(.zero, $0 - .now) })
            if waits[0].isReadable, answerSignals() { return nil }
            status.retry(now: .now)
        }
    }

    /// Writes some Services ahead of all others, where the kernel holds nothing of an agent before this one.
    private func prepare(_ snapshots: [ServiceSnapshot]) {
        let began = ContinuousClock.now
        do throws(RulesetError) {
            guard try committer.prepare(snapshots, configuration: configuration) else { return }
            reports.log.info(
                snapshots.isEmpty ? "unknown cluster IPs are dropped until Services are known" : "programmed first",
                ["services": .integer(snapshots.count), "took": .duration(.now - began)]
            )
        } catch {
            // Everything is about to be written; who writes it meets the same error and answers it.
            reports.log.debug("nothing could be written ahead: \(error)")
        }
    }

    /// Reads the source, tells what it says, and returns the changes, which the directory has taken.
    private func readSource() -> [ObjectChange] {
        let news = source.read()
        reports.tell(news)
        for change in news.changes { directory.apply(change) }
        status.problems(appeared: news.appeared, cleared: news.cleared)
        return news.changes
    }

    /// Resolves what has changed of the Services that come before all others.
    private func takePrioritySnapshots() -> [ServiceSnapshot] {
        let snapshots = directory.takeChangedSnapshots(isPriorityOnly: true)
        committer.priorityServices = directory.priorityServices
        return snapshots
    }

    /// Resolves what has changed, and tells what is wrong since.
    private func takeSnapshots() -> [ServiceSnapshot] {
        let snapshots = directory.takeChangedSnapshots()
        triggers += directory.takeChangeTriggers().prefix(Self.triggersMax - triggers.count)
        let problems = directory.takeProblemChanges()
        reports.tell(appeared: problems.appeared, cleared: problems.cleared)
        status.problems(appeared: problems.appeared, cleared: problems.cleared)
        let eligibility = directory.nodeEligibility
        // Manifests need not have a Node.
        status.node(eligibility == .unknown && !options.expectsNode ? .eligible : eligibility)
        return snapshots
    }

    /// Leaves for metrics what is wanted; after the commit, as the kernel comes first.
    private func tellWanted(_ snapshots: [ServiceSnapshot]) {
        status.wanted(snapshots, endpoints: directory.endpointCount)
    }

    // MARK: - The loop

    /// Waits for something to happen and answers it; returns whether the agent is to end.
    private func step() throws -> Bool {
        var waits = [
            Readiness(of: signals.descriptor, reading: true),
            Readiness(of: source.descriptor, reading: true),
            Readiness(of: monitor.descriptor, reading: true),
            Readiness(of: addresses.descriptor, reading: true),
        ]
        let deadlines = [source.nextDeadline, repairDue, retryDue, quarantineDue, status.nextDeadline]
            .compactMap(\.self)
        let timeout = monitor.hasSilentNews ? .zero : deadlines.min().map { max(.zero, $0 - .now) }
        _ = try Readiness.wait(for: &waits, timeout: timeout)

        if waits[0].isReadable, answerSignals() { return true }
        if waits[2].isReadable || monitor.hasSilentNews { readMonitor() }
        let now = ContinuousClock.now
        if waits[3].isReadable { followNodeAddresses() }
        if waits[1].isReadable || source.nextDeadline.isDue(now) { followSource() }
        if repairDue.isDue(now) { repair() }
        if retryDue.isDue(now) { retry() }
        if quarantineDue.isDue(now) { retryQuarantined() }
        status.retry(now: now)
        return false
    }

    /// Answers all signals that wait; returns whether one ends the agent.
    private func answerSignals() -> Bool {
        while let signal = signals.next() {
            switch signal {
            case .interrupt, .terminate:
                reports.log.info("ending; the rules stay in place", ["services": .integer(committer.serviceCount)])
                return true
            case .hangUp where !source.hasSynced:
                reports.log.info("SIGHUP: there is nothing to write before the first complete list")
            case .hangUp:
                reports.log.info("SIGHUP: writing everything again")
                rebuild(what: "written again")
            }
        }
        return false
    }

    private func followSource() {
        let began = ContinuousClock.now
        let changes = readSource()
        let first = takePrioritySnapshots()
        if !first.isEmpty {
            status.queued(changes)
            program(first, since: began)
        }
        let others = takeSnapshots()
        if first.isEmpty, !others.isEmpty { status.queued(changes) }
        program(others, since: began)
    }

    private func followNodeAddresses() {
        addresses.drain()
        let began = ContinuousClock.now
        readLocalAddresses()
        program(takeSnapshots(), since: began)
    }

    /// Programs what differs: Services by the smallest change, and everything when the rules themselves differ.
    private func program(_ snapshots: [ServiceSnapshot], since began: ContinuousClock.Instant) {
        let wanted = currentConfiguration()
        let hasMovedNodePorts = wanted.nodePortAddresses != configuration.nodePortAddresses
        let isReconfigured = wanted != configuration
        configuration = wanted
        tellHealthChecks()
        guard isReconfigured || !snapshots.isEmpty else {
            // The kernel has what a change comes to that makes no difference here.
            if !committer.hasPending { tellTriggers() }
            return
        }
        defer { tellWanted(snapshots) }
        keepFlows(of: snapshots)
        do throws(RulesetError) {
            if isReconfigured {
                let report = try committer.rebuild(snapshots, configuration: wanted)
                let what =
                    hasMovedNodePorts
                    ? "moved node ports to the addresses that the node has now"
                    : "written again for the ranges that the cluster has now"
                succeed(report, since: began, what: what)
            } else {
                let report = try committer.commit(snapshots)
                let what = report.isRebuild ? "mended and programmed" : "programmed"
                succeed(report, since: began, what: what, snapshots.count)
            }
        } catch {
            fail(error)
        }
    }

    // MARK: - What the rules depend on

    private func readLocalAddresses() {
        do throws(Errno) {
            localAddresses = try LocalAddresses.current()
            directory.localAddresses = localAddresses
        } catch {
            reports.log.error("the node's addresses cannot be read: \(error); those known before count on")
        }
    }

    /// What the rules should be now; tells of families whose node ports are closed since now.
    private func currentConfiguration() -> DataPlaneConfiguration {
        let wanted = options.dataPlane(directory, localAddresses: localAddresses)
        let selected = wanted.nodePortAddresses
        let closed = selected.filter { $0.value == .only([]) && options.families.contains($0.key) }.keys.sorted()
        if !closed.isEmpty, selected != configuration.nodePortAddresses {
            let families = closed.map(\.description).joined(separator: " and ")
            reports.log.warning("node ports are closed for \(families): --nodeport-addresses selects no address of it")
        }
        return wanted
    }

    private func tellHealthChecks() {
        status.healthChecks(directory.healthChecks, on: configuration.nodePortAddresses)
    }

    // MARK: - Drift

    private func readMonitor() {
        do throws(RulesetError) {
            let news = try monitor.read(aboutTablesNamed: tableName)
            guard !news.changes.isEmpty || news.isOverrun else { return }
            status.driftNoticed()
            if repairDue == nil {
                if let change = news.changes.first {
                    reports.log.warning("\(change); mending", ["changes": .integer(news.changes.count)])
                } else {
                    reports.log.warning("notifications of ruleset changes were lost; writing all rules again")
                }
            }
            let gathered = ContinuousClock.now + Self.repairGathering
            repairDue = repairDue ?? max(gathered, lastRepair.map { $0 + Self.repairInterval } ?? gathered)
        } catch {
            reports.log.error("changes by other programs cannot be seen: \(error)")
        }
    }

    private func repair() {
        repairDue = nil
        lastRepair = .now
        rebuild(what: "mended")
    }

    // MARK: - Again

    private func retry() {
        retryDue = nil
        rebuild(what: "programmed after a failure")
    }

    private func retryQuarantined() {
        quarantineDue = nil
        let began = ContinuousClock.now
        do throws(RulesetError) {
            let report = try committer.retryQuarantined()
            succeed(report, since: began, what: "tried the quarantined Services again")
        } catch {
            fail(error)
        }
    }

    private func rebuild(what: String) {
        let began = ContinuousClock.now
        do throws(RulesetError) {
            succeed(try committer.rebuild(configuration: configuration), since: began, what: what)
        } catch {
            fail(error)
        }
    }

    private func succeed(
        _ report: CommitReport,
        since began: ContinuousClock.Instant,
        what: String,
        _ services: Int? = nil
    ) {
        retryDelay.reset()
        retryDue = nil
        forgetFlows(after: report)
        if report.isRebuild { repairDue = nil }
        let took = ContinuousClock.now - began
        let quarantined = committer.quarantined
        status.synced(
            isRebuild: report.isRebuild,
            took: took,
            services: committer.serviceCount,
            quarantined: quarantined
        )
        tellTriggers()
        quarantineDue = quarantined.isEmpty ? nil : (quarantineDue ?? .now + Self.quarantineInterval)
        reports.tell(report, services: services ?? committer.serviceCount, took: took, what: what)
        // A rebuild plans every element at once; the allocator would keep that memory for the next one.
        if report.isRebuild { releaseFreedMemory() }
    }

    /// Measures how long changes of endpoints took to get into the kernel.
    private func tellTriggers() {
        status.programmed(triggers)
        triggers.removeAll()
    }

    /// Keeps the flows to endpoints that come back before they were forgotten.
    private func keepFlows(of snapshots: [ServiceSnapshot]) {
        var endpoints: [FrontEndKey: Set<TransportAddress>] = [:]
        for frontEnd in snapshots.flatMap(\.frontEnds) where frontEnd.key.transport == .udp {
            endpoints[frontEnd.key] = Set(frontEnd.destinations)
        }
        cleaner.keep(endpoints)
    }

    /// Lets clients go elsewhere that would stay with endpoints which have gone.
    private func forgetFlows(after report: CommitReport) {
        let departed = report.departed.filter { $0.frontEnd.transport == .udp }
        let answered = report.answered.filter { $0.transport == .udp }
        cleaner.add(departed.map { .departed($0.frontEnd, $0.endpoint) } + answered.map { .answered($0) })
        // While no agent ran, or others had changed our tables, endpoints may have gone and flows gone untranslated:
        // all are compared with what is programmed now.
        if report.isRebuild { cleaner.add([.reconcile(committer.endpoints(of: .udp))]) }
        do throws(RulesetError) {
            var forgotten = report.forgottenClients
            if report.isRebuild {
                forgotten += try committer.forgetStrayClients()
            } else if report.departed.contains(where: \.hadAffinity) {
                forgotten += try committer.forgetClients(of: report.departed)
            }
            guard forgotten > 0 else { return }
            reports.log.debug("forgot clients of departed endpoints", ["clients": .integer(forgotten)])
        } catch {
            reports.log.warning("clients of departed endpoints are remembered: \(error); each will lose one packet")
        }
    }

    private func fail(_ error: RulesetError) {
        let delay = retryDelay.delay()
        retryDue = .now + delay
        status.failed()
        reports.log.error(
            "\(error); what was programmed before stays, and everything is tried again",
            ["in": .duration(delay)]
        )
    }
}

extension ContinuousClock.Instant? {
    /// Whether the time has come.
    fileprivate func isDue(_ now: ContinuousClock.Instant) -> Bool { map { $0 <= now } ?? false }
}

extension ServiceDirectory {
    /// Creates a directory without objects that follows the operator's choice.
    init(_ options: AgentOptions) {
        self.init(
            nodeName: options.nodeName,
            failsOpenOnForeignRanges: options.failsOpenOnForeignRanges,
            servesExternalIPs: options.isOn(.serviceExternalIPs),
            priority: PriorityServices(words: options.priorityServices)
        )
    }
}
