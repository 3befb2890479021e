internal import ClusterState
internal import CommandLineOptions
internal import LinuxSystem
internal import NetfilterKernel
internal import NodeAgent
internal import Nftables
internal import ServiceRules
internal import Telemetry

do {
    switch try AgentCommand.declaration.parse(Array(CommandLine.arguments.dropFirst())) {
    case .print(let text):
        try StandardStream.output.write(text)
    case .run(let arguments):
        try AgentCommand.check(arguments)
        try run(arguments)
    }
} catch let error as UsageError {
    complain("\(error)")
    exitProcess(2)
} catch {
    complain("fairlead-agent: \(error)")
    exitProcess(1)
}

func run(_ arguments: Arguments) throws {
    let log = Logger(
        threshold: LogLevel(verbosity: arguments[AgentCommand.verbosity] ?? 2),
        format: arguments[AgentCommand.logFormat] ?? .text,
        now: {
            let (seconds, nanoseconds) = wallClockNanoseconds().quotientAndRemainder(dividingBy: 1_000_000_000)
            return WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
        },
        write: { line in
            // A log that nobody takes is no reason to stop serving.
            try? StandardStream.error.write(line)
        }
    )
    if arguments[AgentCommand.cleanup] {
        let committer = RulesetCommitter(store: try KernelRuleset(), configuration: DataPlaneConfiguration())
        let removed = try committer.cleanup()
        log.info("removed every trace of Fairlead", ["tables": .integer(removed)])
        return
    }
    let nodeName = (arguments[AgentCommand.hostname] ?? hostName()).lowercased()
    let options = AgentOptions(
        nodeName: nodeName,
        clusterCIDRs: arguments.all(AgentCommand.clusterCIDR),
        masqueradesAll: arguments[AgentCommand.masqueradeAll],
        nodePorts: NodePortSelection(words: arguments.all(AgentCommand.nodePortAddresses)) ?? .all,
        runsOnce: arguments[AgentCommand.once]
    )
    let source = try ManifestSource(
        path: arguments[AgentCommand.manifests] ?? ".",
        kinds: Agent.objectKinds
    )
    if arguments[AgentCommand.dryRun] {
        try StandardStream.output.write(try DryRun(options: options, source: source, log: log).text())
        return
    }
    let store = try KernelRuleset()
    let agent = try Agent(
        options: options,
        source: source,
        store: store,
        monitor: try RulesetMonitor(ignoringChangesBy: store.portID),
        log: log,
        metrics: MetricRegistry()
    )
    try agent.run()
}

func complain(_ text: String) {
    // Where nobody reads complaints there is nobody to tell.
    try? StandardStream.error.write(text + "\n")
}
