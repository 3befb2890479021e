internal import LinuxSystem
internal import NetworkAddress
internal import StatusServer
internal import Telemetry

/// What probes, scrapers and operators see of a gateway.
///
/// ```
///  /healthz, /readyz   whether it wants requests     500 while it starts, ends, or serves by old tables
///  /livez              whether it answers at all
///  /metrics            what it counts
///  /configuration      routes, backends, certificates and warnings; to this machine alone
///  /explain            which route takes ?host=…&path=… and why; to this machine alone
/// ```
struct GatewayStatus {
    /// Whether the gateway wants requests.
    struct Health: Sendable {
        /// Whether it was told to end.
        var isEnding = false
        /// The workers; nil until the objects are read and the gateway listens.
        var pool: WorkerPool?
        /// The newest tables, and when workers were given them.
        var generation: UInt64 = 0
        var published = ContinuousClock.now

        /// Why the gateway wants no requests; nil when it does.
        func complaint(at now: ContinuousClock.Instant) -> String? {
            if isEnding { return "the gateway is ending" }
            guard let pool else { return "the gateway is starting" }
            guard now - published > Self.patience, let worker = pool.worker(behind: generation) else { return nil }
            return "worker \(worker) serves by old routes: it has not taken tables \(generation) yet"
        }

        /// How long workers may take to adopt new tables before the gateway counts as stale.
        private static let patience = Duration.seconds(10)
    }

    private let health = StatusBoard(Health())
    private let healthPath: String
    private let registry: MetricRegistry?
    private let views: GatewayViews
    private let log: Logger
    private var server: StatusServer?

    /// Prepares answers.
    ///
    /// - Parameters:
    ///   - healthPath: The path that tells whether the gateway wants requests, besides `/readyz`.
    ///   - registry: What is counted; nil for no metrics.
    ///   - views: What operators see.
    ///   - log: Where to tell what happens.
    init(healthPath: String, registry: MetricRegistry?, views: GatewayViews, log: Logger) {
        self.healthPath = healthPath
        self.registry = registry
        self.views = views
        self.log = log
    }

    /// Starts to answer; a port that cannot be had is an error, as nobody could tell whether the gateway lives.
    mutating func start(on address: TransportAddress) throws {
        let (health, healthPath, registry, views) = (health, healthPath, registry, views)
        let server = try StatusServer()
        self.server = server
        // A listener takes one family, and `::` means both.
        let both = address.address.isUnspecified && address.address.family == .ipv6
        for place in both ? [address.address, IPAddress(0, 0, 0, 0)] : [address.address] {
            let listener = try server.open(on: place, port: address.port) { request in
                guard request.method == "GET" || request.method == "HEAD" else { return .readOnly }
                switch request.path {
                case healthPath, "/readyz":
                    // ingress-nginx's status, which load balancers may have been told to look for.
                    return health.value.complaint(at: .now).map { .plain(.failure, "\($0)\n") } ?? .plain(.ok, "ok")
                case "/livez": return .plain(.ok, "ok")
                case "/metrics": return registry.map(Self.metrics) ?? .notFound
                default: return views.answer(request) ?? .notFound
                }
            }
            log.debug("health and metrics are answered on \(listener.address)")
        }
    }

    private static func metrics(of registry: MetricRegistry) -> StatusResponse {
        StatusResponse(
            .ok,
            fields: [.init("Content-Type", MetricRegistry.contentType)],
            body: registry.exposition()
        )
    }

    /// The gateway has read its objects and listens.
    func serves(with pool: WorkerPool) { health.update { $0.pool = pool } }

    /// The workers were given tables.
    func published(_ tables: GatewayTables) {
        health.update { health in
            // Who is behind stays behind, however often there are newer ones.
            let isCaughtUp = health.pool?.worker(behind: health.generation) == nil
            if isCaughtUp { health.published = .now }
            health.generation = tables.generation
        }
    }

    /// The gateway was told to end.
    func ends() { health.update { $0.isEnding = true } }

    /// Whether every worker serves by the newest tables, or had no time to adopt them yet.
    var isUpToDate: @Sendable () -> Bool {
        let health = health
        return { health.value.pool != nil && (health.value.isEnding || health.value.complaint(at: .now) == nil) }
    }

    /// Stops to answer.
    mutating func stop() {
        server?.stop()
        server = nil
    }
}
