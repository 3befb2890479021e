internal import IngressDiscovery
internal import KubernetesAPI
internal import LinuxSystem
internal import Synchronization
internal import Telemetry

/// What the control thread counts, under the names of ingress-nginx where it has one.
final class GatewayControlMetrics {
    private let catalog: RouteCatalog
    private let labels: ControllerLabels
    private let registry: MetricRegistry
    private let generation: Gauge
    private let changes: Counter
    private let publishing: Histogram
    private let problems: MetricFamily<Gauge>
    private let orphans: MetricFamily<Gauge>
    private let reloads: Counter
    private let lastReload: Gauge
    private var standing: [String: Int] = [:]
    private var orphanCounts: [Orphan: Int] = [:]

    /// An Ingress with a backend that nobody serves.
    private struct Orphan: Hashable {
        let ingress: NamespacedName
        let type: String
    }

    init(options: GatewayOptions, registry: MetricRegistry) {
        self.registry = registry
        labels = options.labels
        catalog = RouteCatalog(controller: options.labels, includesHost: options.hasMetricsPerHost)
        generation = registry.gauge(
            "fairlead_gateway_tables_generation",
            "The number of the tables that are served by."
        )
        changes = registry.counter("fairlead_gateway_table_changes_total", "New tables that workers were given.")
        publishing = registry.histogram(
            "fairlead_gateway_publish_duration_seconds",
            "Time from the news of a change to the workers having its tables.",
            bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
        )
        problems = registry.gauges(
            "fairlead_gateway_problems",
            "Problems with objects that stand at the moment, by cause.",
            labels: ["reason"]
        )
        // Zero is told from the start, so that an alert on the first problem has something to compare with.
        for reason in IngressProblem.Reason.allCases { problems[reason.rawValue].set(0) }
        problems[Self.unreadable].set(0)
        let controller = ["controller_class", "controller_namespace", "controller_pod"]
        orphans = registry.gauges(
            "nginx_ingress_controller_orphan_ingress",
            "Ingresses with a backend that has no Service or no endpoint.",
            labels: controller + ["ingress", "namespace", "type"]
        )
        reloads =
            registry.counters(
                "nginx_ingress_controller_success",
                "Times that a configuration was taken into use; no process is started anew for it.",
                labels: controller
            )[labels.controllerClass, labels.namespace, labels.pod]
        // What cannot be used is a problem of its object, and the rest is taken into use all the same.
        _ =
            registry.counters(
                "nginx_ingress_controller_errors",
                "Times that a configuration could not be taken into use.",
                labels: controller
            )[labels.controllerClass, labels.namespace, labels.pod]
        lastReload =
            registry.gauges(
                "nginx_ingress_controller_config_last_reload_successful_timestamp_seconds",
                "When a configuration was last taken into use, in seconds since 1970.",
                labels: controller
            )[labels.controllerClass, labels.namespace, labels.pod]
    }

    /// Tells what is known elsewhere from now on.
    ///
    /// - Parameters:
    ///   - pool: The workers.
    ///   - accessLog: The access log, if there is one.
    ///   - desk: Where to ask for the objects.
    ///   - isUpToDate: Says whether the workers serve by the newest tables.
    func watch(
        _ pool: WorkerPool,
        accessLog: AccessLogWriter?,
        desk: DirectoryDesk,
        isUpToDate: @escaping @Sendable () -> Bool
    ) {
        GatewayMetrics(
            catalog: catalog,
            accessLog: { accessLog?.numbers },
            snapshots: { pool.numbers() }
        ).register(with: registry)
        let controller = ControllerMetrics(labels: labels, desk: desk, isUpToDate: isUpToDate)
        registry.collect { text in controller.write(to: &text) }
    }

    /// The workers were given tables.
    func published(_ tables: GatewayTables, took: Duration) {
        catalog.adopt(tables.routing)
        generation.set(Int(tables.generation))
        changes.increment()
        publishing.observe(took)
        reloads.increment()
        lastReload.set(Int(wallClockNanoseconds() / 1_000_000_000))
    }

    // MARK: - Problems

    /// What cannot be read at all.
    private static let unreadable = "Unreadable"

    /// Objects or their files could not be read, or can be again.
    func unreadable(appeared: Int, cleared: Int) { count(Self.unreadable, appeared - cleared) }

    /// Problems of Ingresses appeared and went.
    func changed(_ compilation: IngressCompilation) {
        for problem in compilation.appeared { note(problem, 1) }
        for problem in compilation.cleared { note(problem, -1) }
    }

    private func note(_ problem: IngressProblem, _ change: Int) {
        count(problem.reason.rawValue, change)
        guard problem.object.kind == .ingress, let type = problem.reason.orphanType else { return }
        let orphan = Orphan(ingress: NamespacedName(problem.object), type: type)
        let count = orphanCounts[orphan, default: 0] + change
        orphanCounts[orphan] = count > 0 ? count : nil
        let name = orphan.ingress
        if count > 0 {
            orphans[labels.controllerClass, labels.namespace, labels.pod, name.name, name.namespace, type].set(1)
        } else {
            orphans.remove(labels.controllerClass, labels.namespace, labels.pod, name.name, name.namespace, type)
        }
    }

    private func count(_ reason: String, _ change: Int) {
        guard change != 0 else { return }
        standing[reason, default: 0] += change
        problems[reason].set(standing[reason, default: 0])
    }
}

extension IngressProblem.Reason {
    /// What ingress-nginx calls an Ingress with the problem.
    fileprivate var orphanType: String? {
        switch self {
        case .serviceNotFound, .portNotFound: "no-service"
        case .noEndpoints: "no-endpoint"
        default: nil
        }
    }
}
