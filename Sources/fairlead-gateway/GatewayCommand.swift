internal import CommandLineOptions
internal import Gateway
internal import IngressDiscovery
internal import KubernetesAPI
internal import LinuxSystem
internal import NetworkAddress
internal import Telemetry

/// The command line of fairlead-gateway: its own options, and those of ingress-nginx that people use.
enum GatewayCommand {
    static let manifests = CommandOption(
        "manifests",
        "DIR",
        "Follow the manifests in this directory and its sub-folders: YAML and JSON files with Ingresses, "
            + "IngressClasses, Services, EndpointSlices, Endpoints, Secrets, ConfigMaps and Namespaces."
    )
    static let kubeconfig = CommandOption(
        "kubeconfig",
        "FILE",
        "Follow the API server of this kubeconfig's current context; that of the pod's own cluster by default."
    )
    static let httpPort = port("http-port", "The port for requests in clear; 80 by default, 0 for none.")
    static let httpsPort = port("https-port", "The port for requests over TLS; 443 by default, 0 for none.")
    static let bindAddress = CommandOption<IPAddress>(
        "bind-address",
        "ADDRESS",
        "The address to listen on; :: by default, which takes IPv4 too (0.0.0.0 where there is no IPv6).",
        expecting: "an address such as 0.0.0.0 or ::"
    ) { IPAddress(parsing: $0) }
    static let workers = CommandOption(
        "workers",
        "N",
        "The number of threads that serve; one for each processor by default.",
        in: 1...1024
    )
    static let ingressClass = CommandOption(
        "ingress-class",
        "NAME",
        "The class that the annotation kubernetes.io/ingress.class names; nginx by default."
    )
    static let controllerClass = CommandOption(
        "controller-class",
        "NAME",
        "The controller whose IngressClasses are served; k8s.io/ingress-nginx and fairlead.io/ingress by default."
    )
    static let classByName = CommandFlag(
        "ingress-class-by-name",
        "Serve the IngressClass that --ingress-class names, whatever its controller."
    )
    static let classless = CommandFlag("watch-ingress-without-class", "Serve Ingresses that name no class.")
    static let namespace = CommandOption(
        "watch-namespace",
        "NAMESPACE",
        "Serve the Ingresses of this namespace alone; all namespaces by default."
    )
    static let namespaceSelector = CommandOption<[String: String]>(
        "watch-namespace-selector",
        "LABEL=VALUE,…",
        "Serve the Ingresses of namespaces with these labels alone.",
        expecting: "labels and values such as team=web,stage=live"
    ) { text in
        var labels: [String: String] = [:]
        for term in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = term.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[0].hasSuffix("!"), !parts[1].hasPrefix("=") else {
                return nil
            }
            labels[String(parts[0])] = String(parts[1])
        }
        return labels
    }
    static let annotationsPrefix = CommandOption(
        "annotations-prefix",
        "PREFIX",
        "What stands before the slash in annotations; nginx.ingress.kubernetes.io by default."
    )
    static let defaultBackend = name(
        "default-backend-service",
        "The Service whose first port gets what no Ingress takes; such requests are answered 404 by default."
    )
    static let defaultCertificate = name(
        "default-ssl-certificate",
        "The Secret with the certificate for hosts without one; a self-made one by default."
    )
    static let configMap = name("configmap", "The ConfigMap with options of the gateway as a whole.")
    static let disableCatchAll = CommandFlag("disable-catch-all", "Leave out Ingresses with a default backend.")
    static let disableExternalNames = CommandFlag(
        "disable-svc-external-name",
        "Answer 503 for Services of type ExternalName."
    )
    static let strictPathRegex = CommandFlag(
        "strict-path-regex",
        "Take only those paths for patterns whose own Ingress asks for it, not all paths of its host."
    )
    static let healthzPort = port(
        "healthz-port",
        "The port for /healthz, /livez and /metrics; 10254 by default, 0 for none."
    )
    static let healthPath = CommandOption<String>(
        "health-check-path",
        "PATH",
        "The path there that tells whether the gateway wants requests; /healthz by default.",
        expecting: "a path that begins with a slash"
    ) { $0.hasPrefix("/") && !$0.contains("?") ? $0 : nil }
    static let metrics = boolean("enable-metrics", "Whether /metrics is answered there; true by default.")
    static let accessLog = CommandOption<AccessLogTarget>(
        "access-log",
        "FILE|-|off",
        "Where the access log goes: a file, the standard output (the default), or nowhere.",
        expecting: "a path, - or off"
    ) { $0.isEmpty ? nil : AccessLogTarget(option: $0) }
    static let accessLogFormat = CommandOption<AccessLogFormat>(
        "access-log-format",
        "How its lines look: upstreaminfo, which is ingress-nginx's (the default), or json."
    )
    static let metricsPerHost = boolean(
        "metrics-per-host",
        "Whether metrics of requests tell hosts apart; true by default."
    )
    static let shutdownGrace = CommandOption(
        "shutdown-grace-period",
        "SECONDS",
        "How long connections are taken after the signal to end, while load balancers take note; 0 by default.",
        in: 0...3600
    )
    static let drainLimit = CommandOption(
        "drain-timeout",
        "SECONDS",
        "How long exchanges may go on after that; 240 by default.",
        in: 0...86400
    )
    static let updateStatus = boolean(
        "update-status",
        "Whether the leader writes addresses into the status of Ingresses; true by default."
    )
    static let publishService = name(
        "publish-service",
        "The Service that leads to the gateway, whose addresses go into the status of Ingresses."
    )
    static let publishAddress = CommandOption<[Ingress.PublishedAddress]>(
        "publish-status-address",
        "ADDRESS,…",
        "The addresses or host names that go into the status of Ingresses; by default those of the nodes of the "
            + "gateway's pods.",
        expecting: "addresses or host names with commas between"
    ) { text in
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        guard names.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } }) else { return nil }
        return names.map { name in
            IPAddress(parsing: name).map { Ingress.PublishedAddress(ip: $0.description) }
                ?? Ingress.PublishedAddress(hostname: String(name))
        }
    }
    static let nodeInternalAddress = CommandFlag(
        "report-node-internal-ip-address",
        "Write the internal addresses of nodes into the status of Ingresses, not the external ones."
    )
    static let updateStatusOnShutdown = boolean(
        "update-status-on-shutdown",
        "Whether the last gateway takes its addresses away when it ends; true by default."
    )
    static let electionID = CommandOption(
        "election-id",
        "NAME",
        "The Lease by which gateways agree who writes; ingress-controller-leader by default."
    )
    static let disableSyncEvents = CommandFlag("disable-sync-events", "Tell no Events of Ingresses that are accepted.")
    static let dryRun = CommandFlag("dry-run", "Print the compiled routes with every warning, and serve nothing.")
    static let verbosity = CommandOption(
        "v",
        "LEVEL",
        "How much to log: 0 to 3 what an operator needs, 4 to 10 details too.",
        in: 0...10
    )
    static let logFormat = CommandOption<LogFormat>("log-format", "How log lines look; text by default.")

    static let declaration = Command(
        "fairlead-gateway",
        "Leads HTTP requests to Services by Ingress objects: what ingress-nginx does, without reloads.",
        version: GatewayBuild.version,
        options: [
            manifests, kubeconfig, httpPort, httpsPort, bindAddress, workers, ingressClass, controllerClass,
            classByName, classless, namespace, namespaceSelector, annotationsPrefix, defaultBackend,
            defaultCertificate, configMap, disableCatchAll, disableExternalNames, strictPathRegex, healthzPort,
            healthPath, metrics, accessLog, accessLogFormat, metricsPerHost, updateStatus, publishService,
            publishAddress, nodeInternalAddress, updateStatusOnShutdown, electionID, disableSyncEvents, shutdownGrace,
            drainLimit, dryRun, verbosity, logFormat,
        ] + IgnoredOptions.all
    )

    private static func port(_ name: String, _ help: String) -> CommandOption<Int> {
        CommandOption(name, "PORT", help, in: 0...65535)
    }

    private static func boolean(_ name: String, _ help: String) -> CommandOption<Bool> {
        CommandOption(name, "true|false", help, expecting: "true or false", bareValue: "true") { Bool($0) }
    }

    private static func name(_ name: String, _ help: String) -> CommandOption<NamespacedName> {
        CommandOption(name, "NAMESPACE/NAME", help, expecting: "a namespace and a name with a slash between") {
            NamespacedName(parsing: $0)
        }
    }

    /// A complaint about the command line.
    static func refusal(_ message: String) -> UsageError { UsageError(message: message, command: declaration.name) }
}

