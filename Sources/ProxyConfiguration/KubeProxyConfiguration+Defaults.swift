internal import NetworkAddress

extension KubeProxyConfiguration {
    /// The port of the health endpoints where only an address is given.
    package static let healthzPort = 10256
    /// The port of the metrics where only an address is given.
    package static let metricsPort = 10249

    /// A configuration with the defaults that do not depend on the mode.
    package static var defaults: KubeProxyConfiguration {
        var configuration = KubeProxyConfiguration()
        configuration.applyDefaults()
        return configuration
    }

    /// Fills in every field that is not set and whose default does not depend on the mode.
    ///
    /// For most fields, zero or empty is not set. An IPv6 `bindAddress` lets the servers listen on IPv6 addresses.
    package mutating func applyDefaults() {
        if bindAddress.isEmpty { bindAddress = "0.0.0.0" }
        let isIPv4 = IPAddress(parsing: bindAddress, leadingZeros: .ignored)?.family == .ipv4
        if healthzBindAddress.isEmpty { healthzBindAddress = isIPv4 ? "0.0.0.0" : "[::]" }
        if metricsBindAddress.isEmpty { metricsBindAddress = isIPv4 ? "127.0.0.1" : "[::1]" }
        appendDefaultPorts()
        oomScoreAdj = oomScoreAdj ?? -999
        iptables.applyDefaults()
        iptables.localhostNodePorts = iptables.localhostNodePorts ?? true
        nftables.applyDefaults()
        if ipvs.syncPeriod == .zero { ipvs.syncPeriod = .seconds(30) }
        conntrack.maxPerCore = conntrack.maxPerCore ?? 32 * 1024
        conntrack.min = conntrack.min ?? 128 * 1024
        conntrack.tcpEstablishedTimeout = conntrack.tcpEstablishedTimeout ?? .seconds(24 * 3600)
        conntrack.tcpCloseWaitTimeout = conntrack.tcpCloseWaitTimeout ?? .seconds(3600)
        if configSyncPeriod == .zero { configSyncPeriod = .seconds(15 * 60) }
        if clientConnection.contentType.isEmpty {
            clientConnection.contentType = "application/vnd.kubernetes.protobuf"
        }
        if clientConnection.qps == 0 { clientConnection.qps = 5 }
        if clientConnection.burst == 0 { clientConnection.burst = 10 }
        if logging.format.isEmpty { logging.format = "text" }
    }

    /// Gives the servers' addresses their usual ports where they have none; an empty address stays empty.
    package mutating func appendDefaultPorts() {
        healthzBindAddress = Self.appending(port: Self.healthzPort, to: healthzBindAddress)
        metricsBindAddress = Self.appending(port: Self.metricsPort, to: metricsBindAddress)
    }

    private static func appending(port: Int, to text: String) -> String {
        if let address = IPAddress(parsing: text, leadingZeros: .ignored) {
            return address.family == .ipv4 ? "\(text):\(port)" : "[\(text)]:\(port)"
        }
        return text.hasPrefix("[") && text.hasSuffix("]") ? "\(text):\(port)" : text
    }

    /// Fills in what depends on the mode: node ports are open on the node's primary addresses in nftables mode, and on
    /// all local ones in the others.
    package mutating func applyModeDefaults() {
        if detectLocalMode.isEmpty { detectLocalMode = LocalDetectionMode.clusterCIDR.rawValue }
        if nodePortAddresses.isEmpty, mode == ProxyMode.nftables.rawValue { nodePortAddresses = ["primary"] }
    }
}

/// The ways of kube-proxy to program Services on Linux.
package enum ProxyMode: String, CaseIterable, Sendable {
    case iptables
    case ipvs
    case nftables
}

/// The ways to tell flows from local pods from others.
package enum LocalDetectionMode: String, CaseIterable, Sendable {
    case clusterCIDR = "ClusterCIDR"
    case nodeCIDR = "NodeCIDR"
    case bridgeInterface = "BridgeInterface"
    case interfaceNamePrefix = "InterfaceNamePrefix"
}

/// What the block of the chosen mode says; the blocks of the others are not used.
package struct ModeSettings: Hashable, Sendable {
    /// The bit of the packet mark that says "masquerade me".
    package var masqueradeBit: Int
    /// Whether every flow to a cluster IP is masqueraded.
    package var masqueradeAll: Bool
    /// How often everything is looked after.
    package var syncPeriod: Duration
    /// The least time from one change of the rules to the next.
    package var minSyncPeriod: Duration
}

extension KubeProxyConfiguration {
    /// The settings of the chosen mode; an empty mode reads the block of iptables, as kube-proxy does.
    package var modeSettings: ModeSettings {
        switch ProxyMode(rawValue: mode) {
        case .nftables: nftables.settings(syncingAs: nftables)
        case .ipvs: iptables.settings(syncingAs: ipvs)
        case .iptables, nil: iptables.settings(syncingAs: iptables)
        }
    }

    /// The fields that say something and that fairlead-agent makes no use of, as files write them.
    package var fieldsWithoutEffect: [String] {
        let defaults = Self.defaults
        var names: [String] = []
        func note<Value: Equatable>(_ name: String, _ place: KeyPath<KubeProxyConfiguration, Value>) {
            if self[keyPath: place] != defaults[keyPath: place] { names.append(name) }
        }
        note("configSyncPeriod", \.configSyncPeriod)
        note("enableProfiling", \.enableProfiling)
        note("ipvs", \.ipvs)
        note("portRange", \.portRange)
        note("showHiddenMetricsForVersion", \.showHiddenMetricsForVersion)
        note("windowsRunAsService", \.windowsRunAsService)
        note("winkernel", \.winkernel)
        return names
    }
}
