internal import ClusterState
internal import KubernetesAPI
internal import LinuxSystem
internal import NetworkAddress
internal import Nftables
internal import ServiceModel
internal import Telemetry

/// What the agent tells an operator in log lines.
struct AgentReports {
    let log: Logger
    let journal: EventJournal

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
        for service in report.released.sorted() {
            journal.solved(.programmingFailed, of: service, "the kernel takes Service \(service) again")
        }
        for (service, reason) in report.quarantined.sorted(by: { $0.key < $1.key }) {
            journal.tell(
                ClusterEvent(
                    service,
                    .warning,
                    .programmingFailed,
                    "the kernel refuses Service \(service): \(reason); what was programmed for it before stays, all other "
                        + "Services proceed, and it is tried again in a minute or when it changes"
                )
            )
        }
        var fields: [LogField] = [LogField("services", .integer(services))]
        if !report.isRebuild { fields.append(LogField("elements", .integer(report.elements))) }
        fields.append(LogField("took", .duration(took)))
        log.record(.info, what, fields)
    }

    /// Makes a cleaner that tells and counts what it does.
    func cleaner(metrics: KubeProxyMetrics) throws(Errno) -> ConnectionCleaner {
        let log = log
        return try ConnectionCleaner { outcome in
            metrics.conntrackDuration[outcome.family.description].observe(outcome.took)
            metrics.conntrackDeleted[outcome.family.description].increment(by: UInt64(outcome.deleted))
            if let failure = outcome.failure {
                log.error("UDP flows to departed endpoints cannot be looked for: \(failure); they end by themselves")
            } else if outcome.deleted > 0 {
                log.info(
                    "forgot UDP flows to departed endpoints",
                    ["flows": .integer(outcome.deleted), "took": .duration(outcome.took)]
                )
            }
        }
    }
}
