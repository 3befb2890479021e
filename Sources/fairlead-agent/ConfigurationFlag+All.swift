internal import CommandLineOptions
internal import NetworkAddress
internal import ProxyConfiguration

extension ConfigurationFlag {
    /// Those of kube-proxy, in the order of the help text: those that make a difference first.
    static let ofKubeProxy = trafficFlags + connectionFlags + serverFlags + conntrackFlags + flagsWithoutEffect

    /// Those that only Fairlead has: the fields of its own block.
    static let ofFairlead = [
        ConfigurationFlag(
            list: CommandOption<String>.list(
                "priority-services",
                "NAMESPACE/NAME|LABEL=VALUE",
                "The Services that are programmed before all others; default/kubernetes and the cluster's DNS by default.",
                expecting: "a Service such as kube-system/kube-dns, or a label such as k8s-app=kube-dns"
            ) { FairleadSettings.isServiceOrLabel($0) ? $0 : nil }
        ) { $0.own.priorityServices = $1 },
        ConfigurationFlag(
            list: CommandOption<IPPrefix>.list(
                "service-cidrs",
                "CIDR",
                "Ranges that cluster IPs are taken from, beside those of ServiceCIDR objects: what is sent to an "
                    + "address there that no Service has is dropped, also before the first Services are programmed.",
                expecting: "a range such as 10.96.0.0/12"
            ) { IPPrefix(parsing: $0) }
        ) { $0.own.serviceCIDRs = $1.map(\.description) },
        ConfigurationFlag(
            boolean(
                "source-ranges-fail-open",
                "Let everybody use a load balancer's addresses of a family that its source ranges do not name, as "
                    + "kube-proxy does; nobody may by default."
            )
        ) { $0.own.sourceRangesFailOpen = $1 },
        ConfigurationFlag(
            number("services-with-metrics-max", "How many Services have metrics of their own; none by default.")
        ) { $0.own.servicesWithMetricsMax = $1 },
    ]

    private static let trafficFlags = [
        ConfigurationFlag(list: AgentCommand.clusterCIDR) {
            $0.clusterCIDR = $1.map(\.description).joined(separator: ",")
        },
        ConfigurationFlag(
            CommandOption<LocalDetectionMode>(
                "detect-local-mode",
                "How flows from local pods are told from others; ClusterCIDR by default."
            )
        ) { $0.detectLocalMode = $1.rawValue },
        ConfigurationFlag(
            text("pod-bridge-interface", "NAME", "The pods' bridge, for the mode BridgeInterface.")
        ) { $0.detectLocal.bridgeInterface = $1 },
        ConfigurationFlag(
            text(
                "pod-interface-name-prefix",
                "PREFIX",
                "How names of pods' interfaces begin, for the mode InterfaceNamePrefix."
            )
        ) { $0.detectLocal.interfaceNamePrefix = $1 },
        ConfigurationFlag(boolean("masquerade-all", "Masquerade every flow to a cluster IP.")) {
            $0.iptables.masqueradeAll = $1
            $0.nftables.masqueradeAll = $1
        },
        ConfigurationFlag(list: AgentCommand.nodePortAddresses) { $0.nodePortAddresses = $1 },
        ConfigurationFlag(
            CommandOption<ProxyMode>(
                "proxy-mode",
                "The mode whose defaults and settings count; nftables is programmed whatever it is."
            )
        ) { $0.mode = $1.rawValue },
        ConfigurationFlag(
            number("iptables-masquerade-bit", "The bit of the packet mark, from 0 to 31, unless --proxy-mode nftables.")
        ) { $0.iptables.masqueradeBit = $1 },
        ConfigurationFlag(
            CommandOption<String>(
                "bind-address",
                "ADDRESS",
                "The node's primary address, instead of the Node object's; nothing listens on it.",
                expecting: "an IP address"
            ) { IPAddress(parsing: $0) == nil ? nil : $0 }
        ) { $0.bindAddress = $1 },
        ConfigurationFlag(
            list: CommandOption<FeatureGate>.list(
                "feature-gates",
                "NAME=true|false",
                "Features that are turned on or off: AllowServiceExternalIPs, ComponentFlagz and ComponentStatusz are on "
                    + "unless they are turned off here; others are read and told.",
                expecting: "a name, = and true or false, such as AllowServiceExternalIPs=true"
            ) { FeatureGate(parsing: $0) }
        ) { configuration, gates in
            for gate in gates { configuration.featureGates[gate.name] = gate.isOn }
        },
    ]

    private static let connectionFlags = [
        ConfigurationFlag(AgentCommand.kubeconfig) { $0.clientConnection.kubeconfig = $1 },
        ConfigurationFlag(
            number(
                "kube-api-qps",
                "How many Events a second are written to the API server in the long run; 5 by default."
            )
        ) { $0.clientConnection.qps = Double($1) },
        ConfigurationFlag(
            number("kube-api-burst", "How many Events are written at once after a pause; 10 by default.")
        ) { $0.clientConnection.burst = $1 },
    ]

