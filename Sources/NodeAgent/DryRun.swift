package import ClusterState
internal import KubernetesAPI
internal import LinuxSystem
internal import NetworkAddress
internal import Nftables
internal import ServiceDiscovery
internal import ServiceRules
package import Telemetry

/// What the agent would program, as text.
package struct DryRun {
    private let options: AgentOptions
    private let source: any ObjectSource
    private let reports: AgentReports

    /// Creates a dry run over a source that was not read yet.
    package init(options: AgentOptions, source: any ObjectSource, log: Logger) {
        self.options = options
        self.source = source
        reports = AgentReports(log: log, journal: EventJournal(log: log))
    }

    /// Reads the source and returns both tables as `nft list` would print them.
    ///
    /// - Throws: What the system does not give, or that the source is silent.
    package func text() throws -> String {
        var directory = ServiceDirectory(options)
        let deadline = ContinuousClock.now + SourceSilence.patience
        while true {
            let news = source.read()
            reports.tell(news)
            for change in news.changes { directory.apply(change) }
            if source.hasSynced { break }
            guard ContinuousClock.now < deadline else { throw SourceSilence() }
            var waits = [Readiness(of: source.descriptor, reading: true)]
            _ = try Readiness.wait(
                for: &waits,
                timeout: max(.zero, min(deadline, source.nextDeadline ?? deadline) - .now)
            )
        }
        let snapshots = directory.takeChangedSnapshots()
        let problems = directory.takeProblemChanges()
        reports.tell(appeared: problems.appeared, cleared: problems.cleared)
        let configuration = options.dataPlane(directory, localAddresses: try LocalAddresses.current())
        let plan = DataPlane(configuration: configuration).rebuild(replacing: [:], changing: snapshots)
        return NftText.describing(plan.transaction)
    }
}
