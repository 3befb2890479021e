package import KubernetesAPI
package import NetworkAddress
package import ServiceDiscovery
package import ServiceModel
package import ServiceRules
package import StatusServer
package import Telemetry

/// Where the agent says what happens, for probes, load balancers and Prometheus to see.
///
/// The agent calls it from its own thread, and never waits here for a client: what it says is left on a board, and the
/// server's thread answers from there, also while the agent is busy.
package final class AgentStatusPublisher {
    /// Everything that is counted.
    package let metrics: ProxyMetrics

    private let options: AgentOptions
    private let began = AgentStatus.Moment.now.wall
    private let board: StatusBoard<AgentStatus>
    private let listeners: AgentStatusListeners
    private var wantedServices: WantedServices
    private var quarantined: [ObjectName: String] = [:]
    private var healthChecks: [HealthCheck] = []
    private var healthCheckAddresses: [AddressFamily: NodePortAddresses] = [:]

    /// How many Services that the kernel refuses are named by metrics.
    private static let quarantinedServicesMax = 100

    /// Creates a publisher that listens nowhere yet.
    package init(options: AgentOptions, metrics registry: MetricRegistry, log: Logger, journal: EventJournal) {
        self.options = options
        metrics = ProxyMetrics(registry)
        var status = AgentStatus(syncPeriod: options.syncPeriod, families: options.families)
        if options.expectsNode { status.node = .unknown }
        board = StatusBoard(status)
        let pages = AgentStatusPages(board: board, metrics: metrics, options: options)
        listeners = AgentStatusListeners(pages: pages, log: log, journal: journal)
        wantedServices = WantedServices(metrics: metrics, servicesMax: options.servicesWithMetricsMax)
    }

    // MARK: - Serving

    /// Starts to answer where the options say.
    ///
    /// - Throws: Why an address cannot be listened on, when the options say that this ends the agent; else it is logged
    ///   and tried again.
    package func start() throws(StatusServerError) {
        listen()
        if options.bindFailureIsFatal, let failure = listeners.failures.first { throw failure }
    }

    /// When to call `retry`; nil when there is no need.
    package var nextDeadline: ContinuousClock.Instant? { listeners.nextDeadline }

    /// Tries again to listen where it failed.
    package func retry(now: ContinuousClock.Instant) { listeners.retry(now: now) }

    /// Ends all answers.
    package func stop() { listeners.stop() }

    // MARK: - Syncs

    /// Notes changes that were read and that the kernel is to take.
    package func queued(_ changes: [ObjectChange]) {
        let kinds = changes.map(\.reference.kind)
        let services = kinds.count { $0 == .service }
        let endpoints = kinds.count { $0 == .endpointSlice || $0 == .endpoints }
        let moment = AgentStatus.Moment.now
        board.update { $0.queued(at: moment) }
        metrics.kubeProxy.queued(services: services, endpoints: endpoints, at: moment.wall.inSeconds)
    }

    /// Notes what is wanted for Services, whether or not the kernel has taken it.
    package func wanted(_ snapshots: [ServiceSnapshot], endpoints: Int) {
        wantedServices.update(snapshots)
        metrics.endpoints.set(endpoints)
    }

    /// Notes that the kernel has acknowledged everything that was wanted.
    ///
    /// - Parameters:
    ///   - isRebuild: Whether everything was written again.
    ///   - took: How long it took from the read change on.
    ///   - services: How many Services something is programmed for.
    ///   - quarantined: The Services that the kernel refuses, with its reasons.
    package func synced(isRebuild: Bool, took: Duration, services: Int, quarantined: [ObjectName: String]) {
        let moment = AgentStatus.Moment.now
        if isRebuild { driftMended() }
        board.update { $0.synced(at: moment, isRebuild: isRebuild) }
        metrics.syncs.increment()
        metrics.syncDuration.observe(took)
        metrics.kubeProxy.synced(took: took, at: moment.wall.inSeconds, isFull: isRebuild)
        metrics.services.set(services)
        if quarantined != self.quarantined { tell(quarantined) }
    }

    /// Notes that the kernel could not be asked, or took nothing.
    package func failed() {
        let moment = AgentStatus.Moment.now
        // Something waits, or nothing would have been tried.
        board.update { $0.queued(at: moment) }
        metrics.failures.increment()
        metrics.kubeProxy.failed()
    }

    /// Notes that the kernel now has what EndpointSlices told of.
    ///
    /// - Parameter triggers: When what they tell of happened. What happened before the agent started is passed over, as
    ///   in kube-proxy: the agent did not delay it.
    package func programmed(_ triggers: [ChangeTrigger]) {
        let now = AgentStatus.Moment.now.wall
        for trigger in triggers {
            let time = WallTime(seconds: trigger.time.seconds, nanoseconds: trigger.time.nanoseconds)
            guard time >= began else { continue }
            metrics.kubeProxy.programming[trigger.family.description].observe(now.inSeconds - time.inSeconds)
        }
    }

    // MARK: - Drift

    /// Notes that another program changed our tables: the node is unhealthy until they are written anew.
    package func driftNoticed() {
        board.update { $0.damaged() }
        metrics.isDamaged.set(1)
    }

    private func driftMended() {
        guard board.value.isDamaged else { return }
        metrics.repairs.increment()
        metrics.isDamaged.set(0)
    }

    // MARK: - Objects

    /// Notes what is known of this node.
    package func node(_ eligibility: NodeEligibility) { board.update { $0.node = eligibility } }

    /// Notes what is wrong with objects since now, and what no longer is.
    package func problems(appeared: [ObjectProblem], cleared: [ObjectProblem]) {
        for problem in appeared { metrics.problems[problem.kindLabel].add(1) }
        for problem in cleared { metrics.problems[problem.kindLabel].add(-1) }
    }

    /// Answers on the health check ports of Services, and on no others of that kind.
    ///
    /// - Parameters:
    ///   - checks: All of them.
    ///   - addresses: The node's addresses that node ports are open on; health checks answer there.
    package func healthChecks(_ checks: [HealthCheck], on addresses: [AddressFamily: NodePortAddresses]) {
        guard checks != healthChecks || addresses != healthCheckAddresses else { return }
        healthChecks = checks
        healthCheckAddresses = addresses
        let endpoints = Dictionary(checks.map { ($0.service, $0.localReadyEndpoints) }) { first, _ in first }
        // Numbers first: a port that opens answers with them.
        board.update { $0.localEndpoints = endpoints }
        listen()
    }

    // MARK: -

    private func listen() {
        var places: Set<AgentStatusListeners.Place> = []
        func add(_ purpose: AgentStatusListeners.Place.Purpose, _ address: TransportAddress?) {
            guard let address else { return }
            // Go, and so kube-proxy, takes either unspecified address for every address of both families.
            let any = AddressFamily.allCases.map { IPAddress(family: $0, bits: 0) }
            for each in address.address.isUnspecified ? any : [address.address] {
                places.insert(.init(purpose: purpose, address: each, port: address.port))
            }
        }
        add(.health, options.healthzAddress)
        add(.metrics, options.metricsAddress)
        for check in healthChecks {
            for family in check.localReadyEndpoints.keys {
                let addresses =
                    switch healthCheckAddresses[family] ?? .allLocal {
                    case .allLocal: [IPAddress(family: family, bits: 0)]
                    case .only(let addresses): addresses
                    }
                for address in addresses {
                    places.insert(.init(purpose: .healthCheck(check.service), address: address, port: check.port))
                }
            }
        }
        listeners.want(places)
    }

    private func tell(_ quarantined: [ObjectName: String]) {
        self.quarantined = quarantined
        metrics.quarantined.removeAll()
        metrics.quarantinedServices.removeAll()
        for reason in quarantined.values { metrics.quarantined[Self.label(of: reason)].add(1) }
        for (service, reason) in quarantined.sorted(by: { $0.key < $1.key }).prefix(Self.quarantinedServicesMax) {
            metrics.quarantinedServices[service.namespace, service.name, Self.label(of: reason)].set(1)
        }
    }

    /// The error's name in a reason of the kernel, such as `ENFILE`: there are only so many of them.
    private static func label(of reason: String) -> String {
        guard reason.last == ")", let start = reason.lastIndex(of: "(") else { return "other" }
        return String(reason[reason.index(after: start)...].dropLast())
    }
}

extension ObjectProblem {
    /// The kind of the object, for a label: one of those that are read, or `other`.
    fileprivate var kindLabel: String {
        let kind = object?.split(separator: " ").first.flatMap { ObjectKind(rawValue: String($0)) }
        return kind?.rawValue ?? "other"
    }
}

extension WallTime {
    /// The seconds since 1970.
    fileprivate var inSeconds: Double { Double(seconds) + Double(nanoseconds) / 1e9 }
}