extension Arguments {
    /// What the options say together.
    func gatewayOptions() throws -> GatewayOptions {
        var options = GatewayOptions()
        let address = self[GatewayCommand.bindAddress] ?? unspecifiedAddress()
        let https = self[GatewayCommand.httpsPort] ?? 443
        for (number, isTLS) in [(self[GatewayCommand.httpPort] ?? 80, false), (https, true)] {
            guard let port = Port(number) else { continue }
            options.worker.endpoints.append(.init(address: address, port: port, isTLS: isTLS))
        }
        guard !options.worker.endpoints.isEmpty else {
            throw GatewayCommand.refusal("--http-port and --https-port are both 0, so there is nothing to serve")
        }
        options.workerCount = self[GatewayCommand.workers] ?? onlineProcessorCount()
        // A fifth is left for endpoints, files and what a busy moment needs.
        let descriptors = try OpenFileLimit.raise()
        options.worker.connectionsMax = max(64, descriptors / 5 * 4 / options.workerCount)
        options.ingress = ingressSettings(httpsPort: https)
        if let port = Port(self[GatewayCommand.healthzPort] ?? 10254) {
            options.status = TransportAddress(address, port)
        }
        options.healthPath = self[GatewayCommand.healthPath] ?? "/healthz"
        options.hasMetrics = self[GatewayCommand.metrics] ?? true
        options.accessLog = self[GatewayCommand.accessLog] ?? .standardOutput
        options.accessLogFormat = self[GatewayCommand.accessLogFormat] ?? .upstreamInfo
        options.hasMetricsPerHost = self[GatewayCommand.metricsPerHost] ?? true
        options.labels.controllerClass = self[GatewayCommand.controllerClass] ?? "k8s.io/ingress-nginx"
        // As ingress-nginx's manifests set them.
        options.labels.namespace = environmentVariable("POD_NAMESPACE") ?? ""
        options.labels.pod = environmentVariable("POD_NAME") ?? hostName()
        options.shutdownGrace = .seconds(self[GatewayCommand.shutdownGrace] ?? 0)
        options.drainLimit = .seconds(self[GatewayCommand.drainLimit] ?? 240)
        return options
    }

