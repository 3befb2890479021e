import NetworkAddress
import Testing

@testable import fairlead_bench

/// What the layouts of peers write, as text.
struct `Layouts of peers` {
    private static func cluster(_ services: Int = 3, _ family: AddressFamily = .ipv4) -> SyntheticCluster {
        SyntheticCluster(services: services, endpoints: 2, family: family)
    }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test func `a change of endpoints rewrites one chain of nft, and no map`() {
        var layout = KubeProxyNftLayout(Self.cluster(), form: .endpointMap)
        let hash = LayoutHash.letters(8, of: "bench-1/service-1/tcp/http")
        let chain = "ip kube-proxy service-\(hash)-bench-1/service-1/tcp/http"
        let expected = [
            "add chain \(chain)", "flush chain \(chain)",
            "add rule \(chain) meta l4proto tcp dnat to numgen random mod 2 map "
                + "{ 0 : 128.0.0.200 . 8080 , 1 : 128.0.0.202 . 8080 }",
        ]
        #expect(Self.lines(layout.text(for: [.endpoints(of: 1, [0, 2])])) == expected)
        #expect(layout.state.endpoints[1] == [0, 2])
        #expect(layout.tidying() == nil)
    }

    @Test func `IPv6 has a table and addresses of its own`() {
        var layout = KubeProxyNftLayout(Self.cluster(1, .ipv6), form: .endpointMap)
        let text = layout.text(for: [.endpoints(of: 0, [1])])
        #expect(text.contains("add rule ip6 kube-proxy service-"))
        #expect(text.contains("map { 0 : fd00:10::2 . 8080 }"))
    }

    @Test func `a Service that comes is in both sets, and one that goes leaves them, and an empty chain for later`() {
        var layout = KubeProxyNftLayout(Self.cluster(), form: .endpointMap)
        let added = Self.lines(layout.text(for: [.added(3, [0])]))
        #expect(added.count == 5)
        #expect(added.contains("add element ip kube-proxy cluster-ips { 10.96.0.4 }"))
        #expect(added.last?.hasPrefix("add element ip kube-proxy service-ips { 10.96.0.4 . tcp . 80 : goto ") == true)
        let removed = Self.lines(layout.text(for: [.removed(3)]))
        #expect(removed.count == 3)
        #expect(removed.first?.hasPrefix("flush chain ip kube-proxy service-") == true)
        #expect(removed.last == "delete element ip kube-proxy service-ips { 10.96.0.4 . tcp . 80 }")
        #expect(layout.state.endpoints[3] == nil)
        let tidying = layout.tidying()
        #expect(tidying?.hasPrefix("delete chain ip kube-proxy service-") == true)
        #expect(layout.tidying() == nil)
    }

    @Test func `chains of endpoints are made before they are needed, and emptied when they are not`() {
        var layout = KubeProxyNftLayout(Self.cluster(), form: .endpointChains)
        let text = Self.lines(layout.text(for: [.endpoints(of: 0, [0, 2])]))
        let vmap = text.firstIndex { $0.contains("numgen random mod 2 vmap { 0 : goto endpoint-") }
        let made = text.firstIndex { $0.hasPrefix("add chain") && $0.hasSuffix("__128.0.0.2/8080") }
        #expect((made ?? .max) < (vmap ?? .min))
        #expect(text.last?.hasPrefix("flush chain ip kube-proxy endpoint-") == true)
        #expect(text.last?.hasSuffix("__128.0.0.1/8080") == true)
        let tidying = Self.lines(layout.tidying() ?? "")
        #expect(tidying.count == 1)
        #expect(tidying.first?.hasSuffix("__128.0.0.1/8080") == true)
    }

    @Test func `a restart writes every chain anew, and no elements`() {
        var layout = KubeProxyNftLayout(Self.cluster(), form: .endpointMap)
        let cold = Self.lines(layout.everything(isRestart: false))
        #expect(cold.filter { $0.contains("kube-proxy service-ips {") && $0.contains(" goto ") }.count == 3)
        let warm = Self.lines(layout.everything(isRestart: true))
        #expect(warm.filter { $0.hasPrefix("add element") }.isEmpty)
        #expect(warm.filter { $0.hasPrefix("flush chain ip kube-proxy service-") && $0.contains("/") }.count == 3)
        #expect(warm.filter { $0.hasPrefix("delete chain") }.count == 8)
    }

    @Test func `iptables writes every rule that leads to a Service, and the chains of those that changed`() {
        var layout = KubeProxyIptablesLayout(Self.cluster(10))
        let text = Self.lines(layout.text(for: [.endpoints(of: 4, [0, 1, 2])]))
        #expect(text.filter { $0.hasPrefix("-A KUBE-SERVICES -m tcp -p tcp -d 10.96.0.") }.count == 10)
        #expect(text.filter { $0.hasPrefix(":KUBE-SVC-") }.count == 1)
        #expect(text.filter { $0.hasPrefix(":KUBE-SEP-") }.count == 3)
        #expect(text.filter { $0.hasPrefix("-A KUBE-SEP-") }.count == 6)
        let shares = text.filter { $0.hasPrefix("-A KUBE-SVC-") }.map { $0.split(separator: " ") }
        let probabilities = shares.compactMap { words in
            words.firstIndex(of: "--probability").map { words[$0 + 1] }
        }
        #expect(probabilities == ["0.3333333333", "0.5000000000"])
        #expect(layout.tidying() == nil)
        _ = layout.text(for: [.endpoints(of: 4, [0])])
        #expect(Self.lines(layout.tidying() ?? "").filter { $0.hasPrefix("-X KUBE-SEP-") }.count == 2)
    }

    @Test func `iptables forgets the rule of a Service that goes, and its chains later`() {
        var layout = KubeProxyIptablesLayout(Self.cluster(10))
        let text = Self.lines(layout.text(for: [.removed(4)]))
        #expect(text.filter { $0.hasPrefix("-A KUBE-SERVICES -m tcp") }.count == 9)
        let tidying = Self.lines(layout.tidying() ?? "")
        let chains = tidying.filter { $0.hasPrefix("-X ") }
        #expect(chains.count == 3)
        #expect(chains.first?.hasPrefix("-X KUBE-SVC-") == true, "its rules lead to the others")
    }

    @Test func `names of chains are as long as they should be, and differ`() {
        let names = Set((0..<50_000).map { LayoutHash.letters(16, of: "bench-\($0 % 50)/service-\($0):httptcp") })
        #expect(names.count == 50_000)
        #expect(names.allSatisfy { $0.count == 16 })
        #expect(LayoutHash.letters(8, of: "a").count == 8)
    }

    @Test(arguments: [AddressFamily.ipv4, .ipv6])
    func `an address tells whose endpoint it is`(family: AddressFamily) {
        let cluster = SyntheticCluster(services: 200_000, endpoints: 64, family: family)
        for (service, number) in [(0, 0), (0, 127), (77, 3), (250_000, 1)] {
            let owner = cluster.owner(of: cluster.endpoint(service, number))
            #expect(owner == (service, number))
        }
    }
}
