internal import ClusterState
internal import CommandLineOptions
internal import Gateway
internal import IngressDiscovery
internal import KubeConfig
internal import LinuxSystem
internal import Manifests
internal import Telemetry

/// What the command line asks for, done.
struct GatewayProgram {
    private let arguments: Arguments
    private let log: Logger

    init(_ arguments: Arguments) {
        self.arguments = arguments
        log = Logger(
            threshold: LogLevel(verbosity: arguments[GatewayCommand.verbosity] ?? 0),
            format: arguments[GatewayCommand.logFormat] ?? .text,
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

    /// Prints the routes, or serves until a signal ends it.
    func run() throws {
        var options = try arguments.gatewayOptions()
        IgnoredOptions.report(arguments, to: log)
        let isDry = arguments[GatewayCommand.dryRun]
        if isDry { options.accessLog = .off }
        let source = try source(options.ingress, isDry: isDry)
        let gateway = try Gateway(options: options, source: source, log: log, registry: MetricRegistry())
        if isDry {
            try StandardStream.output.write(gateway.describe())
        } else {
            try gateway.run()
        }
    }

    /// The directory of manifests, or the API server.
    private func source(_ settings: IngressSettings, isDry: Bool) throws -> any ObjectSource {
        if let path = arguments[GatewayCommand.manifests] {
            if arguments[GatewayCommand.kubeconfig] != nil {
                throw GatewayCommand.refusal("--manifests and --kubeconfig exclude each other")
            }
            return try ManifestSource(path: path, kinds: Gateway.objectKinds)
        }
        let access = try access()
        var cluster = try arguments.clusterOptions(namespace: access.namespace)
        cluster.isReadOnly = isDry
        return try GatewayCluster(access: access, options: cluster, settings: settings, log: log)
    }

    private func access() throws -> ClusterAccess {
        guard let file = arguments[GatewayCommand.kubeconfig] else {
            guard environmentVariable("KUBERNETES_SERVICE_HOST") != nil else {
                throw GatewayCommand.refusal(
                    "no source of Ingresses: give --manifests DIR or --kubeconfig FILE; this is no pod of a cluster"
                )
            }
            return try .inCluster { environmentVariable($0) }
        }
        return try KubeConfig.access(from: SingleDocument(path: file).value, file: file)
    }
}
