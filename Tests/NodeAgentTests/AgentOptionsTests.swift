import NetworkAddress
import NodeAgent
import ProxyConfiguration
import ServiceRules
import Testing

struct `Options from a configuration` {
    private func options(_ change: (inout KubeProxyConfiguration) -> Void) -> AgentOptions {
        var configuration = KubeProxyConfiguration()
        change(&configuration)
        configuration.applyDefaults()
        configuration.applyModeDefaults()
        return AgentOptions(configuration, nodeName: "node-1")
    }

    @Test func `the defaults are those of kube-proxy`() {
        let options = options { _ in }
        #expect(options.nodeName == "node-1")
        #expect(options.localDetection == .none)
        #expect(options.masqueradeBit == 14)
        #expect(options.dataPlane.masqueradeMark == 0x4000)
        #expect(options.nodePorts == .all)
        #expect(options.primaryAddress == nil)
        #expect(options.healthzAddress == TransportAddress(parsing: "0.0.0.0:10256"))
        #expect(options.metricsAddress == TransportAddress(parsing: "127.0.0.1:10249"))
        #expect(options.syncPeriod == .seconds(30))
        #expect(options.outOfMemoryScore == -999)
        #expect(options.conntrack.maximumPerProcessor == 32768)
    }

    @Test func `the four ways to tell local flows`() throws {
        let ipv4 = try #require(IPPrefix(parsing: "10.244.0.0/16"))
        let ipv6 = try #require(IPPrefix(parsing: "fd00:10:244::/56"))
        let both = options { $0.clusterCIDR = "10.244.0.0/16,fd00:10:244::/56" }
        #expect(both.localDetection == .clusterCIDR([ipv4, ipv6]))
        #expect(both.dataPlane.clusterCIDRs == [ipv4, ipv6])
        let node = options {
            $0.detectLocalMode = "NodeCIDR"
            $0.clusterCIDR = "10.244.0.0/16"
        }
        #expect(node.localDetection == .nodeCIDR)
        #expect(node.dataPlane.clusterCIDRs.isEmpty)
        let bridge = options {
            $0.detectLocalMode = "BridgeInterface"
            $0.detectLocal.bridgeInterface = "cbr0"
        }
        #expect(bridge.localDetection == .bridgeInterface("cbr0"))
        let prefix = options {
            $0.detectLocalMode = "InterfaceNamePrefix"
            $0.detectLocal.interfaceNamePrefix = "veth"
        }
        #expect(prefix.localDetection == .interfaceNamePrefix("veth"))
    }

    @Test func `the settings of the mode count`() {
        let options = options {
            $0.mode = "nftables"
            $0.nftables.masqueradeBit = 31
            $0.nftables.masqueradeAll = true
            $0.nftables.syncPeriod = .seconds(7)
            $0.iptables.masqueradeBit = 3
        }
        #expect(options.dataPlane.masqueradeMark == 0x8000_0000)
        #expect(options.dataPlane.masqueradesAll)
        #expect(options.syncPeriod == .seconds(7))
        #expect(options.nodePorts == .primary)
    }

    @Test func `an address to bind to comes before those of the Node object, unless it is unspecified`() throws {
        let address = try #require(IPAddress(parsing: "192.168.1.7"))
        let other = try #require(IPAddress(parsing: "192.168.1.8"))
        #expect(options { $0.bindAddress = "192.168.1.7" }.primaryAddresses(ofNode: [other]) == [address, other])
        #expect(options { $0.bindAddress = "::" }.primaryAddresses(ofNode: [other]) == [other])
    }

    @Test func `times are whole seconds, and zero leaves the kernel's value`() {
        let settings = options {
            $0.conntrack.maxPerCore = 0
            $0.conntrack.tcpEstablishedTimeout = .milliseconds(90_900)
            $0.conntrack.tcpCloseWaitTimeout = .zero
            $0.conntrack.udpTimeout = .milliseconds(1)
            $0.conntrack.tcpBeLiberal = true
        }.conntrack
        #expect(settings.maximumPerProcessor == nil)
        #expect(settings.tcpEstablishedSeconds == 90)
        #expect(settings.tcpCloseWaitSeconds == nil)
        #expect(settings.udpSeconds == 1)
        #expect(settings.udpStreamSeconds == nil)
        #expect(settings.isTCPLiberal)
    }
}
