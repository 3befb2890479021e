import Gateway
import HTTPSemantics
import LinuxSystem
import LoadBalancing
import NetworkAddress
import Routing
import TLS

/// A worker of a gateway with one route for everything, and endpoints whose part the test plays.
final class WorkerBench {
    /// Where the worker listens.
    let port: Port
    /// The listening sockets of the endpoints.
    let endpoints: [ScriptedListener]
    let pool: WorkerPool
    private let settings: ProxySettings
    private let limits: RouteLimits

    /// Starts a worker.
    ///
    /// - Parameters:
    ///   - endpointCount: How many endpoints the only backend has.
    ///   - settings: What holds for the gateway as a whole.
    ///   - limits: What holds for the route.
    ///   - adjust: Changes what does not change while a worker runs.
    /// - Throws: Why it does not listen.
    init(
        endpointCount: Int = 1,
        settings: ProxySettings = ProxySettings(),
        limits: RouteLimits = WorkerBench.limits(),
        adjust: (inout WorkerSettings) -> Void = { _ in }
    ) throws {
        endpoints = try (0..<endpointCount).map { _ in try ScriptedListener() }
        self.settings = settings
        self.limits = limits
        let tables = try Self.tables(endpoints.map(\.port), settings, limits, .http)
        port = try ScriptedListener().port
        var worker = WorkerSettings()
        worker.endpoints = [.init(address: IPAddress(127, 0, 0, 1), port: port, isTLS: false)]
        adjust(&worker)
        pool = try WorkerPool(count: 1, setup: WorkerSetup(settings: worker, ticketKeys: TicketKeys(), tables: tables))
    }

    deinit { pool.close(within: 0) }

    /// The only endpoint.
    var endpoint: ScriptedListener { endpoints[0] }

    /// What the worker has in use.
    var census: WorkerCensus { pool.census().first ?? WorkerCensus() }

    /// Tables in which the endpoints are spoken to in another way.
    func tables(scheme: Backend.Scheme) throws -> GatewayTables {
        try Self.tables(endpoints.map(\.port), settings, limits, scheme)
    }

    /// Opens a connection to the worker.
    func connect() throws -> ScriptedStream { try ScriptedStream(to: port) }

    /// Limits of a route that let large bodies through.
    static func limits(_ change: (inout RouteLimits) -> Void = { _ in }) -> RouteLimits {
        var limits = RouteLimits()
        limits.bodyBytesMax = 1 << 30
        change(&limits)
        return limits
    }

    /// Settings of a gateway that differ from the usual ones.
    static func settings(_ change: (inout ProxySettings) -> Void) -> ProxySettings {
        var settings = ProxySettings()
        change(&settings)
        return settings
    }

    /// Tables that lead everything to some ports of this machine.
    private static func tables(
        _ ports: [Port],
        _ settings: ProxySettings,
        _ limits: RouteLimits,
        _ scheme: Backend.Scheme
    ) throws -> GatewayTables {
        let fallback = Route(id: 0, origin: RouteOrigin(), refusal: .notFound)
        let backend = Backend(
            id: 0,
            name: "default-echo-80",
            scheme: scheme,
            policy: .roundRobin,
            endpoints: ports.map { BackendEndpoint(TransportAddress(IPAddress(127, 0, 0, 1), $0)) }
        )
        let route = Route(id: 1, origin: RouteOrigin(), backend: 0, limits: limits)
        let (host, _) = VirtualHost.compile(
            name: "_",
            fallback: fallback,
            rules: [PathRule(path: "/", match: .prefix, route: route)]
        )
        let table = RoutingTable.empty(settings: settings, fallback: fallback)
            .replacing(hosts: [:], catchAll: host, backends: [(0, backend)])
        let certificate = try TLSCertificate.selfSigned(names: ["localhost"])
        let certificates = CertificateTable(fallback: CertificateTable.Host(certificates: [certificate]))
        return GatewayTables(routing: table, certificates: certificates, generation: 1)
    }
}
