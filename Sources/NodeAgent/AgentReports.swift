internal import ClusterState
internal import KubernetesAPI
internal import Nftables
internal import ServiceModel
internal import Telemetry

/// What the agent tells an operator: log lines and counters.
struct AgentReports {
    let log: Logger

    /// Transactions that the kernel took.
    let syncs: Counter
    /// Transactions that failed.
    let failures: Counter
    /// Times that somebody else changed our tables and they were mended.
    let repairs: Counter
    /// Services that the kernel refuses at the moment.
    let quarantined: Gauge
    /// How long it took from the read change to the kernel's acknowledgement.
    let duration: Histogram

    init(log: Logger, metrics: MetricRegistry) {
        self.log = log
        syncs = metrics.counter("fairlead_agent_syncs_total", "Transactions that the kernel acknowledged.")
        failures = metrics.counter("fairlead_agent_sync_failures_total", "Transactions that failed.")
        repairs = metrics.counter(
            "fairlead_agent_drift_repairs_total",
            "Times that another program changed the tables of fairlead and they were mended."
        )
        quarantined = metrics.gauge("fairlead_agent_quarantined_services", "Services that the kernel refuses.")
        duration = metrics.histogram(
            "fairlead_agent_sync_duration_seconds",
            "Time from a change that was read to the acknowledgement of the kernel.",
            bounds: Histogram.exponentialBounds(start: 0.000_01, factor: 2, count: 22)
        )
    }

    /// Tells what is wrong with objects, and what no longer is.
    func tell(appeared: [ObjectProblem], cleared: [ObjectProblem]) {
        for problem in cleared { log.info("solved: \(problem)") }
        for problem in appeared { log.warning(problem.description) }
    }

    /// Tells what a source says.
    func tell(_ news: SourceNews) {
        for notice in news.notices { log.debug(notice.description) }
        tell(appeared: news.appeared, cleared: news.cleared)
    }

    /// Tells what a commit did.
    func tell(_ report: CommitReport, services: Int, took: Duration, what: String) {
        syncs.increment()
        duration.observe(took)
        for service in report.released.sorted() {
            log.info("solved: the kernel takes Service \(service) again")
        }
        for (service, reason) in report.quarantined.sorted(by: { $0.key < $1.key }) {
            log.error(
                "the kernel refuses Service \(service): \(reason); what was programmed for it before stays, all other "
                    + "Services proceed, and it is tried again in a minute or when it changes"
            )
        }
        var fields: [LogField] = [LogField("services", .integer(services))]
        if !report.isRebuild { fields.append(LogField("elements", .integer(report.elements))) }
        fields.append(LogField("took", .duration(took)))
        log.record(.info, what, fields)
    }
}
