import ProxyConfiguration
import Testing

struct `Reading a configuration file` {
    @Test func `what kubeadm writes is read without a warning`() throws {
        let (configuration, warnings) = try read(
            """
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            bindAddress: 0.0.0.0
            bindAddressHardFail: false
            clientConnection:
              acceptContentTypes: ""
              burst: 0
              contentType: ""
              kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
              qps: 0
            clusterCIDR: 10.244.0.0/16
            configSyncPeriod: 0s
            conntrack:
              maxPerCore: null
              min: null
              tcpBeLiberal: false
              tcpCloseWaitTimeout: null
              tcpEstablishedTimeout: null
              udpStreamTimeout: 0s
              udpTimeout: 0s
            detectLocal:
              bridgeInterface: ""
              interfaceNamePrefix: ""
            detectLocalMode: ""
            enableProfiling: false
            healthzBindAddress: ""
            hostnameOverride: ""
            iptables:
              localhostNodePorts: null
              masqueradeAll: false
              masqueradeBit: null
              minSyncPeriod: 0s
              syncPeriod: 0s
            ipvs:
              excludeCIDRs: null
              minSyncPeriod: 0s
              scheduler: ""
              strictARP: false
              syncPeriod: 0s
              tcpFinTimeout: 0s
              tcpTimeout: 0s
              udpTimeout: 0s
            kind: KubeProxyConfiguration
            logging:
              flushFrequency: 0
              options:
                json:
                  infoBufferSize: "0"
                text:
                  infoBufferSize: "0"
              verbosity: 0
            metricsBindAddress: ""
            mode: ""
            nftables:
              masqueradeAll: false
              masqueradeBit: null
              minSyncPeriod: 0s
              syncPeriod: 0s
            nodePortAddresses: null
            oomScoreAdj: null
            portRange: ""
            showHiddenMetricsForVersion: ""
            winkernel:
              enableDSR: false
              forwardHealthCheckVip: false
              networkName: ""
              rootHnsEndpointName: ""
              sourceVip: ""
            """
        )
        #expect(warnings.isEmpty)
        #expect(configuration.clusterCIDR == "10.244.0.0/16")
        #expect(configuration.clientConnection.kubeconfig == "/var/lib/kube-proxy/kubeconfig.conf")
        #expect(configuration.conntrack.maxPerCore == nil)
    }

    @Test func `unknown fields are named and passed over`() throws {
        let (configuration, warnings) = try read(
            head + "clusterCIDR: 10.0.0.0/8\ntypo: 1\nconntrack: {maxPerCode: 3, min: 7}\n"
        )
        #expect(warnings == ["unknown field \"typo\"", "unknown field \"conntrack.maxPerCode\""])
        #expect(configuration.clusterCIDR == "10.0.0.0/8")
        #expect(configuration.conntrack.min == 7)
    }

    @Test func `of a field that stands twice the last one counts, with a warning`() throws {
        let (configuration, warnings) = try read(head + "mode: ipvs\nclusterCIDR: 10.0.0.0/8\nmode: nftables\n")
        #expect(warnings == ["line 5: the key \"mode\" stands twice in one object"])
        #expect(configuration.mode == "nftables")
    }

    @Test func `the file may be JSON`() throws {
        let text = """
            {"kind": "KubeProxyConfiguration", "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            \t"nftables": {"syncPeriod": "1m"}, "featureGates": {"A": true, "B": false}}
            """
        let (configuration, warnings) = try read(text)
        #expect(warnings.isEmpty)
        #expect(configuration.nftables.syncPeriod == .seconds(60))
        #expect(configuration.featureGates == ["A": true, "B": false])
    }

    @Test func `only the first document is read`() throws {
        let (configuration, warnings) = try read("---\n\(head)mode: nftables\n---\n\(head)mode: ipvs\n")
        #expect(configuration.mode == "nftables")
        #expect(warnings == ["what follows the first document of the file is not read"])
    }

    @Test func `the block of Fairlead is read`() throws {
        #expect(
            try read(head + "fairlead: {manifests: /etc/fairlead}").configuration.fairlead?.manifests == "/etc/fairlead"
        )
        #expect(try read(head).configuration.fairlead == nil)
    }

    @Test(arguments: [
        ("conntrack: {maxPerCore: many}", "conntrack.maxPerCore", "the text \"many\" stands where a whole number"),
        ("conntrack: {maxPerCore: 2147483648}", "conntrack.maxPerCore", "of 32 bits"),
        ("oomScoreAdj: 1.5", "oomScoreAdj", "the number 1.5"),
        ("clusterCIDR: 10", "clusterCIDR", "the integer 10 stands where text"),
        ("iptables: {masqueradeAll: 'yes'}", "iptables.masqueradeAll", "where true or false is expected"),
        ("nftables: {syncPeriod: 30}", "nftables.syncPeriod", "the integer 30 stands where a duration"),
        ("nftables: {syncPeriod: 30 s}", "nftables.syncPeriod", "a duration such as \"30s\""),
        ("nodePortAddresses: primary", "nodePortAddresses", "where a list is expected"),
        ("nodePortAddresses: [1]", "nodePortAddresses[0]", "the integer 1"),
        ("featureGates: {A: 'true'}", "featureGates.A", "where true or false is expected"),
        ("conntrack: []", "conntrack", "a list stands where an object"),
        ("clientConnection: {qps: fast}", "clientConnection.qps", "where a number is expected"),
    ])
    func `a value of the wrong type is an error that names the field`(
        fields: String,
        field: String,
        message: String
    ) throws {
        let error = try #require(throws: ConfigurationError.self) { try read(head + fields) }
        #expect(error.field == field)
        #expect(error.message.contains(message), "\(error.message)")
    }

    @Test(arguments: [
        ("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nmode: ''", "kind"),
        ("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeletConfiguration", "kind"),
        ("kind: KubeProxyConfiguration", "apiVersion"),
        ("kind: KubeProxyConfiguration\napiVersion: kubeproxy.config.k8s.io/v1", "apiVersion"),
        ("- 1", ""),
    ])
    func `another kind or version is an error`(text: String, field: String) throws {
        #expect(try #require(throws: ConfigurationError.self) { try read(text) }.field == field)
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "mode: [", "\tmode: 1"])
    func `what is no document is an error`(text: String) {
        #expect(throws: (any Error).self) { try read(text) }
    }
}
