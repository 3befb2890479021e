import Testing

@testable import NetfilterKernel

struct `Chains of kube-proxy` {
    @Test(arguments: [
        "KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ", "KUBE-SVC-ABCDEFGHIJKLMNOP",
        "KUBE-SEP-ABCDEFGHIJKLMNOP", "KUBE-EXT-X", "KUBE-FW-X", "KUBE-PROXY-CANARY", "KUBE-FIREWALL",
    ])
    func `a chain that kube-proxy makes in nat is known`(name: String) {
        #expect(ProxyChains.isProxyChain(name, table: "nat"))
    }

    @Test(arguments: [
        "KUBE-FIREWALL", "KUBE-KUBELET-CANARY", "KUBE-IPTABLES-HINT", "KUBE-ROUTER-FORWARD", "KUBE-NWPLCY-DEFAULT",
        "KUBE-POD-FW-ABCDEFGHIJKLMNOP", "INPUT", "DOCKER", "kube-services", "CNI-HOSTPORT-DNAT",
    ])
    func `a chain of another program is left alone`(name: String) {
        #expect(!ProxyChains.isProxyChain(name, table: "filter"))
    }

    @Test func `rules of a hook that lead to kube-proxy go, and others stay`() {
        let rules = [
            JumpingRule(chain: "PREROUTING", handle: 1, targets: ["KUBE-SERVICES"]),
            JumpingRule(chain: "PREROUTING", handle: 2, targets: ["DOCKER"]),
            JumpingRule(chain: "KUBE-SERVICES", handle: 3, targets: ["KUBE-SVC-A"]),
            JumpingRule(chain: "KUBE-SVC-A", handle: 4, targets: ["KUBE-MARK-MASQ"]),
        ]
        let found = ProxyChains(
            table: "nat",
            chains: [
                "PREROUTING": true, "DOCKER": false, "KUBE-SERVICES": false, "KUBE-SVC-A": false,
                "KUBE-MARK-MASQ": false,
            ],
            rules: rules
        )
        #expect(found.chains == ["KUBE-MARK-MASQ", "KUBE-SERVICES", "KUBE-SVC-A"])
        #expect(found.jumps == [rules[0]])
        #expect(found.kept.isEmpty)
    }

    @Test func `a chain that somebody else uses stays, with all that it needs`() {
        let rules = [
            JumpingRule(chain: "POSTROUTING", handle: 1, targets: ["KUBE-POSTROUTING"]),
            JumpingRule(chain: "OUTPUT", handle: 2, targets: ["KUBE-SERVICES"]),
            JumpingRule(chain: "CNI-HOSTPORT-SETMARK", handle: 3, targets: ["KUBE-MARK-MASQ"]),
            JumpingRule(chain: "KUBE-SERVICES", handle: 4, targets: ["KUBE-MARK-MASQ"]),
        ]
        let found = ProxyChains(
            table: "nat",
            chains: [
                "POSTROUTING": true, "OUTPUT": true, "CNI-HOSTPORT-SETMARK": false, "KUBE-POSTROUTING": false,
                "KUBE-SERVICES": false, "KUBE-MARK-MASQ": false,
            ],
            rules: rules
        )
        #expect(found.chains == ["KUBE-SERVICES"])
        #expect(found.jumps == [rules[1]])
        #expect(found.kept == ["KUBE-MARK-MASQ"])
    }
}
