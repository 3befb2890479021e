internal import LinuxSystem
internal import NetworkAddress
internal import StatusServer
internal import Telemetry

/// What probes and scrapers see of a gateway: `/healthz` and `/metrics`.
struct GatewayStatus {
    /// Whether the gateway wants requests.
    struct Health: Sendable {
        /// Whether it has read its objects and listens.
        var isServing = false
        /// Whether it was told to end.
        var isEnding = false
    }

    private let health = StatusBoard(Health())
    private let registry: MetricRegistry
    private let log: Logger
    private var server: StatusServer?

    init(registry: MetricRegistry, log: Logger) {
        self.registry = registry
        self.log = log
    }

    /// Starts to answer; a port that cannot be had is an error, as nobody could tell whether the gateway lives.
    mutating func start(on address: TransportAddress) throws {
        let (health, registry) = (health, registry)
        let server = try StatusServer()
        self.server = server
        // A listener takes one family, and `::` means both.
        let both = address.address.isUnspecified && address.address.family == .ipv6
        for place in both ? [address.address, IPAddress(0, 0, 0, 0)] : [address.address] {
            let listener = try server.open(on: place, port: address.port) { request in
                Self.answer(request, health: health.value, registry: registry)
            }
            log.debug("health and metrics are answered on \(listener.address)")
        }
    }

    private static func answer(_ request: StatusRequest, health: Health, registry: MetricRegistry) -> StatusResponse {
        guard request.method == "GET" || request.method == "HEAD" else { return .readOnly }
        switch request.path {
        case "/healthz", "/readyz":
            if health.isEnding { return .plain(.unavailable, "the gateway is ending\n") }
            return health.isServing ? .plain(.ok, "ok") : .plain(.unavailable, "the gateway is starting\n")
        case "/livez": return .plain(.ok, "ok")
        case "/metrics":
            return StatusResponse(
                .ok,
                fields: [.init("Content-Type", MetricRegistry.contentType)],
                body: registry.exposition()
            )
        default: return .notFound
        }
    }

    /// The gateway has read its objects and listens.
    func serves() { health.update { $0.isServing = true } }

    /// The gateway was told to end.
    func ends() { health.update { $0.isEnding = true } }

    /// Stops to answer.
    mutating func stop() {
        server?.stop()
        server = nil
    }
}
