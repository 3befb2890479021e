internal import Telemetry

/// What `/metrics/slis` tells, as every program of Kubernetes does: the results of its own health check.
///
/// Like kube-proxy's, the health check of the metrics port has one part, `ping`, which fails only by not answering.
struct HealthcheckMetrics: Sendable {
    /// The metrics, for rendering.
    let registry = MetricRegistry()

    private let result: Gauge
    private let successes: Counter

    init() {
        let results = registry.gauges(
            "kubernetes_healthcheck",
            "[STABLE] This metric records the result of a single healthcheck.",
            labels: ["name", "type"]
        )
        let counts = registry.counters(
            "kubernetes_healthchecks_total",
            "[STABLE] This metric records the results of all healthcheck.",
            labels: ["name", "status", "type"]
        )
        result = results["ping", "healthz"]
        successes = counts["ping", "success", "healthz"]
        result.set(1)
    }

    /// Counts a health check that was answered.
    func succeeded() { successes.increment() }
}
