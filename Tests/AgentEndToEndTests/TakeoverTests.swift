import LabKit
import NetworkAddress
import Testing

/// What kube-proxy leaves, removed from the real kernel; the rules of others stay byte for byte.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct `Taking over from kube-proxy` {
    /// Rules of somebody else, as `iptables-save` prints them.
    private static let foreignRules = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :DOCKER - [0:0]
        :KUBE-FIREWALL - [0:0]
        :KUBE-ROUTER-FORWARD - [0:0]
        -A INPUT -j KUBE-FIREWALL
        -A FORWARD -j KUBE-ROUTER-FORWARD
        -A FORWARD -i docker0 -m comment --comment "jumps to KUBE-FORWARD? no" -j DOCKER
        -A DOCKER -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j ACCEPT
        -A KUBE-FIREWALL -s 10.9.9.9/32 -j DROP
        COMMIT
        *mangle
        :PREROUTING ACCEPT [0:0]
        :KUBE-KUBELET-CANARY - [0:0]
        COMMIT
        *nat
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        -A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE
        COMMIT

        """

    /// What kube-proxy adds to them in its iptables mode, as it writes it.
    private static let proxyRules = """
        *mangle
        :KUBE-PROXY-CANARY - [0:0]
        COMMIT
        *filter
        :KUBE-FORWARD - [0:0]
        :KUBE-SERVICES - [0:0]
        :KUBE-EXTERNAL-SERVICES - [0:0]
        :KUBE-NODEPORTS - [0:0]
        :KUBE-PROXY-FIREWALL - [0:0]
        -I INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
        -I INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
        -I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
        -I OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
        COMMIT
        *nat
        :KUBE-SERVICES - [0:0]
        :KUBE-NODEPORTS - [0:0]
        :KUBE-POSTROUTING - [0:0]
        :KUBE-MARK-MASQ - [0:0]
        :KUBE-SVC-ABCDEFGHIJKLMNOP - [0:0]
        :KUBE-SEP-ABCDEFGHIJKLMNOP - [0:0]
        :KUBE-SEP-QRSTUVWXYZABCDEF - [0:0]
        -I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -I OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
        -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
        -A KUBE-POSTROUTING -j MASQUERADE --random-fully
        -A KUBE-SERVICES -d 10.96.0.80/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-ABCDEFGHIJKLMNOP
        -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
        -A KUBE-SVC-ABCDEFGHIJKLMNOP ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ
        -A KUBE-SVC-ABCDEFGHIJKLMNOP -m statistic --mode random --probability 0.5 -j KUBE-SEP-ABCDEFGHIJKLMNOP
        -A KUBE-SVC-ABCDEFGHIJKLMNOP -j KUBE-SEP-QRSTUVWXYZABCDEF
        -A KUBE-SEP-ABCDEFGHIJKLMNOP -s 10.244.1.11/32 -j KUBE-MARK-MASQ
        -A KUBE-SEP-ABCDEFGHIJKLMNOP -p tcp -m tcp -j DNAT --to-destination 10.244.1.11:8080
        -A KUBE-SEP-QRSTUVWXYZABCDEF -p tcp -m tcp -j DNAT --to-destination 10.244.1.12:8080
        COMMIT

        """

    /// The ruleset without what counts packets.
    private func ruleset(_ lab: Lab, in node: Lab.Namespace) throws -> String {
        try lab.runSuccessfully(["nft", "--stateless", "list", "ruleset"], in: node)
    }

    @Test func `rules of the iptables mode go, and nothing else`() throws {
        let lab = try Lab()
        let node = try lab.makeNamespace("node")
        try lab.runSuccessfully(["iptables-nft-restore"], in: node, input: Self.foreignRules)
        // So that the tables of both families, and the chains of their hooks, are there before.
        try lab.runSuccessfully(["ip6tables-nft", "-t", "nat", "-A", "OUTPUT", "-j", "ACCEPT"], in: node)
        let before = try ruleset(lab, in: node)
        let savedBefore = try lab.runSuccessfully(["iptables-nft-save"], in: node).rulesAlone
        #expect(before.contains("KUBE-ROUTER-FORWARD"))

        try lab.runSuccessfully(["iptables-nft-restore", "--noflush"], in: node, input: Self.proxyRules)
        try lab.runSuccessfully(["ip6tables-nft", "-t", "nat", "-N", "KUBE-SERVICES"], in: node)
        try lab.runSuccessfully(["ip6tables-nft", "-t", "nat", "-I", "OUTPUT", "-j", "KUBE-SERVICES"], in: node)
        let during = try ruleset(lab, in: node)
        #expect(during.contains("KUBE-SEP-ABCDEFGHIJKLMNOP"))

        let result = try lab.run([LabPrograms.path(of: "fairlead-agent"), "--cleanup=kube-proxy"], in: node)
        #expect(result.isSuccess, "\(result.error)")
        #expect(result.error.contains("chains=14"), "\(result.error)")
        #expect(result.error.contains("rules=8"), "\(result.error)")
        #expect(try ruleset(lab, in: node) == before)
        #expect(try lab.runSuccessfully(["iptables-nft-save"], in: node).rulesAlone == savedBefore)

        let again = try lab.run([LabPrograms.path(of: "fairlead-agent"), "--cleanup=kube-proxy"], in: node)
        #expect(again.isSuccess)
        #expect(again.error.contains("chains=0"), "\(again.error)")
    }

    @Test func `for rules of iptables-legacy it names the command that removes them`() throws {
        let lab = try Lab()
        let node = try lab.makeNamespace("node")
        // Kernels without the old xtables have nothing to remove there.
        guard try lab.run(["iptables-legacy-restore"], in: node, input: Self.foreignRules).isSuccess else { return }
        let before = try lab.runSuccessfully(["iptables-legacy-save"], in: node).rulesAlone
        try lab.runSuccessfully(["iptables-legacy-restore", "--noflush"], in: node, input: Self.proxyRules)

        let result = try lab.run([LabPrograms.path(of: "fairlead-agent"), "--cleanup=kube-proxy"], in: node)
        #expect(result.isSuccess, "\(result.error)")
        let hint = try #require(result.error.split(separator: "\n").first { $0.contains(" tables of iptables-legacy") })
        let start = try #require(hint.firstRange(of: "run: ")).upperBound
        try lab.runSuccessfully(["sh", "-e"], in: node, input: "\(hint[start...])\n")
        #expect(try lab.runSuccessfully(["iptables-legacy-save"], in: node).rulesAlone == before)
    }

    @Test func `no connection fails while kube-proxy's rules go away under Fairlead's`() throws {
        let lab = try ServiceLab(pods: 2)
        try lab.lab.runSuccessfully(
            ["nft", "-f", "-"],
            in: lab.node,
            input: """
                table ip kube-proxy {
                  chain nat-prerouting {
                    type nat hook prerouting priority dstnat; ip daddr 10.96.0.80 tcp dport 80 dnat to 10.244.1.11:9000;
                  }
                }

                """
        )
        let manifests = try lab.lab.makeDirectory("manifests")
        try lab.lab.write(Self.manifest, to: "manifests/web.yaml")
        let probe = try lab.startProbe(
            .tcp,
            "10.96.0.80:80",
            from: lab.client,
            options: ["--count", "300", "--interval", "10", "--timeout", "2000"]
        )
        let agent = try LabPrograms.path(of: "fairlead-agent")
        try lab.lab.runSuccessfully([agent, "--once", "--manifests", manifests], in: lab.node)
        try lab.lab.runSuccessfully([agent, "--cleanup=kube-proxy"], in: lab.node)
        #expect(probe.isRunning)
        let summary = try lab.summary(of: probe)
        #expect(summary.ok == 300, "\(summary)")
        // Both pods answer once Fairlead's rules are the only ones.
        #expect(summary.pods.keys.sorted() == ["web-1", "web-2"])
    }

    /// A Service with both pods of the lab.
    private static let manifest = """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec:
          clusterIP: 10.96.0.80
          ports: [{name: echo, port: 80}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        ports: [{name: echo, port: 9000}]
        endpoints: [{addresses: [10.244.1.11]}, {addresses: [10.244.1.12]}]
        """

    @Test func `tables of the nftables mode go, and those of Fairlead stay`() throws {
        let lab = try Lab()
        let node = try lab.makeNamespace("node")
        try lab.runSuccessfully(
            ["nft", "-f", "-"],
            in: node,
            input: """
                table ip other { chain KUBE-SERVICES { drop; }; chain a { jump KUBE-SERVICES; }; }
                table ip fairlead { chain services { accept; }; }
                """
        )
        let before = try ruleset(lab, in: node)
        try lab.runSuccessfully(
            ["nft", "-f", "-"],
            in: node,
            input: """
                table ip kube-proxy {
                  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
                  chain services { ip daddr . meta l4proto . th dport vmap @service-ips; }
                  chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }
                }
                table ip6 kube-proxy { chain services { accept; }; }

                """
        )
        let result = try lab.run([LabPrograms.path(of: "fairlead-agent"), "--cleanup=kube-proxy"], in: node)
        #expect(result.isSuccess, "\(result.error)")
        #expect(result.error.contains("tables=2"), "\(result.error)")
        #expect(try ruleset(lab, in: node) == before)
    }
}

extension String {
    /// The lines of `iptables-save` without its comments, which tell the time.
    fileprivate var rulesAlone: [Substring] { split(separator: "\n").filter { !$0.hasPrefix("#") } }
}
