import ProxyConfiguration
import Testing

struct `Defaults of a configuration file` {
    @Test func `an empty configuration gets the defaults of kube-proxy`() throws {
        let configuration = try configured("")
        #expect(configuration.bindAddress == "0.0.0.0")
        #expect(configuration.healthzBindAddress == "0.0.0.0:10256")
        #expect(configuration.metricsBindAddress == "127.0.0.1:10249")
        #expect(configuration.oomScoreAdj == -999)
        #expect(configuration.iptables.masqueradeBit == 14)
        #expect(configuration.iptables.localhostNodePorts == true)
        #expect(configuration.iptables.syncPeriod == .seconds(30))
        #expect(configuration.iptables.minSyncPeriod == .seconds(1))
        #expect(configuration.nftables.masqueradeBit == 14)
        #expect(configuration.nftables.syncPeriod == .seconds(30))
        #expect(configuration.nftables.minSyncPeriod == .seconds(1))
        #expect(configuration.ipvs.syncPeriod == .seconds(30))
        #expect(configuration.ipvs.minSyncPeriod == .zero)
        #expect(configuration.conntrack.maxPerCore == 32768)
        #expect(configuration.conntrack.min == 131_072)
        #expect(configuration.conntrack.tcpEstablishedTimeout == .seconds(86400))
        #expect(configuration.conntrack.tcpCloseWaitTimeout == .seconds(3600))
        #expect(!configuration.conntrack.tcpBeLiberal)
        #expect(configuration.conntrack.udpTimeout == .zero)
        #expect(configuration.conntrack.udpStreamTimeout == .zero)
        #expect(configuration.configSyncPeriod == .seconds(900))
        #expect(configuration.clientConnection.contentType == "application/vnd.kubernetes.protobuf")
        #expect(configuration.clientConnection.qps == 5)
        #expect(configuration.clientConnection.burst == 10)
        #expect(configuration.detectLocalMode == "ClusterCIDR")
        #expect(configuration.logging.format == "text")
        #expect(configuration.mode.isEmpty)
        #expect(configuration.problems().isEmpty)
    }

    @Test(arguments: [
        ("mode: nftables", ["primary"]),
        ("mode: iptables", []),
        ("mode: ipvs", []),
        ("", []),
        ("mode: nftables\nnodePortAddresses: [192.168.0.0/16]", ["192.168.0.0/16"]),
    ])
    func `node ports are open on the primary addresses by default in nftables mode alone`(
        fields: String,
        addresses: [String]
    ) throws {
        #expect(try configured(fields).nodePortAddresses == addresses)
    }

    @Test(arguments: [
        ("bindAddress: '::'", "[::]:10256", "[::1]:10249"),
        ("bindAddress: fd00::1", "[::]:10256", "[::1]:10249"),
        ("bindAddress: 192.168.1.1", "0.0.0.0:10256", "127.0.0.1:10249"),
        ("healthzBindAddress: 10.0.0.1\nmetricsBindAddress: 0.0.0.0", "10.0.0.1:10256", "0.0.0.0:10249"),
        ("healthzBindAddress: fd00::1\nmetricsBindAddress: '[::]'", "[fd00::1]:10256", "[::]:10249"),
        ("healthzBindAddress: '10.0.0.1:1'\nmetricsBindAddress: '[::]:2'", "10.0.0.1:1", "[::]:2"),
        ("bindAddress: '::'\nmetricsBindAddress: 127.0.0.1", "[::]:10256", "127.0.0.1:10249"),
    ])
    func `servers follow the family of bindAddress, and a bare address gets the usual port`(
        fields: String,
        healthz: String,
        metrics: String
    ) throws {
        let configuration = try configured(fields)
        #expect(configuration.healthzBindAddress == healthz)
        #expect(configuration.metricsBindAddress == metrics)
    }

    @Test func `values that are given stay`() throws {
        let configuration = try configured(
            """
            oomScoreAdj: 0
            conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 1m}
            iptables: {masqueradeBit: 0, localhostNodePorts: false, minSyncPeriod: 5s}
            """
        )
        #expect(configuration.oomScoreAdj == 0)
        #expect(configuration.conntrack.maxPerCore == 0)
        #expect(configuration.conntrack.min == 0)
        #expect(configuration.conntrack.tcpEstablishedTimeout == .zero)
        #expect(configuration.conntrack.tcpCloseWaitTimeout == .seconds(60))
        #expect(configuration.iptables.masqueradeBit == 0)
        #expect(configuration.iptables.localhostNodePorts == false)
        #expect(configuration.iptables.minSyncPeriod == .seconds(5))
    }

    @Test(arguments: [
        ("mode: nftables", 1, true, Duration.seconds(11), Duration.seconds(1)),
        ("mode: iptables", 2, false, Duration.seconds(12), Duration.seconds(2)),
        ("mode: ipvs", 2, false, Duration.seconds(13), Duration.seconds(3)),
        ("", 2, false, Duration.seconds(12), Duration.seconds(2)),
    ])
    func `only the block of the chosen mode counts`(
        mode: String,
        bit: Int,
        all: Bool,
        period: Duration,
        least: Duration
    ) throws {
        let settings = try configured(
            """
            \(mode)
            nftables: {masqueradeBit: 1, masqueradeAll: true, syncPeriod: 11s, minSyncPeriod: 1s}
            iptables: {masqueradeBit: 2, syncPeriod: 12s, minSyncPeriod: 2s}
            ipvs: {syncPeriod: 13s, minSyncPeriod: 3s}
            """
        ).modeSettings
        #expect(settings.masqueradeBit == bit)
        #expect(settings.masqueradeAll == all)
        #expect(settings.syncPeriod == period)
        #expect(settings.minSyncPeriod == least)
    }

    @Test func `fields that nothing depends on are told when they say something`() throws {
        #expect(try configured("mode: nftables").fieldsWithoutEffect.isEmpty)
        let configuration = try configured(
            "portRange: 300-2000\nipvs: {scheduler: lc}\nclientConnection: {kubeconfig: /etc/kube-proxy.conf}"
        )
        #expect(configuration.fieldsWithoutEffect == ["ipvs", "portRange"])
    }
}
