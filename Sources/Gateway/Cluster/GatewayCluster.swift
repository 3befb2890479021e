package import ClusterState
package import IngressDiscovery
package import KubeConfig
internal import KubernetesAPI
package import LinuxSystem
internal import ListWatch
package import Telemetry

/// An API server as a gateway uses it: its objects, the Secrets that are referenced, and what is written back.
///
///     source ──► changes ──► directory ──► referenced Secrets ──► watches
///        ▲                       └──► served Ingresses, problems ──► status, Events
///        └──────────── requests ◄──────────────────────────────────────────┘
///
/// It belongs to the control thread, and no call of it waits. What is decided, is decided in the four state machines:
/// `SecretWatches`, `LeaderElection`, `StatusWriter` and `EventWriter`.
package final class GatewayCluster: ObjectSource {
    typealias Instant = ContinuousClock.Instant

    /// How long new tables wait for Secrets that have just been named.
    private static let secretsWait = Duration.seconds(2)
    /// How long the end may take.
    private static let endWait = Duration.seconds(5)

    let source: APIServerSource
    let options: ClusterOptions
    let log: Logger

    private let resources: [WatchedResource]
    private var watches = SecretWatches()
    private var isSettling = false
    /// Until when Secrets are waited for; nil at the beginning, when there is nothing yet that could be served.
    private var settleLimit: Instant?
    private(set) var hasServed = false

    var election: LeaderElection
    var statuses = StatusWriter()
    var events: EventWriter
    var pods: GatewayPods?
    var standing: Set<IngressProblem> = []
    var uids: [NamespacedName: String] = [:]
    /// The Ingresses that no gateway has taken on before.
    var unannounced: Set<NamespacedName> = []
    var purposes: [UInt64: Purpose] = [:]
    var wasLeader = false
    var told: [String: String] = [:]
    var ending: Ending?

    /// What a request is for.
    enum Purpose {
        case lease
        case pods
        case status(StatusWriter.Write)
        case event(EventWriter.Write)
    }

    /// How far the end has come.
    struct Ending {
        /// What is being done.
        enum Step { case counting, clearing, releasing }
        var step: Step
        let limit: Instant
    }

    /// Creates the use of an API server; nothing is connected before `read`.
    ///
    /// - Parameters:
    ///   - access: Where the server is and how to be let in.
    ///   - options: What the operator chose.
    ///   - settings: Which Ingresses count.
    ///   - log: Where to tell what happens.
    /// - Throws: Why the kernel gives no descriptor.
    package init(
        access: ClusterAccess,
        options: ClusterOptions,
        settings: IngressSettings,
        log: Logger
    ) throws(Errno) {
        let now = ContinuousClock.now
        self.options = options
        self.log = log
        var publishing: NamespacedName?
        if case .service(let name) = options.publishedFrom { publishing = name }
        resources = GatewayResources.resources(settings: settings, publishing: publishing)
        var limits = APIRequestLimits()
        // A status for each of thousands of Ingresses, in minutes.
        limits.perSecond = 20
        limits.burst = 50
        source = try APIServerSource(
            access: access,
            resources: resources,
            agent: "\(options.component)/\(GatewayBuild.version) (linux)",
            limits: limits
        )
        election = LeaderElection(identity: options.identity, lease: options.lease, now: now)
        events = EventWriter(component: options.component, instance: options.identity)
        if let pod = options.pod {
            pods = GatewayPods(
                pod: pod,
                usesInternalAddresses: options.publishedFrom == .nodes(internal: true),
                now: now
            )
        }
        switch options.publishedFrom {
        case .list(let addresses): statuses.want(addresses)
        case .nodes where options.pod == nil:
            log.warning(
                "no status of Ingresses is written: this is no pod whose node could be named (POD_NAME and POD_NAMESPACE "
                    + "are not set); give --publish-status-address or --publish-service"
            )
        case .nodes, .service, .nowhere: break
        }
    }

    // MARK: - As a source

    /// The descriptor that is readable when the server has said something.
    package var descriptor: Int32 { source.descriptor }

    /// When to read even if the descriptor stays quiet.
    package var nextDeadline: ContinuousClock.Instant? {
        var deadlines = [source.nextDeadline, writingDeadline]
        if isSettling, let settleLimit, settleLimit > .now { deadlines.append(settleLimit) }
        return deadlines.compactMap(\.self).min()
    }

    /// Whether everything has been told that there was at the beginning, the referenced Secrets among it.
    package var hasSynced: Bool { source.hasSynced && !awaitsSecrets }

    /// Whether Secrets are on their way that tables should not be made without.
    package var awaitsSecrets: Bool { isSettling && settleLimit.map { .now < $0 } ?? true }

    /// Does all that can be done without waiting, and returns what changed since the last call.
    package func read() -> SourceNews {
        let news = source.read()
        settle()
        advance(now: .now)
        return news
    }

    // MARK: - Secrets

    /// Follows these Secrets from now on.
    package func want(_ secrets: Set<NamespacedName>) {
        watches.want(secrets)
        isSettling = true
        settleLimit = hasServed ? .now + Self.secretsWait : nil
        source.follow(resources + watches.resources)
        settle()
    }

    /// Says that tables are served by now, which are not to wait for Secrets for ever.
    package func serves() { hasServed = true }

    private func settle() {
        guard isSettling, watches.resources.allSatisfy(source.hasSynced) else { return }
        let followed = watches.resources
        watches.settled(
            brings: { watch, name in
                source.knows(ObjectReference(kind: .secret, namespace: name.namespace, name: name.name), through: watch)
            },
            isRefused: source.isRefused
        )
        if watches.resources != followed {
            source.follow(resources + watches.resources)
            return
        }
        isSettling = false
        let names = watches.unwatched.sorted().map(\.description).joined(separator: ", ")
        let problem =
            "too many Secrets are missing, or of another type than kubernetes.io/tls, or in places where only single ones "
            + "may be read; not looked for: \(names)"
        say("secrets", names.isEmpty ? nil : problem)
    }

    // MARK: - What is written back

    /// Takes what the objects came to.
    package func compiled(_ compilation: IngressCompilation, _ directory: IngressDirectory) {
        let now = ContinuousClock.now
        for name in compilation.ingresses { note(name, directory, now) }
        for problem in compilation.cleared {
            standing.remove(problem)
            events.takeBack(event(of: problem))
        }
        for problem in compilation.appeared {
            standing.insert(problem)
            if wasLeader { events.tellIfItStands(event(of: problem), now: now) }
        }
        if case .service(let name) = options.publishedFrom {
            statuses.want(directory.service(name)?.publishedAddresses)
        }
        advance(now: now)
    }

    private func note(_ name: NamespacedName, _ directory: IngressDirectory, _ now: Instant) {
        uids[name] = directory.ingress(name)?.uid
        guard let ingress = directory.served(name) else {
            statuses.left(name)
            unannounced.remove(name)
            return
        }
        statuses.served(name, published: ingress.published)
        // What has an address was taken on before, by this gateway or by another.
        if ingress.published.isEmpty { unannounced.insert(name) } else { unannounced.remove(name) }
        if wasLeader { announce(now) }
    }

    /// Tells of the Ingresses that nobody has taken on before.
    func announce(_ now: Instant) {
        guard options.tellsAccepted else { return }
        for name in unannounced.sorted() {
            let object = ObjectReference(kind: .ingress, namespace: name.namespace, name: name.name)
            events.tell(
                ClusterEvent(
                    object: object,
                    uid: uids[name],
                    severity: .normal,
                    reason: "Sync",
                    message: "Scheduled for sync"
                ),
                now: now
            )
        }
        unannounced = []
    }

    /// The Event of a problem.
    func event(of problem: IngressProblem) -> ClusterEvent {
        let message = [problem.problem.field, problem.problem.message].compactMap(\.self).joined(separator: ": ")
        return ClusterEvent(
            object: problem.object,
            uid: problem.object.kind == .ingress ? uids[NamespacedName(problem.object)] : nil,
            severity: .warning,
            reason: problem.reason.rawValue,
            message: message
        )
    }

    // MARK: - The end

    /// Begins to end: addresses are taken away if nobody else serves, and another may lead.
    package func beginEnd() {
        guard ending == nil else { return }
        let now = ContinuousClock.now
        let clears = options.clearsStatusAtEnd && election.isLeader(at: now) && options.publishedFrom != .nowhere
        ending = Ending(step: clears ? .counting : .releasing, limit: now + Self.endWait)
        if clears, pods != nil { pods?.count(now: now) } else if clears { beginClearing() }
        if !clears { election.release(now: now) }
        advance(now: now)
    }

    /// Whether nothing is left to say to the server, or the time for it is over.
    package var hasEnded: Bool {
        guard let ending else { return false }
        return ContinuousClock.now >= ending.limit || (ending.step == .releasing && election.hasEnded)
    }

    func beginClearing() {
        ending?.step = .clearing
        statuses.clear()
    }
}
