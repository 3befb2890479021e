package import Telemetry

/// Everything that `/metrics` tells: kube-proxy's metrics, as far as they mean something here, and those of Fairlead.
///
/// Any thread may count, and render meanwhile: metrics are atomic, so nothing waits for a scrape.
///
/// kube-proxy's names, labels, buckets and help texts are the interface that dashboards and alerts are written for, and
/// are kept to the letter. One transaction programs both families here, so that what kube-proxy tells of each is told of
/// both; a change is counted once, not once a family.
package final class ProxyMetrics: Sendable {
    /// All metrics, for rendering.
    package let registry: MetricRegistry

    /// The metrics that kube-proxy has as well.
    package let kubeProxy: KubeProxyMetrics

    /// Transactions that the kernel took.
    let syncs: Counter
    /// Transactions that failed.
    let failures: Counter
    /// Times that another program changed our tables and they were mended.
    let repairs: Counter
    /// 1 from the notice of a foreign change until it is mended.
    let isDamaged: Gauge
    /// From the read change to the kernel's acknowledgement.
    let syncDuration: Histogram
    /// From a transaction's first byte to the kernel's acknowledgement.
    let commitDuration: Histogram
    /// Services that something is programmed for.
    let services: Gauge
    /// Endpoints that new flows can go to.
    let endpoints: Gauge
    /// Elements by family and set.
    let elements: MetricFamily<Gauge>
    /// Services that the kernel refuses, by reason.
    let quarantined: MetricFamily<Gauge>
    /// The Services among them, up to a limit.
    let quarantinedServices: MetricFamily<Gauge>
    /// What is wrong with objects, by kind.
    let problems: MetricFamily<Gauge>
    /// The endpoints of single Services, up to a limit.
    let serviceEndpoints: MetricFamily<Gauge>

    /// Registers all metrics.
    ///
    /// - Precondition: The registry has none of them yet.
    package init(_ registry: MetricRegistry) {
        self.registry = registry
        kubeProxy = KubeProxyMetrics(registry)
        let timeBounds = Histogram.exponentialBounds(start: 0.000_01, factor: 2, count: 22)
        syncs = registry.counter("fairlead_agent_syncs_total", "Transactions that the kernel acknowledged.")
        failures = registry.counter("fairlead_agent_sync_failures_total", "Transactions that failed.")
        repairs = registry.counter(
            "fairlead_agent_drift_repairs_total",
            "Times that another program changed the tables of fairlead and they were mended."
        )
        isDamaged = registry.gauge(
            "fairlead_agent_tables_damaged",
            "1 while another program's change of the tables of fairlead is not yet mended."
        )
        syncDuration = registry.histogram(
            "fairlead_agent_sync_duration_seconds",
            "Time from a change that was read to the acknowledgement of the kernel.",
            bounds: timeBounds
        )
        commitDuration = registry.histogram(
            "fairlead_agent_kernel_commit_duration_seconds",
            "Time that the kernel takes to acknowledge a transaction.",
            bounds: timeBounds
        )
        services = registry.gauge("fairlead_agent_services", "Services that something is programmed for.")
        endpoints = registry.gauge(
            "fairlead_agent_endpoints",
            "Endpoints that new flows can go to, over all Services, ports and families."
        )
        elements = registry.gauges(
            "fairlead_agent_elements",
            "Elements of the sets and maps in the kernel.",
            labels: ["ip_family", "set"]
        )
        quarantined = registry.gauges(
            "fairlead_agent_quarantined_services",
            "Services that the kernel refuses, by the error's name.",
            labels: ["reason"]
        )
        quarantinedServices = registry.gauges(
            "fairlead_agent_quarantined_service_info",
            "1 for each Service that the kernel refuses, the first hundred by name.",
            labels: ["namespace", "service", "reason"]
        )
        problems = registry.gauges(
            "fairlead_agent_object_problems",
            "Problems for which objects, or parts of them, are left out, by the kind of object.",
            labels: ["kind"]
        )
        serviceEndpoints = registry.gauges(
            "fairlead_agent_service_endpoints",
            "Endpoints that new flows of a Service's busiest port can go to, for as many Services as were asked for.",
            labels: ["namespace", "service"]
        )
        registry.gauges("fairlead_agent_build_info", "1 for the version that runs.", labels: ["version"])[
            AgentBuild.version
        ].set(1)
        registry.collect { ProcessMetrics.read() }
    }

    /// Answers of `/healthz` on the health port, by status code.
    var healthzAnswers: MetricFamily<Counter> { kubeProxy.healthzAnswers }

    /// Answers of `/livez`, by status code.
    var livezAnswers: MetricFamily<Counter> { kubeProxy.livezAnswers }
}
