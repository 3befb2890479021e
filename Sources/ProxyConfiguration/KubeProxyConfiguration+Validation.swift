internal import KubernetesAPI
internal import NetworkAddress

/// A value that no configuration may have.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// The field, as kube-proxy names it in its errors: `KubeProxyConfiguration.ConfigSyncPeriod`.
    package let field: String
    /// The value as text.
    package let value: String
    /// What a good value is.
    package let message: String

    package var description: String { "\(field): Invalid value: \(value): \(message)" }
}

extension KubeProxyConfiguration {
    /// What kube-proxy would refuse of a configuration with all its defaults; empty when it is good.
    ///
    /// Field names and rules are those of kube-proxy; an empty address of a server is good, and turns it off.
    package func problems() -> [ConfigurationProblem] {
        var check = Check()
        checkModes(&check)
        checkNumbers(&check)
        checkAddresses(&check)
        checkLocalDetection(&check)
        checkOwnBlock(&check)
        return check.problems
    }

    private func checkOwnBlock(_ check: inout Check) {
        guard let own = fairlead else { return }
        check.that(
            own.servicesWithMetricsMax >= 0,
            "Fairlead.ServicesWithMetricsMax",
            own.servicesWithMetricsMax,
            "it is 0 or more"
        )
        for (index, text) in own.priorityServices.enumerated() {
            check.that(
                FairleadSettings.isServiceOrLabel(text),
                "Fairlead.PriorityServices[\(index)]",
                text,
                "it names a Service such as kube-system/kube-dns, or a label such as k8s-app=kube-dns"
            )
        }
        for (index, text) in own.serviceCIDRs.enumerated() {
            check.that(isRange(text), "Fairlead.ServiceCIDRs[\(index)]", text, Self.rangeExample)
        }
    }

    private func checkModes(_ check: inout Check) {
        let modes = ProxyMode.allCases.map(\.rawValue)
        check.that(
            mode.isEmpty || modes.contains(mode),
            "Mode.ProxyMode",
            mode,
            "the modes are \(modes.joined(separator: ", ")), or empty for the program's own"
        )
        check.that(
            ["text", "json"].contains(logging.format),
            "logging.format",
            logging.format,
            "the formats are text and json"
        )
        check.that(logging.verbosity >= 0, "logging.verbosity", logging.verbosity, "it is 0 or more")
    }

    private func checkNumbers(_ check: inout Check) {
        let bits: [(String, Int32?)] = [
            ("KubeProxyIPTablesConfiguration.MasqueradeBit", iptables.masqueradeBit),
            ("KubeProxyNFTablesConfiguration.MasqueradeBit", nftables.masqueradeBit),
        ]
        for case (let field, let bit?) in bits {
            check.that((0...31).contains(bit), field, bit, "a packet mark has the bits 0 to 31")
        }
        if let score = oomScoreAdj {
            let field = "KubeProxyLinuxConfiguration.OOMScoreAdj"
            check.that((-1000...1000).contains(score), field, score, "it is between -1000 and 1000")
        }
        check.that(clientConnection.burst >= 0, "ClientConnection.Burst", clientConnection.burst, "it is 0 or more")

        let periods = modeSettings
        check.that(configSyncPeriod > .zero, "ConfigSyncPeriod", configSyncPeriod, "it is longer than 0")
        check.that(periods.syncPeriod > .zero, "SyncPeriod", periods.syncPeriod, "it is longer than 0")
        check.that(periods.minSyncPeriod >= .zero, "MinSyncPeriod", periods.minSyncPeriod, "it is 0 or longer")
        check.that(
            periods.minSyncPeriod <= periods.syncPeriod,
            "SyncPeriod",
            periods.syncPeriod,
            "it is not shorter than minSyncPeriod, which is \(periods.minSyncPeriod.goSyntax)"
        )

        let conntrackField = "KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration"
        for case (let name, let number?) in [("MaxPerCore", conntrack.maxPerCore), ("Min", conntrack.min)] {
            check.that(number >= 0, "\(conntrackField).\(name)", number, "it is 0 or more")
        }
        let timeouts: [(String, Duration?)] = [
            ("TCPEstablishedTimeout", conntrack.tcpEstablishedTimeout),
            ("TCPCloseWaitTimeout", conntrack.tcpCloseWaitTimeout),
            ("UDPTimeout", conntrack.udpTimeout),
            ("UDPStreamTimeout", conntrack.udpStreamTimeout),
        ]
        for case (let name, let timeout?) in timeouts {
            check.that(timeout >= .zero, "\(conntrackField).\(name)", timeout, "it is 0 or longer")
        }
        if mode == ProxyMode.ipvs.rawValue { checkIPVS(&check) }
    }

