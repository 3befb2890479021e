internal import NetworkAddress
package import ProxyConfiguration

extension AgentOptions {
    /// Creates the options that a configuration stands for.
    ///
    /// - Parameters:
    ///   - configuration: A configuration with all defaults and without problems.
    ///   - nodeName: The name of this node.
    ///   - runsOnce: Whether to end after the first acknowledgement of the kernel.
    package init(_ configuration: KubeProxyConfiguration, nodeName: String, runsOnce: Bool = false) {
        let mode = configuration.modeSettings
        self.init(
            nodeName: nodeName,
            masqueradesAll: mode.masqueradeAll,
            nodePorts: NodePortSelection(words: configuration.nodePortAddresses) ?? .all,
            runsOnce: runsOnce
        )
        localDetection = LocalDetection(configuration)
        masqueradeBit = mode.masqueradeBit
        if let address = IPAddress(parsing: configuration.bindAddress, leadingZeros: .ignored), address.bits != 0 {
            primaryAddress = address
        }
        healthzAddress = TransportAddress(parsing: configuration.healthzBindAddress)
        metricsAddress = TransportAddress(parsing: configuration.metricsBindAddress)
        bindFailureIsFatal = configuration.bindAddressHardFail
        syncPeriod = mode.syncPeriod
        conntrack = ConntrackSettings(configuration.conntrack)
        outOfMemoryScore = configuration.oomScoreAdj.map(Int.init)
        featureGates = configuration.featureGates
        if let own = configuration.fairlead {
            servicesWithMetricsMax = Int(own.servicesWithMetricsMax)
            failsOpenOnForeignRanges = own.sourceRangesFailOpen
            serviceCIDRs = own.serviceCIDRs.compactMap { IPPrefix(parsing: $0) }
        }
        let priority = configuration.fairlead?.priorityServices ?? []
        priorityServices = priority.isEmpty ? FairleadSettings.defaultPriorityServices : priority
        self.configuration = configuration.inEffect(mode, on: nodeName)
    }
}

extension KubeProxyConfiguration {
    /// The configuration with what this agent makes of it: its one mode, with the settings that count.
    fileprivate func inEffect(_ settings: ModeSettings, on nodeName: String) -> KubeProxyConfiguration {
        var effective = self
        effective.hostnameOverride = nodeName
        effective.mode = ProxyMode.nftables.rawValue
        effective.nftables.masqueradeBit = Int32(settings.masqueradeBit)
        effective.nftables.masqueradeAll = settings.masqueradeAll
        effective.nftables.syncPeriod = settings.syncPeriod
        effective.nftables.minSyncPeriod = settings.minSyncPeriod
        return effective
    }
}

extension LocalDetection {
    /// Creates the way to tell local flows that a configuration without problems asks for.
    fileprivate init(_ configuration: KubeProxyConfiguration) {
        switch LocalDetectionMode(rawValue: configuration.detectLocalMode) {
        case .clusterCIDR:
            let ranges = configuration.clusterCIDR.split(separator: ",").compactMap { IPPrefix(parsing: $0) }
            self = ranges.isEmpty ? .none : .clusterCIDR(ranges)
        case .nodeCIDR: self = .nodeCIDR
        case .bridgeInterface: self = .bridgeInterface(configuration.detectLocal.bridgeInterface)
        case .interfaceNamePrefix: self = .interfaceNamePrefix(configuration.detectLocal.interfaceNamePrefix)
        case nil: self = .none
        }
    }
}

extension ConntrackSettings {
    /// Creates the settings that a configuration stands for: zero leaves the kernel's value.
    package init(_ configuration: ConntrackConfiguration) {
        func positive(_ number: Int32?) -> Int? { number.flatMap { $0 > 0 ? Int($0) : nil } }
        // A fraction of a second is cut off, as kube-proxy does; but the kernel would take 0 as "at once".
        func seconds(_ timeout: Duration?) -> Int? {
            timeout.flatMap { $0 > .zero ? max(1, Int($0.components.seconds)) : nil }
        }
        self.init()
        maximumPerProcessor = positive(configuration.maxPerCore)
        minimum = positive(configuration.min) ?? 0
        tcpEstablishedSeconds = seconds(configuration.tcpEstablishedTimeout)
        tcpCloseWaitSeconds = seconds(configuration.tcpCloseWaitTimeout)
        isTCPLiberal = configuration.tcpBeLiberal
        udpSeconds = seconds(configuration.udpTimeout)
        udpStreamSeconds = seconds(configuration.udpStreamTimeout)
    }
}
