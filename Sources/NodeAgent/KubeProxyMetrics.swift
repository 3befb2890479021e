internal import NetworkAddress
package import Telemetry

/// The metrics that kube-proxy 1.36 has in nftables mode, under its names.
package struct KubeProxyMetrics: Sendable {
    /// One sync, full or partial.
    let syncDuration: MetricFamily<Histogram>
    /// Syncs that write everything.
    let fullSyncDuration: MetricFamily<Histogram>
    /// Syncs that write what changed.
    let partialSyncDuration: MetricFamily<Histogram>
    /// From the change of a pod or Service that an EndpointSlice tells of to the sync.
    let programming: MetricFamily<Histogram>
    /// When the last sync succeeded, in seconds since 1970.
    let lastSync: MetricFamily<Gauge>
    /// When a sync was last asked for, in seconds since 1970.
    let lastQueued: MetricFamily<Gauge>
    /// Changes of endpoints that the kernel has not taken.
    let endpointChangesPending: Gauge
    /// Changes of endpoints so far.
    let endpointChanges: Counter
    /// Changes of Services that the kernel has not taken.
    let serviceChangesPending: Gauge
    /// Changes of Services so far.
    let serviceChanges: Counter
    /// Service ports with a `Local` policy and no endpoint here, by `internal` or `external`, and by family.
    let withoutLocalEndpoints: MetricFamily<Gauge>
    /// Syncs that failed.
    let syncFailures: MetricFamily<Counter>
    /// Removals of what is no longer wanted that failed: always none, as they are part of a sync here.
    let cleanupFailures: MetricFamily<Counter>
    /// Searches for stale entries of connection tracking.
    package let conntrackDuration: MetricFamily<Histogram>
    /// Entries of connection tracking that were deleted.
    package let conntrackDeleted: MetricFamily<Counter>
    /// Answers of `/healthz` on the health port, by status code.
    let healthzAnswers: MetricFamily<Counter>
    /// Answers of `/livez`, by status code.
    let livezAnswers: MetricFamily<Counter>

    init(_ registry: MetricRegistry) {
        // 1 ms doubled fourteen times, as kube-proxy has it; fairlead_agent_sync_duration_seconds is finer.
        let bounds = Histogram.exponentialBounds(start: 0.001, factor: 2, count: 15)
        func histograms(_ name: String, _ help: String, bounds: [Double] = bounds) -> MetricFamily<Histogram> {
            registry.histograms("kubeproxy_\(name)", "[ALPHA] \(help)", labels: ["ip_family"], bounds: bounds)
        }
        func gauges(_ name: String, _ help: String, labels: [String] = ["ip_family"]) -> MetricFamily<Gauge> {
            registry.gauges("kubeproxy_\(name)", "[ALPHA] \(help)", labels: labels)
        }
        func counters(_ name: String, _ help: String, labels: [String] = ["ip_family"]) -> MetricFamily<Counter> {
            registry.counters("kubeproxy_\(name)", "[ALPHA] \(help)", labels: labels)
        }
        syncDuration = histograms("sync_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds")
        fullSyncDuration = histograms(
            "sync_full_proxy_rules_duration_seconds",
            "SyncProxyRules latency in seconds for full resyncs"
        )
        partialSyncDuration = histograms(
            "sync_partial_proxy_rules_duration_seconds",
            "SyncProxyRules latency in seconds for partial resyncs"
        )
        programming = histograms(
            "network_programming_duration_seconds",
            "In Cluster Network Programming Latency in seconds",
            bounds: Self.programmingBounds
        )
        lastSync = gauges(
            "sync_proxy_rules_last_timestamp_seconds",
            "The last time proxy rules were successfully synced"
        )
        lastQueued = gauges(
            "sync_proxy_rules_last_queued_timestamp_seconds",
            "The last time a sync of proxy rules was queued"
        )
        endpointChangesPending = registry.gauge(
            "kubeproxy_sync_proxy_rules_endpoint_changes_pending",
            "[ALPHA] Pending proxy rules Endpoint changes"
        )
        endpointChanges = registry.counter(
            "kubeproxy_sync_proxy_rules_endpoint_changes_total",
            "[ALPHA] Cumulative proxy rules Endpoint changes"
        )
        serviceChangesPending = registry.gauge(
            "kubeproxy_sync_proxy_rules_service_changes_pending",
            "[ALPHA] Pending proxy rules Service changes"
        )
        serviceChanges = registry.counter(
            "kubeproxy_sync_proxy_rules_service_changes_total",
            "[ALPHA] Cumulative proxy rules Service changes"
        )
        withoutLocalEndpoints = gauges(
            "sync_proxy_rules_no_local_endpoints_total",
            "Number of services with a Local traffic policy and no endpoints",
            labels: ["ip_family", "traffic_policy"]
        )
        syncFailures = counters(
            "sync_proxy_rules_nftables_sync_failures_total",
            "Cumulative proxy nftables sync failures"
        )
        cleanupFailures = counters(
            "sync_proxy_rules_nftables_cleanup_failures_total",
            "Cumulative proxy nftables cleanup failures"
        )
        conntrackDuration = histograms(
            "conntrack_reconciler_sync_duration_seconds",
            "ReconcileConntrackFlowsLatency latency in seconds"
        )
        conntrackDeleted = counters(
            "conntrack_reconciler_deleted_entries_total",
            "Cumulative conntrack flows deleted by conntrack reconciler"
        )
        healthzAnswers = counters("proxy_healthz_total", "Cumulative proxy healthz HTTP status", labels: ["code"])
        livezAnswers = counters("proxy_livez_total", "Cumulative proxy livez HTTP status", labels: ["code"])
        for family in AddressFamily.allCases {
            // A counter that is there from the start shows its first increment as one.
            for counters in [syncFailures, cleanupFailures, conntrackDeleted] { _ = counters[family.description] }
            for policy in ["internal", "external"] { _ = withoutLocalEndpoints[family.description, policy] }
        }
    }

    /// A quarter and half a second, each second of the first minute, then five seconds, then half a minute apart.
    private static let programmingBounds =
        [0.25, 0.5] + (1...59).map(Double.init) + stride(from: 60.0, through: 115, by: 5)
        + stride(from: 120.0, through: 300, by: 30)

    /// Notes that a sync succeeded.
    func synced(took: Duration, at seconds: Double, isFull: Bool) {
        for family in AddressFamily.allCases.map(\.description) {
            syncDuration[family].observe(took)
            (isFull ? fullSyncDuration : partialSyncDuration)[family].observe(took)
            lastSync[family].value = seconds
        }
        endpointChangesPending.set(0)
        serviceChangesPending.set(0)
    }

    /// Notes that a sync failed.
    func failed() {
        for family in AddressFamily.allCases { syncFailures[family.description].increment() }
    }

    /// Notes that changes wait.
    func queued(services: Int, endpoints: Int, at seconds: Double) {
        serviceChanges.increment(by: UInt64(services))
        endpointChanges.increment(by: UInt64(endpoints))
        serviceChangesPending.add(Double(services))
        endpointChangesPending.add(Double(endpoints))
        for family in AddressFamily.allCases { lastQueued[family.description].value = seconds }
    }
}
