package import ClusterState
internal import EventIO
internal import IngressDiscovery
package import KubernetesAPI
internal import LinuxSystem
internal import NetworkAddress
internal import Routing
internal import TLS
package import Telemetry

/// The gateway as a whole: objects become tables, workers serve by them, and an operator sees both.
///
///     source ──► directory ──► tables ──► workers (threads of their own)
///                    ▲                       │
///     resolver ──────┘                       └──► access log, metrics
///
/// This is its control thread, which no request ever waits for.
package final class Gateway {
    /// The kinds of object that a gateway makes use of.
    package static let objectKinds: Set<ObjectKind> = IngressDirectory.kinds

    private let options: GatewayOptions
    private let source: any ObjectSource
    /// The source, if it is an API server that is written to as well.
    private let cluster: GatewayCluster?
    private let log: Logger
    private let signals: SignalQueue
    private let resolver: NameResolver
    private let metrics: GatewayControlMetrics
    private let desk: DirectoryDesk
    private let accessLog: AccessLogWriter?
    private var status: GatewayStatus
    private var directory: IngressDirectory
    private var tables: GatewayTables?
    private var pool: WorkerPool?
    private var end: End?
    /// Whether something has changed that no tables say yet.
    private var hasUnpublished = false

    /// How far the end has come.
    private enum End {
        /// Connections are still taken, until then.
        case grace(until: ContinuousClock.Instant)
        /// The last exchanges go on, until then.
        case draining(until: ContinuousClock.Instant)
    }

    /// Creates a gateway that serves nothing yet.
    ///
    /// - Parameters:
    ///   - options: What the operator chose.
    ///   - source: Where objects come from.
    ///   - log: Where to tell what happens.
    ///   - registry: Where to count it.
    /// - Throws: What the system does not give.
    package init(options: GatewayOptions, source: any ObjectSource, log: Logger, registry: MetricRegistry) throws {
        self.options = options
        self.source = source
        cluster = source as? GatewayCluster
        self.log = log
        signals = try SignalQueue([.hangUp, .interrupt, .terminate])
        resolver = try NameResolver()
        desk = try DirectoryDesk()
        status = GatewayStatus(
            healthPath: options.healthPath,
            registry: options.hasMetrics ? registry : nil,
            views: GatewayViews(desk: desk),
            log: log
        )
        directory = IngressDirectory(
            settings: options.ingress,
            builtInCertificate: try .selfSigned(names: ["ingress.local"])
        )
        switch options.accessLog {
        case .off: accessLog = nil
        case .standardOutput: accessLog = try AccessLogWriter(path: nil, log: log)
        case .file(let path):
            do throws(Errno) {
                accessLog = try AccessLogWriter(path: path, log: log)
            } catch {
                throw GatewayFailure("the access log \(path) cannot be opened: \(error)")
            }
        }
        metrics = GatewayControlMetrics(options: options, registry: registry)
    }

    /// Prints what the objects come to, and serves nothing.
    package func describe() -> String {
        _ = gather()
        _ = directory.compile()
        return directory.describe()
    }

    /// Serves until a signal ends it.
    ///
    /// - Throws: Why it cannot listen.
    package func run() throws {
        if let address = options.status { try status.start(on: address) }
        defer { status.stop() }
        try resolver.start()
        defer { resolver.stop() }
        guard try start() else { return }
        while !step() {}
        accessLog?.close()
    }

    /// Begins to serve as soon as it is known what; returns whether no signal came before.
    private func start() throws -> Bool {
        guard gather() else { return false }
        let began = ContinuousClock.now
        guard let tables = compile() else { throw GatewayFailure("the objects came to no tables") }
        metrics.published(tables, took: .now - began)
        status.published(tables)
        var setup = WorkerSetup(
            settings: options.worker,
            limits: options.limits,
            tlsSettings: options.tls,
            ticketKeys: TicketKeys(),
            tables: tables
        )
        setup.accessLog = accessLog
        setup.accessLogFormat = options.accessLogFormat
        setup.log = log
        let pool = try WorkerPool(count: options.workerCount, setup: setup)
        self.pool = pool
        metrics.watch(pool, accessLog: accessLog, desk: desk, isUpToDate: status.isUpToDate)
        status.serves(with: pool)
        log.info(
            "ready",
            [
                "listens": .text(options.worker.endpoints.map(\.description).joined(separator: " ")),
                "workers": .integer(options.workerCount), "hosts": .integer(tables.routing.hostCount),
                "took": .duration(.now - began),
            ]
        )
        cluster?.serves()
        return true
    }

    /// Reads until nothing is missing that was there at the beginning; returns whether no signal came before.
    private func gather() -> Bool {
        while true {
            for change in readSource() { directory.apply(change) }
            if source.hasSynced { followSecrets() }
            if source.hasSynced { return true }
            var waits = [
                Readiness(of: signals.descriptor, reading: true), Readiness(of: source.descriptor, reading: true),
            ]
            // A wait that fails would fail again at once: then the deadlines alone drive the loop.
            _ = try? Readiness.wait(for: &waits, timeout: source.nextDeadline.map { max(.zero, $0 - .now) })
            while let signal = signals.next() { if signal != .hangUp { return false } }
        }
    }

    // MARK: - The loop

    /// Waits for something to happen and answers it; returns whether the gateway has ended.
    private func step() -> Bool {
        var waits = [
            Readiness(of: signals.descriptor, reading: true), Readiness(of: source.descriptor, reading: true),
            Readiness(of: resolver.descriptor, reading: true), Readiness(of: desk.descriptor, reading: true),
        ]
        let deadline = [source.nextDeadline, nextEndCheck].compactMap(\.self).min()
        // A wait that fails would fail again at once: then the deadlines alone drive the loop.
        _ = try? Readiness.wait(for: &waits, timeout: deadline.map { max(.zero, $0 - .now) })
        if waits[0].isReadable, answerSignals() { return true }
        if waits[1].isReadable || source.nextDeadline.map({ $0 <= .now }) == true { followSource() }
        if waits[2].isReadable { followNames() }
        if waits[3].isReadable { answerDesk() }
        return goOnEnding()
    }

    private func answerDesk() {
        desk.hand(out: DirectoryCopy(directory: directory, generation: tables?.generation ?? 0))
    }

    private func followSource() {
        let began = ContinuousClock.now
        let changes = readSource()
        for change in changes { directory.apply(change) }
        guard !changes.isEmpty || hasUnpublished else { return }
        followSecrets()
        publish(since: began)
    }

    private func followSecrets() {
        guard let cluster, let names = directory.takeReferencedSecrets() else { return }
        cluster.want(names)
    }

    private func followNames() {
        let began = ContinuousClock.now
        for answer in resolver.take() { directory.resolved(externalName: answer.name, addresses: answer.addresses) }
        publish(since: began)
    }

    private func readSource() -> [ObjectChange] {
        let news = source.read()
        for notice in news.notices { log.debug(notice.description) }
        for problem in news.cleared { log.info("solved: \(problem)") }
        for problem in news.appeared { log.warning(problem.description) }
        metrics.unreadable(appeared: news.appeared.count, cleared: news.cleared.count)
        return news.changes
    }

    /// Compiles what changed, and has the workers serve by it.
    private func publish(since began: ContinuousClock.Instant) {
        // A host that gets another certificate keeps the one that it has until the other is there.
        hasUnpublished = cluster?.awaitsSecrets == true
        guard !hasUnpublished else { return }
        guard let tables = compile() else { return }
        pool?.serve(by: tables)
        status.published(tables)
        metrics.published(tables, took: .now - began)
        log.debug(
            "serving by new tables",
            ["generation": .integer(Int(tables.generation)), "took": .duration(.now - began)]
        )
    }

    /// Compiles what changed; nil when nothing did that workers care about.
    private func compile() -> GatewayTables? {
        let compilation = directory.compile()
        for problem in compilation.cleared { log.info("solved: \(problem)") }
        for problem in compilation.appeared { log.warning(problem.description) }
        metrics.changed(compilation)
        if let names = compilation.externalNames { resolver.want(names) }
        cluster?.compiled(compilation, directory)
        guard compilation.table != nil || compilation.certificates != nil else { return nil }
        guard let routing = compilation.table ?? tables?.routing,
            let certificates = compilation.certificates ?? tables?.certificates
        else { return nil }
        let next = GatewayTables(
            routing: routing,
            certificates: certificates,
            generation: (tables?.generation ?? 0) + 1
        )
        tables = next
        return next
    }

    // MARK: - The end

    /// Answers all signals that wait; returns whether one ends the gateway at once.
    private func answerSignals() -> Bool {
        while let signal = signals.next() {
            switch signal {
            case .hangUp:
                log.info("SIGHUP: opening the access log anew")
                accessLog?.reopen()
            case .interrupt, .terminate:
                if end != nil {
                    log.warning("ending at once: the second signal; exchanges that are under way are cut off")
                    pool?.close(within: 0)
                    return true
                }
                beginEnd()
            }
        }
        return false
    }

    /// Readiness goes first, so that load balancers send no more; then no connection outlives its present request.
    private func beginEnd() {
        log.info("ending: readiness is off", ["grace": .duration(options.shutdownGrace)])
        status.ends()
        pool?.beginDrain()
        cluster?.beginEnd()
        end = .grace(until: .now + options.shutdownGrace)
    }

    private var nextEndCheck: ContinuousClock.Instant? { end == nil ? nil : .now + .milliseconds(20) }

    /// Goes on with the end; returns whether it has come.
    private func goOnEnding() -> Bool {
        switch end {
        case nil: return false
        case .grace(let until):
            guard .now >= until else { return false }
            log.info("taking no connections any more", ["limit": .duration(options.drainLimit)])
            pool?.close(within: options.drainLimit.wholeMilliseconds)
            end = .draining(until: .now + options.drainLimit + .seconds(1))
            return false
        case .draining(let until):
            guard cluster?.hasEnded != false else { return false }
            if pool?.isEnded != false {
                log.info("ended: every exchange was completed")
                return true
            }
            guard .now >= until else { return false }
            log.warning("ended: exchanges were cut off that took longer than the limit")
            return true
        }
    }
}

/// Why a gateway cannot serve, in words for its operator.
package struct GatewayFailure: Error, CustomStringConvertible {
    /// The words.
    package let description: String

    init(_ description: String) { self.description = description }
}

extension Duration {
    /// The length in milliseconds, without the rest.
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