    private func ingressSettings(httpsPort: Int) -> IngressSettings {
        var settings = IngressSettings()
        if let name = self[GatewayCommand.ingressClass] { settings.ingressClass = name }
        if let name = self[GatewayCommand.controllerClass] { settings.controllerClasses = [name] }
        settings.matchesClassByName = self[GatewayCommand.classByName]
        settings.watchesClassless = self[GatewayCommand.classless]
        settings.watchedNamespace = self[GatewayCommand.namespace]
        settings.watchedNamespaceLabels = self[GatewayCommand.namespaceSelector] ?? [:]
        if let prefix = self[GatewayCommand.annotationsPrefix] { settings.annotationsPrefix = prefix }
        settings.defaultBackendService = self[GatewayCommand.defaultBackend]
        settings.defaultCertificate = self[GatewayCommand.defaultCertificate]
        settings.configMap = self[GatewayCommand.configMap]
        settings.ignoresCatchAll = self[GatewayCommand.disableCatchAll]
        settings.ignoresExternalNames = self[GatewayCommand.disableExternalNames]
        settings.isPathRegexStrict = self[GatewayCommand.strictPathRegex]
        settings.httpsPort = UInt16(clamping: httpsPort)
        return settings
    }

    /// `::`, or `0.0.0.0` where the kernel has no IPv6.
    private func unspecifiedAddress() -> IPAddress {
        let hasIPv6 = (try? Socket(.tcp, family: .ipv6)) != nil
        return hasIPv6 ? IPAddress(family: .ipv6, bits: 0) : IPAddress(0, 0, 0, 0)
    }
}