    private static let serverFlags = [
        ConfigurationFlag(
            listener("healthz-bind-address", "Where to serve health; 0.0.0.0:10256 by default, empty for nowhere.")
        ) { $0.healthzBindAddress = $1 },
        ConfigurationFlag(
            listener("metrics-bind-address", "Where to serve metrics; 127.0.0.1:10249 by default, empty for nowhere.")
        ) { $0.metricsBindAddress = $1 },
        // kube-proxy keeps the port of the address beside these; only 0 makes a difference.
        ConfigurationFlag(number("healthz-port", "0 serves no health; deprecated by kube-proxy.")) {
            if $1 == 0 { $0.healthzBindAddress = "" }
        },
        ConfigurationFlag(number("metrics-port", "0 serves no metrics; deprecated by kube-proxy.")) {
            if $1 == 0 { $0.metricsBindAddress = "" }
        },
        ConfigurationFlag(boolean("bind-address-hard-fail", "Exit when a server cannot listen.")) {
            $0.bindAddressHardFail = $1
        },
        ConfigurationFlag(
            boolean("profiling", "Accepted for kube-proxy's sake; there are no profiles."),
            hasEffect: false
        ) { $0.enableProfiling = $1 },
        ConfigurationFlag(
            number("oom-score-adj", "How gladly the kernel ends the agent when memory runs out; -999 by default.")
        ) { $0.oomScoreAdj = $1 },
        ConfigurationFlag(
            duration("iptables-sync-period", "After twice this time without success the node is unhealthy; 30s.")
        ) { $0.iptables.syncPeriod = $1 },
    ]

    private static let conntrackFlags = [
        ConfigurationFlag(
            number("conntrack-max-per-core", "Flows that can be tracked for each processor; 0 leaves the limit alone.")
        ) { $0.conntrack.maxPerCore = $1 },
        ConfigurationFlag(number("conntrack-min", "Flows that can be tracked at least.")) { $0.conntrack.min = $1 },
        ConfigurationFlag(
            duration("conntrack-tcp-timeout-established", "How long idle TCP connections are kept; 0 leaves it.")
        ) { $0.conntrack.tcpEstablishedTimeout = $1 },
        ConfigurationFlag(
            duration("conntrack-tcp-timeout-close-wait", "How long half-closed TCP connections are kept; 0 leaves it.")
        ) { $0.conntrack.tcpCloseWaitTimeout = $1 },
        ConfigurationFlag(
            boolean("conntrack-tcp-be-liberal", "Count TCP segments outside the window as part of their connection.")
        ) { $0.conntrack.tcpBeLiberal = $1 },
        ConfigurationFlag(
            duration("conntrack-udp-timeout", "How long UDP flows without an answer are kept; 0 leaves it.")
        ) { $0.conntrack.udpTimeout = $1 },
        ConfigurationFlag(
            duration("conntrack-udp-timeout-stream", "How long UDP flows with answers are kept; 0 leaves it.")
        ) { $0.conntrack.udpStreamTimeout = $1 },
    ]

    private static let flagsWithoutEffect =
        [
            "config-sync-period", "iptables-min-sync-period", "ipvs-exclude-cidrs", "ipvs-min-sync-period",
            "ipvs-scheduler", "ipvs-sync-period", "ipvs-tcp-timeout", "ipvs-tcpfin-timeout", "ipvs-udp-timeout",
            "kube-api-content-type", "log-flush-frequency",
            "log-json-info-buffer-size", "log-text-info-buffer-size", "show-hidden-metrics-for-version", "vmodule",
        ].map { ConfigurationFlag(ignored: $0) }
        + [
            "iptables-localhost-nodeports", "ipvs-strict-arp", "log-json-split-stream", "log-text-split-stream",
        ].map { ConfigurationFlag(ignored: $0, "true|false", bareValue: "true") }
}

/// A feature that is turned on or off, as `--feature-gates` writes it.
struct FeatureGate: Sendable {
    let name: String
    let isOn: Bool

    /// Reads `Name=true`; nil when it is something else.
    init?(parsing text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, case let name = trimmed(String(parts[0])), !name.isEmpty,
            let isOn = goBoolean(trimmed(String(parts[1])))
        else { return nil }
        self.name = name
        self.isOn = isOn
    }
}

extension KubeProxyConfiguration {
    /// What only fairlead-agent knows, made when it is first asked for.
    fileprivate var own: FairleadSettings {
        get { fairlead ?? FairleadSettings() }
        set { fairlead = newValue }
    }
}
