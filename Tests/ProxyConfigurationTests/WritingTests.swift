import KubernetesAPI
import ProxyConfiguration
import Testing

struct `Writing a configuration file` {
    @Test func `fields are in the order of their names, as kube-proxy writes them`() {
        let lines = KubeProxyConfiguration.defaults.yaml.split(separator: "\n")
        let names = lines.filter { !$0.hasPrefix(" ") && !$0.hasPrefix("-") }.compactMap {
            $0.split(separator: ":").first
        }
        #expect(names == names.sorted())
        #expect(lines.first == "apiVersion: kubeproxy.config.k8s.io/v1alpha1")
        #expect(lines.contains("healthzBindAddress: 0.0.0.0:10256"))
        #expect(lines.contains("  tcpEstablishedTimeout: 24h0m0s"))
        #expect(lines.contains("nodePortAddresses: null"))
        #expect(!lines.contains { $0.hasPrefix("fairlead") })
    }

    /// Texts that a reader of YAML could take for something else.
    static let texts = [
        "", " ", "~", "null", "Null", "true", "no", "y", "ON", "0", "010", "0x1F", "1e3", "1.5", "-", "- a", "a: b",
        "a #b",
        "#", "*a", "&a", "!a", "|", ">", "%", "@", "`", "{", "[", "a,b", "\"", "'", "\\", "\n", "a\nb\n", "\t", "\u{0}",
        "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "ä€😀", "::", "[::]:10256", "1:30", "30s", "1h2m0s",
        "0.0.0.0",
        "10.0.0.0/8,fd00::/8", "/var/lib/kube-proxy", "a:", "---", "...", "<<", "=", "?", "1_000", "0b1", "0o7", ".5",
        "+1",
        "1.2.3", "node-1.example.com", "e5h", "1e5h", "0x1s",
    ]

    @Test(arguments: texts)
    func `every text is read again as it was written`(text: String) throws {
        var configuration = KubeProxyConfiguration()
        configuration.hostnameOverride = text
        configuration.nodePortAddresses = [text, text]
        configuration.featureGates = [text: true]
        let (again, warnings) = try read(configuration.yaml)
        #expect(again == configuration)
        #expect(warnings.isEmpty)
    }

    @Test(arguments: 0..<200)
    func `a configuration of any values is read again as the same`(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let configuration = Self.anyConfiguration(&random)
        let (again, warnings) = try read(configuration.yaml)
        #expect(again == configuration)
        #expect(warnings.isEmpty)
        var defaulted = configuration
        defaulted.applyDefaults()
        #expect(try read(defaulted.yaml).configuration == defaulted)
    }

    private static func anyConfiguration(_ random: inout SplitMix) -> KubeProxyConfiguration {
        func text() -> String { texts.randomElement(using: &random) ?? "" }
        func number() -> Int32 {
            Int32.random(in: .min ... .max, using: &random) >> Int32.random(in: 0..<32, using: &random)
        }
        func flag() -> Bool { .random(using: &random) }
        func duration() -> Duration {
            .nanoseconds(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<63, using: &random))
        }
        func list() -> [String] { (0..<Int.random(in: 0...3, using: &random)).map { _ in text() } }
        var any = KubeProxyConfiguration()
        any.featureGates = Dictionary(list().map { ($0, flag()) }) { first, _ in first }
        any.clientConnection.kubeconfig = text()
        any.clientConnection.acceptContentTypes = text()
        any.clientConnection.contentType = text()
        any.clientConnection.qps = Double(number()) / 8
        any.clientConnection.burst = number()
        any.logging.format = text()
        any.logging.verbosity = number()
        any.logging.flushFrequency.value = flag() ? .string("5s") : .integer(Int64(number()))
        any.logging.vmodule.value =
            flag()
            ? .null : .array([.object([.init(name: "filePattern", value: .string(text()))]), .array([.bool(flag())])])
        any.hostnameOverride = text()
        any.bindAddress = text()
        any.healthzBindAddress = text()
        any.metricsBindAddress = text()
        any.bindAddressHardFail = flag()
        any.enableProfiling = flag()
        any.showHiddenMetricsForVersion = text()
        any.mode = text()
        any.iptables.masqueradeBit = flag() ? nil : number()
        any.iptables.masqueradeAll = flag()
        any.iptables.localhostNodePorts = flag() ? nil : flag()
        any.iptables.syncPeriod = duration()
        any.iptables.minSyncPeriod = duration()
        any.ipvs.scheduler = text()
        any.ipvs.excludeCIDRs = list()
        any.ipvs.strictARP = flag()
        any.ipvs.tcpTimeout = duration()
        any.ipvs.tcpFinTimeout = duration()
        any.ipvs.udpTimeout = duration()
        any.nftables.masqueradeBit = flag() ? nil : number()
        any.nftables.masqueradeAll = flag()
        any.nftables.syncPeriod = duration()
        any.winkernel.networkName = text()
        any.winkernel.enableDSR = flag()
        any.detectLocalMode = text()
        any.detectLocal.bridgeInterface = text()
        any.detectLocal.interfaceNamePrefix = text()
        any.clusterCIDR = text()
        any.nodePortAddresses = list()
        any.oomScoreAdj = flag() ? nil : number()
        any.conntrack.maxPerCore = flag() ? nil : number()
        any.conntrack.min = flag() ? nil : number()
        any.conntrack.tcpEstablishedTimeout = flag() ? nil : duration()
        any.conntrack.tcpCloseWaitTimeout = flag() ? nil : duration()
        any.conntrack.tcpBeLiberal = flag()
        any.conntrack.udpTimeout = duration()
        any.conntrack.udpStreamTimeout = duration()
        any.configSyncPeriod = duration()
        any.portRange = text()
        any.windowsRunAsService = flag()
        if flag(), var block = try? read(head + "fairlead: {}").configuration.fairlead {
            block.manifests = text()
            block.sourceRangesFailOpen = flag()
            block.servicesWithMetricsMax = number()
            block.priorityServices = list()
            block.serviceCIDRs = list()
            any.fairlead = block
        }
        return any
    }
}
