import NetworkAddress
import Nftables
import NftablesTestKit
import Testing

/// The tracer over a ruleset such as the agent makes.
@Suite struct PacketFlowTests {
    private static let three: [String] = ["10.244.1.2:8080", "10.244.1.3:8080", "10.244.2.4:8080"]

    private static let flows: [PacketFlow] = [
        PacketFlow(
            "a client outside reaches the one endpoint, masqueraded",
            from: "198.51.100.7",
            to: "10.96.0.1:80",
            expected: [.delivered("10.244.1.2:8080", masqueraded: true)]
        ),
        PacketFlow(
            "a pod reaches the one endpoint as itself",
            from: "10.244.3.9",
            to: "10.96.0.1:80",
            expected: [.delivered("10.244.1.2:8080")]
        ),
        PacketFlow(
            "a client outside reaches any of three endpoints",
            from: "198.51.100.7",
            to: "10.96.0.2:80",
            expected: Set(three.map { .delivered($0, masqueraded: true) })
        ),
        PacketFlow(
            "a pod that reaches itself is masqueraded, and only then",
            from: "10.244.1.3",
            to: "10.96.0.2:80",
            expected: [.delivered(three[0]), .delivered(three[1], masqueraded: true), .delivered(three[2])]
        ),
        PacketFlow(
            "a pod that talks to itself without a Service is left alone",
            from: "10.244.1.3",
            to: "10.244.1.3:8080",
            expected: [.delivered("10.244.1.3:8080")]
        ),
        PacketFlow(
            "the node reaches an endpoint, masqueraded",
            from: "192.168.0.10",
            to: "10.96.0.1:80",
            .tcp,
            .locallyGenerated,
            expected: [.delivered("10.244.1.2:8080", masqueraded: true)]
        ),
        PacketFlow(
            "a node port leads to its endpoint, masqueraded",
            from: "198.51.100.7",
            to: "192.168.0.10:30080",
            expected: [.delivered("10.244.1.2:8080", masqueraded: true)]
        ),
        PacketFlow(
            "a node port leads to its endpoint from the node as well",
            from: "192.168.0.10",
            to: "192.168.0.10:30080",
            .tcp,
            .locallyGenerated,
            expected: [.delivered("10.244.1.2:8080", masqueraded: true)]
        ),
        PacketFlow(
            "a node port is closed on the loopback interface",
            from: "127.0.0.1",
            to: "127.0.0.1:30080",
            .tcp,
            .locallyGenerated,
            expected: [.delivered("127.0.0.1:30080")]
        ),
        PacketFlow(
            "a node port is open on addresses of the node only",
            from: "198.51.100.7",
            to: "192.168.0.11:30080",
            expected: [.delivered("192.168.0.11:30080")]
        ),
        PacketFlow(
            "another port of a cluster IP leads nowhere, marked all the same",
            from: "198.51.100.7",
            to: "10.96.0.1:81",
            expected: [.delivered("10.96.0.1:81", masqueraded: true)]
        ),
        PacketFlow(
            "another protocol leads nowhere",
            from: "10.244.3.9",
            to: "10.96.0.1:80",
            .udp,
            expected: [.delivered("10.96.0.1:80")]
        ),
        PacketFlow(
            "TCP to a Service without endpoints is reset",
            from: "10.244.3.9",
            to: "10.96.0.3:53",
            expected: [.refused(.tcpReset, at: .forward)]
        ),
        PacketFlow(
            "UDP to a Service without endpoints is unreachable",
            from: "10.244.3.9",
            to: "10.96.0.3:53",
            .udp,
            expected: [.refused(.portUnreachable, at: .forward)]
        ),
        PacketFlow(
            "the node is refused on its way out",
            from: "192.168.0.10",
            to: "10.96.0.3:53",
            .tcp,
            .locallyGenerated,
            expected: [.refused(.tcpReset, at: .output)]
        ),
        PacketFlow(
            "an established connection to a Service without endpoints goes on",
            from: "10.244.3.9",
            to: "10.96.0.3:53",
            connection: .established(translatedTo: TransportAddress(parsing: "10.244.1.2:53")),
            expected: [.delivered("10.244.1.2:53")]
        ),
        PacketFlow(
            "an established connection is not translated anew",
            from: "10.244.3.9",
            to: "10.96.0.1:80",
            connection: .established(),
            expected: [.delivered("10.96.0.1:80")]
        ),
        PacketFlow(
            "a Service whose map element says so is dropped",
            from: "198.51.100.7",
            to: "10.96.0.4:80",
            expected: [.dropped(at: .prerouting)]
        ),
        PacketFlow(
            "packets of the other family are left alone",
            from: "fd00::7",
            to: "[fd00:96::1]:80",
            expected: [.delivered("[fd00:96::1]:80")]
        ),
    ]

    @Test(arguments: flows) func `packets go where the ruleset sends them`(_ flow: PacketFlow) throws {
        #expect(try SmallDataPlane().tracer.mismatch(flow) == nil)
    }

    @Test func `a row that does not hold says what happened, step by step`() throws {
        let flow = PacketFlow(
            "a wrong row",
            from: "10.244.3.9",
            to: "10.96.0.1:80",
            expected: [.delivered("10.244.9.9:1"), .dropped(at: .input)]
        )
        let expected = """
            a wrong row: expected delivered to 10.244.9.9:1; dropped at input, but it is delivered to 10.244.1.2:8080
            delivered to 10.244.1.2:8080
            prerouting: ip fairlead nat-prerouting (nat, priority -100)
              nat-prerouting: jump services -> jump services
              services: ip saddr != 10.244.0.0/16 ip daddr @cluster-ips meta mark set meta mark | 0x00004000 -> no match
              services: ip daddr . meta l4proto . th dport vmap @services -> goto lb-1
              lb-1: dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 1 map @endpoints -> translated
            forward: ip fairlead filter-forward (filter, priority 0)
              filter-forward: ct state new jump endpoint-check -> jump endpoint-check
              endpoint-check: ip daddr . meta l4proto . th dport vmap @no-endpoint-services -> no match
            postrouting: ip fairlead nat-postrouting (nat, priority 100)
              nat-postrouting: meta mark & 0x00004000 != 0x00000000 meta mark set meta mark ^ 0x00004000 masquerade \
            fully-random -> no match
              nat-postrouting: ct status dnat ip saddr . ip daddr @hairpin masquerade fully-random -> no match
            """
        #expect(try SmallDataPlane().tracer.mismatch(flow) == expected)
    }
}
