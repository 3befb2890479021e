internal import CommandLineOptions
internal import Telemetry

/// Options of ingress-nginx that are taken so that its command lines work, and what becomes of what they ask for.
enum IgnoredOptions {
    /// Those with a value.
    static let valued: [(option: CommandOption<String>, consequence: String)] = [
        ("sync-rate-limit", "changes are compiled as they come"),
        ("status-port", "there is no process to ask; see --healthz-port"),
        ("stream-port", "there is no process to ask; see --healthz-port"),
        ("profiler-port", "there is no profiler"),
        ("default-server-port", "what no Ingress takes is answered at once"),
        ("ssl-passthrough-proxy-port", "TLS is never passed through"),
        ("internal-logger-address", "logs go to the standard streams"),
        ("dynamic-configuration-retries", "workers take changes from memory"),
        ("health-check-timeout", "health is known without asking"),
        ("maxmind-edition-ids", "addresses are not located"),
        ("maxmind-license-key", "addresses are not located"),
        ("maxmind-mirror", "addresses are not located"),
        ("maxmind-retries-count", "addresses are not located"),
        ("maxmind-retries-timeout", "addresses are not located"),
        ("time-buckets", "the buckets are those of ingress-nginx"),
        ("length-buckets", "the buckets are those of ingress-nginx up to ten megabytes"),
        ("size-buckets", "the buckets are those of ingress-nginx up to ten megabytes"),
        ("bucket-factor", "histograms have fixed buckets"),
        ("max-buckets", "histograms have fixed buckets"),
        ("exclude-socket-metrics", "all metrics are told"),
        ("post-shutdown-grace-period", "the program ends with its last exchange"),
        ("tcp-services-configmap", "TCP services are not supported yet, and not listened for"),
        ("udp-services-configmap", "UDP services are not supported yet, and not listened for"),
        ("validating-webhook", "there is no webhook; --dry-run checks objects"),
        ("validating-webhook-certificate", "there is no webhook; --dry-run checks objects"),
        ("validating-webhook-key", "there is no webhook; --dry-run checks objects"),
    ].map { name, consequence in
        (CommandOption(name, "VALUE", "Taken for ingress-nginx's sake, without effect: \(consequence)."), consequence)
    }

    /// Those that are on or off.
    static let flags: [(flag: CommandFlag, consequence: String)] = [
        ("deep-inspect", "every object is read in full"),
        ("profiling", "there is no profiler"),
        ("enable-ssl-chain-completion", "chains are presented as the Secret has them"),
        ("enable-ssl-passthrough", "TLS is never passed through: it ends here"),
        ("enable-annotation-validation", "annotations are always checked"),
        ("report-status-classes", "statuses are told one by one"),
        ("metrics-per-undefined-host", "hosts that no Ingress has are not told apart: clients invent them without end"),
        ("disable-full-test", "no configuration is written that would need a test"),
        ("dynamic-certificates", "certificates always change without a restart"),
        ("enable-dynamic-certificates", "certificates always change without a restart"),
    ].map { name, consequence in
        (CommandFlag(name, "Taken for ingress-nginx's sake, without effect: \(consequence)."), consequence)
    }

    /// All of them, for the declaration of the command.
    static var all: [any CommandOptionDeclaring] { valued.map(\.option) + flags.map(\.flag) }

    /// Tells the operator of those that were given.
    static func report(_ arguments: Arguments, to log: Logger) {
        for (option, consequence) in valued where arguments.gives(option) {
            log.warning("--\(option.name) has no effect: \(consequence)")
        }
        // What is switched off was not asked for.
        for (flag, consequence) in flags where arguments[flag] {
            log.warning("--\(flag.name) has no effect: \(consequence)")
        }
    }
}
