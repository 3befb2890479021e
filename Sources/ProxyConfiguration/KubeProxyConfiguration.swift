/// A configuration file of kube-proxy: `kubeproxy.config.k8s.io/v1alpha1`, kind `KubeProxyConfiguration`.
///
/// The fields have the names and the meaning that they have there. A new value has no field set, which is zero, empty
/// or nil; `applyDefaults()` and `applyModeDefaults()` fill in what kube-proxy would.
package struct KubeProxyConfiguration: Hashable, Sendable {
    /// What `apiVersion` must say.
    package static let apiVersion = "kubeproxy.config.k8s.io/v1alpha1"
    /// What `kind` must say.
    package static let kind = "KubeProxyConfiguration"

    /// Features that are turned on or off by name.
    package var featureGates: [String: Bool] = [:]
    /// How the API server is reached.
    package var clientConnection = ClientConnectionSettings()
    /// What is logged, and how.
    package var logging = LoggingSettings()
    /// The name of this node; the host name when it is empty.
    package var hostnameOverride = ""
    /// The primary address of the node when it is not unspecified; nothing listens on it.
    package var bindAddress = ""
    /// Where `/healthz` and `/livez` are served; nowhere when it is empty after the defaults.
    package var healthzBindAddress = ""
    /// Where `/metrics` is served; nowhere when it is empty after the defaults.
    package var metricsBindAddress = ""
    /// Whether a server that cannot listen ends the program.
    package var bindAddressHardFail = false
    /// Whether profiles can be taken over HTTP.
    package var enableProfiling = false
    /// The version whose hidden metrics are shown.
    package var showHiddenMetricsForVersion = ""
    /// `iptables`, `ipvs`, `nftables`, or empty for the program's own choice.
    package var mode = ""
    /// Settings of the modes iptables and ipvs.
    package var iptables = IPTablesSettings()
    /// Settings of the mode ipvs.
    package var ipvs = IPVSSettings()
    /// Settings of the mode nftables.
    package var nftables = NFTablesSettings()
    /// Settings for Windows.
    package var winkernel = WinkernelSettings()
    /// How flows from local pods are told from others.
    package var detectLocalMode = ""
    /// The interfaces of two of those modes.
    package var detectLocal = DetectLocalSettings()
    /// The addresses of the cluster's pods: one range, or one in each family with a comma between.
    package var clusterCIDR = ""
    /// The node's addresses that node ports are open on: ranges, or `primary` alone.
    package var nodePortAddresses: [String] = []
    /// What the kernel adds to the process's badness when memory runs out.
    package var oomScoreAdj: Int32?
    /// Settings of the kernel's connection tracking.
    package var conntrack = ConntrackConfiguration()
    /// How often all objects are read again.
    package var configSyncPeriod = Duration.zero
    /// Unused for long.
    package var portRange = ""
    /// Whether it runs as a service of Windows.
    package var windowsRunAsService = false
    /// What only fairlead-agent knows; kube-proxy passes over it with a warning.
    package var fairlead: FairleadSettings?

    /// Creates a configuration that no field is set in.
    package init() {}
}

extension KubeProxyConfiguration: ConfigurationBlock {
    static var fields: [ConfigurationField<Self>] {
        [
            ConfigurationField("featureGates", \.featureGates),
            ConfigurationField("clientConnection", \.clientConnection),
            ConfigurationField("logging", \.logging),
            ConfigurationField("hostnameOverride", \.hostnameOverride),
            ConfigurationField("bindAddress", \.bindAddress),
            ConfigurationField("healthzBindAddress", \.healthzBindAddress),
            ConfigurationField("metricsBindAddress", \.metricsBindAddress),
            ConfigurationField("bindAddressHardFail", \.bindAddressHardFail),
            ConfigurationField("enableProfiling", \.enableProfiling),
            ConfigurationField("showHiddenMetricsForVersion", \.showHiddenMetricsForVersion),
            ConfigurationField("mode", \.mode),
            ConfigurationField("iptables", \.iptables),
            ConfigurationField("ipvs", \.ipvs),
            ConfigurationField("nftables", \.nftables),
            ConfigurationField("winkernel", \.winkernel),
            ConfigurationField("detectLocalMode", \.detectLocalMode),
            ConfigurationField("detectLocal", \.detectLocal),
            ConfigurationField("clusterCIDR", \.clusterCIDR),
            ConfigurationField("nodePortAddresses", \.nodePortAddresses),
            ConfigurationField("oomScoreAdj", \.oomScoreAdj),
            ConfigurationField("conntrack", \.conntrack),
            ConfigurationField("configSyncPeriod", \.configSyncPeriod),
            ConfigurationField("portRange", \.portRange),
            ConfigurationField("windowsRunAsService", \.windowsRunAsService),
            ConfigurationField("fairlead", \.fairlead),
        ]
    }
}
