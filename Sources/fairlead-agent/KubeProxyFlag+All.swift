internal import CommandLineOptions
internal import NetworkAddress
internal import ProxyConfiguration

extension KubeProxyFlag {
    /// All of them, in the order of the help text: those that make a difference first.
    static let all = trafficFlags + serverFlags + conntrackFlags + flagsWithoutEffect

    private static let trafficFlags = [
        KubeProxyFlag(list: AgentCommand.clusterCIDR) { $0.clusterCIDR = $1.map(\.description).joined(separator: ",") },
        KubeProxyFlag(
            CommandOption<LocalDetectionMode>(
                "detect-local-mode",
                "How flows from local pods are told from others; ClusterCIDR by default."
            )
        ) { $0.detectLocalMode = $1.rawValue },
        KubeProxyFlag(
            text("pod-bridge-interface", "NAME", "The pods' bridge, for the mode BridgeInterface.")
        ) { $0.detectLocal.bridgeInterface = $1 },
        KubeProxyFlag(
            text(
                "pod-interface-name-prefix",
                "PREFIX",
                "How names of pods' interfaces begin, for the mode InterfaceNamePrefix."
            )
        ) { $0.detectLocal.interfaceNamePrefix = $1 },
        KubeProxyFlag(boolean("masquerade-all", "Masquerade every flow to a cluster IP.")) {
            $0.iptables.masqueradeAll = $1
            $0.nftables.masqueradeAll = $1
        },
        KubeProxyFlag(list: AgentCommand.nodePortAddresses) { $0.nodePortAddresses = $1 },
        KubeProxyFlag(
            CommandOption<ProxyMode>(
                "proxy-mode",
                "The mode whose defaults and settings count; nftables is programmed whatever it is."
            )
        ) { $0.mode = $1.rawValue },
        KubeProxyFlag(
            number("iptables-masquerade-bit", "The bit of the packet mark, from 0 to 31, unless --proxy-mode nftables.")
        ) { $0.iptables.masqueradeBit = $1 },
        KubeProxyFlag(
            CommandOption<String>(
                "bind-address",
                "ADDRESS",
                "The node's primary address, instead of the Node object's; nothing listens on it.",
                expecting: "an IP address"
            ) { IPAddress(parsing: $0) == nil ? nil : $0 }
        ) { $0.bindAddress = $1 },
        KubeProxyFlag(
            list: CommandOption<FeatureGate>.list(
                "feature-gates",
                "NAME=true|false",
                "Features that are turned on or off; they are read and told.",
                expecting: "a name, = and true or false, such as AllowServiceExternalIPs=true"
            ) { FeatureGate(parsing: $0) }
        ) { configuration, gates in
            for gate in gates { configuration.featureGates[gate.name] = gate.isOn }
        },
    ]

    private static let serverFlags = [
        KubeProxyFlag(
            listener("healthz-bind-address", "Where to serve health; 0.0.0.0:10256 by default, empty for nowhere.")
        ) { $0.healthzBindAddress = $1 },
        KubeProxyFlag(
            listener("metrics-bind-address", "Where to serve metrics; 127.0.0.1:10249 by default, empty for nowhere.")
        ) { $0.metricsBindAddress = $1 },
        // kube-proxy keeps the port of the address beside these; only 0 makes a difference.
        KubeProxyFlag(number("healthz-port", "0 serves no health; deprecated by kube-proxy.")) {
            if $1 == 0 { $0.healthzBindAddress = "" }
        },
        KubeProxyFlag(number("metrics-port", "0 serves no metrics; deprecated by kube-proxy.")) {
            if $1 == 0 { $0.metricsBindAddress = "" }
        },
        KubeProxyFlag(boolean("bind-address-hard-fail", "Exit when a server cannot listen.")) {
            $0.bindAddressHardFail = $1
        },
        KubeProxyFlag(boolean("profiling", "Offer profiles over HTTP.")) { $0.enableProfiling = $1 },
        KubeProxyFlag(
            number("oom-score-adj", "How gladly the kernel ends the agent when memory runs out; -999 by default.")
        ) { $0.oomScoreAdj = $1 },
        KubeProxyFlag(
            duration("iptables-sync-period", "After twice this time without success the node is unhealthy; 30s.")
        ) { $0.iptables.syncPeriod = $1 },
    ]

    private static let conntrackFlags = [
        KubeProxyFlag(
            number("conntrack-max-per-core", "Flows that can be tracked for each processor; 0 leaves the limit alone.")
        ) { $0.conntrack.maxPerCore = $1 },
        KubeProxyFlag(number("conntrack-min", "Flows that can be tracked at least.")) { $0.conntrack.min = $1 },
        KubeProxyFlag(
            duration("conntrack-tcp-timeout-established", "How long idle TCP connections are kept; 0 leaves it.")
        ) { $0.conntrack.tcpEstablishedTimeout = $1 },
        KubeProxyFlag(
            duration("conntrack-tcp-timeout-close-wait", "How long half-closed TCP connections are kept; 0 leaves it.")
        ) { $0.conntrack.tcpCloseWaitTimeout = $1 },
        KubeProxyFlag(
            boolean("conntrack-tcp-be-liberal", "Count TCP segments outside the window as part of their connection.")
        ) { $0.conntrack.tcpBeLiberal = $1 },
        KubeProxyFlag(
            duration("conntrack-udp-timeout", "How long UDP flows without an answer are kept; 0 leaves it.")
        ) { $0.conntrack.udpTimeout = $1 },
        KubeProxyFlag(
            duration("conntrack-udp-timeout-stream", "How long UDP flows with answers are kept; 0 leaves it.")
        ) { $0.conntrack.udpStreamTimeout = $1 },
    ]

    private static let flagsWithoutEffect =
        [
            "config-sync-period", "iptables-min-sync-period", "ipvs-exclude-cidrs", "ipvs-min-sync-period",
            "ipvs-scheduler", "ipvs-sync-period", "ipvs-tcp-timeout", "ipvs-tcpfin-timeout", "ipvs-udp-timeout",
            "kube-api-burst", "kube-api-content-type", "kube-api-qps", "log-flush-frequency",
            "log-json-info-buffer-size", "log-text-info-buffer-size", "show-hidden-metrics-for-version", "vmodule",
        ].map { KubeProxyFlag(ignored: $0) }
        + [
            "iptables-localhost-nodeports", "ipvs-strict-arp", "log-json-split-stream", "log-text-split-stream",
        ].map { KubeProxyFlag(ignored: $0, "true|false", bareValue: "true") }
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
