import ProxyConfiguration
import Testing

struct `Values that no configuration may have` {
    @Test(arguments: [
        ("mode: userspace", "Mode.ProxyMode", "\"userspace\""),
        ("mode: nftables\nnftables: {masqueradeBit: 32}", "KubeProxyNFTablesConfiguration.MasqueradeBit", "32"),
        ("iptables: {masqueradeBit: -1}", "KubeProxyIPTablesConfiguration.MasqueradeBit", "-1"),
        ("oomScoreAdj: 1001", "KubeProxyLinuxConfiguration.OOMScoreAdj", "1001"),
        ("oomScoreAdj: -1001", "KubeProxyLinuxConfiguration.OOMScoreAdj", "-1001"),
        ("clientConnection: {burst: -1}", "ClientConnection.Burst", "-1"),
        ("configSyncPeriod: -1s", "ConfigSyncPeriod", "-1s"),
        ("mode: nftables\nnftables: {minSyncPeriod: -1s}", "MinSyncPeriod", "-1s"),
        ("mode: nftables\nnftables: {minSyncPeriod: 2s, syncPeriod: 1s}", "SyncPeriod", "1s"),
        (
            "conntrack: {maxPerCore: -1}",
            "KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration.MaxPerCore", "-1"
        ),
        ("conntrack: {min: -1}", "KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration.Min", "-1"),
        (
            "conntrack: {tcpEstablishedTimeout: -1s}",
            "KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration.TCPEstablishedTimeout", "-1s"
        ),
        (
            "conntrack: {tcpCloseWaitTimeout: -1s}",
            "KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration.TCPCloseWaitTimeout", "-1s"
        ),
        (
            "conntrack: {udpTimeout: -1s}",
            "KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration.UDPTimeout", "-1s"
        ),
        (
            "conntrack: {udpStreamTimeout: -1s}",
            "KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration.UDPStreamTimeout", "-1s"
        ),
        ("mode: ipvs\nipvs: {tcpTimeout: -1s}", "KubeProxyIPVSConfiguration.TCPTimeout", "-1s"),
        ("mode: ipvs\nipvs: {excludeCIDRs: [x]}", "KubeProxyIPVSConfiguration.ExcludeCidrs[0]", "\"x\""),
        ("fairlead: {servicesWithMetricsMax: -1}", "Fairlead.ServicesWithMetricsMax", "-1"),
        ("fairlead: {priorityServices: [kube-dns]}", "Fairlead.PriorityServices[0]", "\"kube-dns\""),
        ("fairlead: {serviceCIDRs: [10.96.0.1]}", "Fairlead.ServiceCIDRs[0]", "\"10.96.0.1\""),
        ("bindAddress: node1", "BindAddress", "\"node1\""),
        ("healthzBindAddress: 'localhost:10256'", "HealthzBindAddress", "\"localhost:10256\""),
        ("healthzBindAddress: '0.0.0.0:0'", "HealthzBindAddress", "\"0.0.0.0:0\""),
        ("metricsBindAddress: '0.0.0.0:65536'", "MetricsBindAddress", "\"0.0.0.0:65536\""),
        ("nodePortAddresses: [10.0.0.0/8, primary]", "NodePortAddresses[1]", "\"primary\""),
        ("nodePortAddresses: [primary, 10.0.0.0/8]", "NodePortAddresses[0]", "\"primary\""),
        ("nodePortAddresses: [10.0.0.1]", "NodePortAddresses[0]", "\"10.0.0.1\""),
        ("portRange: 2000-300", "PortRange", "\"2000-300\""),
        ("detectLocalMode: Guess", "DetectLocalMode", "\"Guess\""),
        ("clusterCIDR: 10.0.0.0", "DetectLocalConfiguration.ClusterCIDRs", "\"10.0.0.0\""),
        (
            "clusterCIDR: 10.0.0.0/8,11.0.0.0/8", "DetectLocalConfiguration.ClusterCIDRs",
            "\"10.0.0.0/8,11.0.0.0/8\""
        ),
        (
            "clusterCIDR: 10.0.0.0/8,fd00::/8,11.0.0.0/8", "DetectLocalConfiguration.ClusterCIDRs",
            "\"10.0.0.0/8,fd00::/8,11.0.0.0/8\""
        ),
        ("detectLocalMode: BridgeInterface", "DetectLocalConfiguration.InterfaceName", "\"\""),
        ("detectLocalMode: InterfaceNamePrefix", "DetectLocalConfiguration.InterfacePrefix", "\"\""),
        ("logging: {format: xml}", "logging.format", "\"xml\""),
    ])
    func `the error names the field as kube-proxy does, and the value`(
        fields: String,
        field: String,
        value: String
    ) throws {
        let problems = try configured(fields).problems()
        #expect(problems.map(\.field) == ["KubeProxyConfiguration.\(field)"])
        #expect(problems.map(\.value) == [value])
        #expect(problems.allSatisfy { $0.description.hasPrefix("\($0.field): Invalid value: \(value): ") })
    }

    @Test(arguments: [
        "clusterCIDR: 10.0.0.0/8,fd00::/8",
        "detectLocalMode: NodeCIDR\nclusterCIDR: whatever",
        "detectLocalMode: BridgeInterface\ndetectLocal: {bridgeInterface: cbr0}",
        "detectLocalMode: InterfaceNamePrefix\ndetectLocal: {interfaceNamePrefix: veth}",
        "nodePortAddresses: [192.168.0.0/16, 'fd00::/8']",
        "nodePortAddresses: [primary]",
        "portRange: 300-2000",
        "portRange: 300+20",
        "mode: ipvs\nnftables: {minSyncPeriod: 2m, syncPeriod: 1m}",
        "bindAddress: 010.0.0.1",
        "iptables: {masqueradeBit: 31}",
    ])
    func `what kube-proxy takes is good`(fields: String) throws {
        #expect(try configured(fields).problems().isEmpty)
    }

    @Test func `all problems are told at once`() throws {
        #expect(try configured("oomScoreAdj: 2000\nmode: x\nbindAddress: z").problems().count == 3)
    }
}
