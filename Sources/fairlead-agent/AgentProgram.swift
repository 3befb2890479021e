internal import ClusterState
internal import CommandLineOptions
internal import KubeConfig
internal import LinuxSystem
internal import ListWatch
internal import Manifests
internal import NetfilterKernel
internal import NodeAgent
internal import Nftables
internal import ProxyConfiguration
internal import ServiceRules
internal import Telemetry

/// What the command line asks for, done.
struct AgentProgram {
    private let arguments: Arguments
    private let effective: EffectiveConfiguration
    private let log: Logger

    /// Reads the configuration.
    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        effective = try EffectiveConfiguration(arguments)
        let logging = effective.configuration.logging
        log = Logger(
            threshold: LogLevel(verbosity: Int(logging.verbosity)),
            format: LogFormat(rawValue: logging.format) ?? .text,
            now: {
                let (seconds, nanoseconds) = wallClockNanoseconds().quotientAndRemainder(dividingBy: 1_000_000_000)
                return WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
            },
            write: { line in
                // A log that nobody takes is no reason to stop serving.
                try? StandardStream.error.write(line)
            }
        )
    }

    /// Does one thing: writes the configuration, cleans up, prepares the host, prints the rules, or runs the agent.
    func run() throws {
        for warning in effective.warnings { log.warning(warning) }
        if !effective.withoutEffect.isEmpty {
            log.info("read, and without effect here: \(effective.withoutEffect.joined(separator: ", "))")
        }
        if let path = arguments[AgentCommand.writeConfig] {
            try writeConfiguration(to: path)
            return
        }
        switch arguments.cleanupScope {
        case .fairlead:
            try cleanUp()
            return
        case .kubeProxy:
            try LeftoverCleanup(log: log).run()
            return
        case .nothing: break
        }
        var options = AgentOptions(
            effective.configuration,
            nodeName: nodeName,
            runsOnce: arguments[AgentCommand.once]
        )
        options.commandLine = arguments.given
        if arguments[AgentCommand.initOnly] {
            try prepare(options)
        } else {
            try serve(options)
        }
    }

    private var nodeName: String {
        let name = effective.configuration.hostnameOverride
        return name.isEmpty ? trimmed(hostName()).lowercased() : name
    }

    private func writeConfiguration(to path: String) throws {
        do throws(Errno) {
            try writeFile(effective.configuration.yaml, at: path)
        } catch {
            throw ConfigurationFailure(messages: ["\(path) cannot be written: \(error)"])
        }
        log.info("wrote the configuration", ["file": .text(path)])
    }

    private func cleanUp() throws {
        let committer = RulesetCommitter(store: try KernelRuleset(), configuration: DataPlaneConfiguration())
        let removed = try committer.cleanup()
        log.info("removed every trace of Fairlead", ["tables": .integer(removed)])
    }

    /// Does what needs all rights, and finds out whether nftables can be used at all.
    private func prepare(_ options: AgentOptions) throws {
        try HostPreparation(options: options, log: log).apply()
        _ = try KernelRuleset().generation()
        log.info("the host is prepared; from now on CAP_NET_ADMIN suffices")
    }

    private func serve(_ options: AgentOptions) throws {
        var options = options
        let source: any ObjectSource
        var publish: (ClusterEvent) -> Void = { _ in }
        if let access = try effective.source.access(configurationFile: effective.file) {
            // As in kube-proxy, a node that the cluster does not know takes no flows from load balancers.
            options.expectsNode = true
            let server = try follow(access, as: options.nodeName)
            publish = { server.publish($0) }
            source = server
        } else {
            source = try ManifestSource(path: effective.source.manifests, kinds: Agent.objectKinds)
        }
        if arguments[AgentCommand.dryRun] {
            try StandardStream.output.write(try DryRun(options: options, source: source, log: log).text())
            return
        }
        try HostPreparation(options: options, log: log).apply()
        let store = try KernelRuleset()
        options.families = try UsableFamilies.find(in: store, log: log)
        let monitor = try RulesetMonitor(ignoringChangesBy: store.portID)
        let agent = try Agent(
            options: options,
            source: source,
            store: WatchedRuleset(store, monitor: monitor),
            monitor: monitor,
            log: log,
            metrics: MetricRegistry(),
            publish: publish
        )
        try Self.takeNamespace(log).hold { try agent.run() }
    }

    private func follow(_ access: ClusterAccess, as nodeName: String) throws -> PublishingSource {
        let connection = effective.configuration.clientConnection
        var limits = APIRequestLimits()
        // For client-go, zero is its default, and what is negative no limit.
        limits.perSecond = connection.qps < 0 ? .greatestFiniteMagnitude : connection.qps
        limits.burst = Int(connection.burst)
        let server = try APIServerSource(
            access: access,
            resources: WatchedResource.agent(nodeName: nodeName),
            agent: AgentBuild.userAgent,
            limits: limits
        )
        log.info("following the API server", ["server": .text("\(access.server)")])
        return PublishingSource(server, nodeName: nodeName, log: log)
    }

    /// How long an agent waits for the one before it to end, as in an upgrade.
    private static let takeoverWait = Duration.seconds(10)

    /// Takes the right to program this network namespace: two agents would mend each other's rules for ever.
    private static func takeNamespace(_ log: Logger) throws -> NamespaceLock {
        let deadline = ContinuousClock.now + takeoverWait
        var hasTold = false
        while true {
            if let lock = try NamespaceLock.take("fairlead-agent") { return lock }
            guard ContinuousClock.now < deadline else { throw NamespaceTaken() }
            if !hasTold { log.info("waiting for the agent that programs this network namespace to end") }
            hasTold = true
            // Nothing tells when a name becomes free.
            var nothing: [Readiness] = []
            _ = try Readiness.wait(for: &nothing, timeout: .milliseconds(100))
        }
    }
}

/// Another agent programs this network namespace.
private struct NamespaceTaken: Error, CustomStringConvertible {
    var description: String {
        "another fairlead-agent programs this network namespace and has not ended for 10 s; end it first "
            + "(ss -xlp shows who holds @fairlead-agent), or run this one in a namespace of its own"
    }
}