    private func checkIPVS(_ check: inout Check) {
        let field = "KubeProxyIPVSConfiguration"
        let timeouts = [
            ("TCPTimeout", ipvs.tcpTimeout), ("TCPFinTimeout", ipvs.tcpFinTimeout), ("UDPTimeout", ipvs.udpTimeout),
        ]
        for (name, timeout) in timeouts {
            check.that(timeout >= .zero, "\(field).\(name)", timeout, "it is 0 or longer")
        }
        for (index, range) in ipvs.excludeCIDRs.enumerated() {
            check.that(isRange(range), "\(field).ExcludeCidrs[\(index)]", range, Self.rangeExample)
        }
    }

    private func checkAddresses(_ check: inout Check) {
        check.that(
            IPAddress(parsing: bindAddress, leadingZeros: .ignored) != nil,
            "BindAddress",
            bindAddress,
            "it is the text of an IP address"
        )
        let servers = [("HealthzBindAddress", healthzBindAddress), ("MetricsBindAddress", metricsBindAddress)]
        for (field, address) in servers where !address.isEmpty {
            check.that(
                TransportAddress(parsing: address) != nil,
                field,
                address,
                "it is an IP address, a colon and a port from 1 to 65535, such as 0.0.0.0:10256 or [::]:10256"
            )
        }
        for (index, text) in nodePortAddresses.enumerated() {
            let field = "NodePortAddresses[\(index)]"
            if ["primary", "all"].contains(text) {
                check.that(nodePortAddresses.count == 1, field, text, "it stands alone, without ranges beside it")
            } else {
                check.that(isRange(text), field, text, "it is \"primary\" alone, or a range; \(Self.rangeExample)")
            }
        }
        check.that(isPortRange(portRange), "PortRange", portRange, "a range of ports is like 300-2000")
    }

    private func checkLocalDetection(_ check: inout Check) {
        guard let mode = LocalDetectionMode(rawValue: detectLocalMode) else {
            let modes = LocalDetectionMode.allCases.map(\.rawValue).joined(separator: ", ")
            check.that(detectLocalMode.isEmpty, "DetectLocalMode", detectLocalMode, "the modes are \(modes)")
            return
        }
        let field = "DetectLocalConfiguration"
        switch mode {
        case .clusterCIDR:
            guard !clusterCIDR.isEmpty else { return }
            let texts = clusterCIDR.split(separator: ",", omittingEmptySubsequences: false)
            let ranges = texts.compactMap { IPPrefix(parsing: $0) }
            check.that(ranges.count == texts.count, "\(field).ClusterCIDRs", clusterCIDR, Self.rangeExample)
            check.that(
                texts.count == 1 || Set(ranges.map(\.family)).count == texts.count,
                "\(field).ClusterCIDRs",
                clusterCIDR,
                "it is one range, or one of each family with a comma between: 10.100.0.0/16,fde4:8dba:82e1::/48"
            )
        case .nodeCIDR: break
        case .bridgeInterface:
            check.that(
                isInterfaceName(detectLocal.bridgeInterface),
                "\(field).InterfaceName",
                detectLocal.bridgeInterface,
                "detectLocalMode BridgeInterface needs detectLocal.bridgeInterface, of at most 15 bytes"
            )
        case .interfaceNamePrefix:
            check.that(
                isInterfaceName(detectLocal.interfaceNamePrefix),
                "\(field).InterfacePrefix",
                detectLocal.interfaceNamePrefix,
                "detectLocalMode InterfaceNamePrefix needs detectLocal.interfaceNamePrefix, of at most 15 bytes"
            )
        }
    }

    private func isRange(_ text: String) -> Bool { IPPrefix(parsing: text) != nil }

    /// Whether the kernel could give an interface such a name (IFNAMSIZ is 16, with the zero byte).
    private func isInterfaceName(_ text: String) -> Bool { (1...15).contains(text.utf8.count) }

    /// Whether text is empty, a port, `first-last` or `first+count`.
    private func isPortRange(_ text: String) -> Bool {
        guard let separator = text.firstIndex(where: { $0 == "-" || $0 == "+" }) else {
            return text.isEmpty || UInt16(text) != nil
        }
        guard let first = UInt16(text[..<separator]), let second = UInt16(text[text.index(after: separator)...])
        else { return false }
        return text[separator] == "-" ? first <= second : Int(first) + Int(second) <= Int(UInt16.max)
    }

    private static let rangeExample = "a range is like 10.100.0.0/16 or fde4:8dba:82e1::/48"
}

/// Gathers what is wrong.
private struct Check {
    var problems: [ConfigurationProblem] = []

    mutating func that(_ isGood: Bool, _ field: String, _ value: some Any, _ message: String) {
        guard !isGood else { return }
        let text =
            switch value {
            case let text as String: ObjectValue.quoted(text)
            case let duration as Duration: duration.goSyntax
            default: "\(value)"
            }
        problems.append(
            ConfigurationProblem(field: "\(KubeProxyConfiguration.kind).\(field)", value: text, message: message)
        )
    }
}
