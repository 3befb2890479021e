internal import ClusterState
internal import CommandLineOptions
internal import Gateway
internal import LinuxSystem
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
        guard let path = arguments[GatewayCommand.manifests] else {
            throw GatewayCommand.refusal(
                "no source of Ingresses: give --manifests DIR, a directory of YAML or JSON files"
            )
        }
        var options = try arguments.gatewayOptions()
        IgnoredOptions.report(arguments, to: log)
        let isDry = arguments[GatewayCommand.dryRun]
        if isDry { options.accessLog = .off }
        let source = try ManifestSource(path: path, kinds: Gateway.objectKinds)
        let gateway = try Gateway(options: options, source: source, log: log, registry: MetricRegistry())
        if isDry {
            try StandardStream.output.write(gateway.describe())
        } else {
            try gateway.run()
        }
    }
}
