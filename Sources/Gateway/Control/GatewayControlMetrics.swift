internal import IngressDiscovery
internal import KubernetesAPI
internal import Synchronization
internal import Telemetry

/// What the control thread counts, under the names of ingress-nginx where it has one.
final class GatewayControlMetrics {
    private let catalog: RouteCatalog
    private let registry: MetricRegistry
    private let generation: Gauge
    private let changes: Counter
    private let publishing: Histogram
    private let problemCount: Gauge
    private var standing = 0

    init(options: GatewayOptions, registry: MetricRegistry) {
        self.registry = registry
        catalog = RouteCatalog(controller: options.labels, includesHost: options.hasMetricsPerHost)
        generation = registry.gauge("fairlead_gateway_tables_generation", "The number of the tables that are served by.")
        changes = registry.counter("fairlead_gateway_table_changes_total", "New tables that workers were given.")
        publishing = registry.histogram(
            "fairlead_gateway_publish_duration_seconds",
            "Time from the news of a change to the workers having its tables.",
            bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
        )
        problemCount = registry.gauge("fairlead_gateway_problems", "Problems with objects that stand at the moment.")
    }

    /// Tells the numbers of workers from now on.
    func watch(_ pool: WorkerPool, accessLog: AccessLogWriter?) {
        GatewayMetrics(
            catalog: catalog,
            accessLog: { accessLog?.numbers },
            snapshots: { pool.numbers() }
        ).register(with: registry)
    }

    /// The workers were given tables.
    func published(_ tables: GatewayTables, took: Duration) {
        catalog.adopt(tables.routing)
        generation.set(Int(tables.generation))
        changes.increment()
        publishing.observe(took)
    }

    /// Problems appeared and went.
    func problems(appeared: Int, cleared: Int) {
        standing += appeared - cleared
        problemCount.set(standing)
    }
}
