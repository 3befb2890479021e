/// How the API server is reached.
package struct ClientConnectionSettings: Hashable, Sendable, ConfigurationBlock {
    /// The path of a kubeconfig file; the pod's own account when it is empty.
    package var kubeconfig = ""
    /// The formats that are asked for.
    package var acceptContentTypes = ""
    /// The format that is sent.
    package var contentType = ""
    /// Requests in a second.
    package var qps = 0.0
    /// Requests at once beyond that.
    package var burst: Int32 = 0

    init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            ConfigurationField("kubeconfig", \.kubeconfig),
            ConfigurationField("acceptContentTypes", \.acceptContentTypes),
            ConfigurationField("contentType", \.contentType),
            ConfigurationField("qps", \.qps),
            ConfigurationField("burst", \.burst),
        ]
    }
}

/// Settings of the kernel's connection tracking; zero leaves the kernel's value.
package struct ConntrackConfiguration: Hashable, Sendable, ConfigurationBlock {
    /// The flows that can be tracked for each processor; zero leaves the limit alone, whatever `min` says.
    package var maxPerCore: Int32?
    /// The flows that can be tracked at least.
    package var min: Int32?
    /// How long an idle TCP connection is kept.
    package var tcpEstablishedTimeout: Duration?
    /// How long a TCP connection is kept that only one side has closed.
    package var tcpCloseWaitTimeout: Duration?
    /// Whether TCP segments outside the window count as part of their connection.
    package var tcpBeLiberal = false
    /// How long a UDP flow without an answer is kept.
    package var udpTimeout = Duration.zero
    /// How long a UDP flow with answers is kept.
    package var udpStreamTimeout = Duration.zero

    init() {}

    /// Settings that leave everything as the kernel has it.
    package static var untouched: ConntrackConfiguration {
        var settings = ConntrackConfiguration()
        settings.maxPerCore = 0
        settings.min = 0
        settings.tcpEstablishedTimeout = .zero
        settings.tcpCloseWaitTimeout = .zero
        return settings
    }

    static var fields: [ConfigurationField<Self>] {
        [
            ConfigurationField("maxPerCore", \.maxPerCore),
            ConfigurationField("min", \.min),
            ConfigurationField("tcpEstablishedTimeout", \.tcpEstablishedTimeout),
            ConfigurationField("tcpCloseWaitTimeout", \.tcpCloseWaitTimeout),
            ConfigurationField("tcpBeLiberal", \.tcpBeLiberal),
            ConfigurationField("udpTimeout", \.udpTimeout),
            ConfigurationField("udpStreamTimeout", \.udpStreamTimeout),
        ]
    }
}

/// The interfaces that local pods' flows come from, for two of the modes of `detectLocalMode`.
package struct DetectLocalSettings: Hashable, Sendable, ConfigurationBlock {
    /// The bridge that pods are joined to.
    package var bridgeInterface = ""
    /// How the names of pods' interfaces begin.
    package var interfaceNamePrefix = ""

    init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            ConfigurationField("bridgeInterface", \.bridgeInterface),
            ConfigurationField("interfaceNamePrefix", \.interfaceNamePrefix),
        ]
    }
}

/// Settings for Windows, which are read so that a file for both systems can be used.
package struct WinkernelSettings: Hashable, Sendable, ConfigurationBlock {
    /// The network for endpoints.
    package var networkName = ""
    /// The source address of load-balanced flows.
    package var sourceVip = ""
    /// Whether answers go directly to the client.
    package var enableDSR = false
    /// The endpoint of the root namespace.
    package var rootHnsEndpointName = ""
    /// Whether health checks are forwarded.
    package var forwardHealthCheckVip = false

    init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            ConfigurationField("networkName", \.networkName),
            ConfigurationField("sourceVip", \.sourceVip),
            ConfigurationField("enableDSR", \.enableDSR),
            ConfigurationField("rootHnsEndpointName", \.rootHnsEndpointName),
            ConfigurationField("forwardHealthCheckVip", \.forwardHealthCheckVip),
        ]
    }
}

/// What only fairlead-agent knows.
package struct FairleadSettings: Hashable, Sendable, ConfigurationBlock {
    /// The directory of manifests that is followed, as with `--manifests`, which comes first.
    package var manifests = ""
    /// Whether `loadBalancerSourceRanges` of the other family alone let everybody in, as in kube-proxy.
    package var sourceRangesFailOpen = false
    /// How many Services have metrics of their own.
    package var servicesWithMetricsMax: Int32 = 0
    /// The Services that are programmed before all others, as `namespace/name` or `label=value`; when it is empty,
    /// `defaultPriorityServices`.
    package var priorityServices: [String] = []
    /// Ranges that cluster IPs are taken from, beside those of ServiceCIDR objects.
    package var serviceCIDRs: [String] = []

    /// The API server, which other programs of a node wait for, and the cluster's DNS.
    package static let defaultPriorityServices = ["default/kubernetes", "kube-system/kube-dns", "k8s-app=kube-dns"]

    /// Whether text names a Service or a label, as `priorityServices` do.
    package static func isServiceOrLabel(_ text: String) -> Bool {
        let parts = text.split(separator: text.contains("=") ? "=" : "/", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
    }

    /// Creates the block that no field is set in.
    package init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            ConfigurationField("manifests", \.manifests),
            ConfigurationField("sourceRangesFailOpen", \.sourceRangesFailOpen),
            ConfigurationField("servicesWithMetricsMax", \.servicesWithMetricsMax),
            ConfigurationField("priorityServices", \.priorityServices),
            ConfigurationField("serviceCIDRs", \.serviceCIDRs),
        ]
    }
}
