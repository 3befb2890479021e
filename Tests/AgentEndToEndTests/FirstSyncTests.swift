import LabKit
import NetworkAddress
import Testing

/// What an agent does before and with its first transaction, seen from clients and in its log.
@Suite(.needsLab)
struct `The first sync` {
    private static let ranges = ["--service-cidrs", "10.96.0.0/16,fd00:10:96::/112"]

    /// A Service with the label of the cluster's DNS.
    private static func dns(_ lab: AgentLab) -> String {
        let labelled = "metadata: {labels: {k8s-app: kube-dns}, "
        return ServiceManifest("dns", number: 10, to: [lab.pod(1)]).yaml
            .split(separator: "metadata: {", maxSplits: 1, omittingEmptySubsequences: false).joined(separator: labelled)
    }

    @Test func `writes the cluster's DNS first, and over an agent's rules everything at once`() throws {
        let lab = try AgentLab()
        try lab.put(Self.dns(lab), in: "dns.yaml")
        try lab.put(ServiceManifest(to: [lab.pod(1)]).yaml)
        let first = try lab.startAgent()
        #expect(first.lines.contains { $0.contains("programmed first services=1") }, "\(first.lines)")
        try lab.awaitLine(containing: "mended") {
            try lab.lab.runSuccessfully(["nft", "flush", "ruleset"], in: lab.node)
        }
        for number in [10, 80] {
            let address = ServiceManifest.clusterIP(number, .ipv4)
            #expect(try lab.probe(.tcp, address, from: lab.client).ok == 1)
        }
        first.kill()
        let second = try lab.startAgent()
        #expect(!second.lines.contains { $0.contains("programmed first") }, "\(second.lines)")
    }

    @Test(arguments: AddressFamily.allCases)
    func `closes the service ranges before anything is read, and keeps unused addresses closed`(
        family: AddressFamily
    ) throws {
        let lab = try AgentLab(options: AgentLab.podRanges + Self.ranges)
        // Without a rule, flows to the address would get to the pod and be answered.
        let unused = family == .ipv4 ? "10.96.0.99" : "fd00:10:96::99"
        let length = family == .ipv4 ? 32 : 128
        try lab.lab.configure(["addr add \(unused)/\(length) dev lo"], in: lab.pod(1).namespace)
        try lab.lab.configure(["route add \(unused)/\(length) via \(lab.pod(1).address(family))"], in: lab.node)
        func answers() throws -> Int {
            try lab.probe(
                .tcp,
                unused,
                port: ServiceLab.echoPort,
                from: lab.client,
                timeoutMilliseconds: 200
            ).ok
        }
        #expect(try answers() == 1)
        let web = ServiceManifest(to: [lab.pod(1)])
        try lab.put(web.yaml)
        let agent = try lab.startAgent()
        let closed = agent.lines.firstIndex { $0.contains("unknown cluster IPs are dropped until Services are known") }
        let ready = agent.lines.firstIndex { $0.contains("ready services=1") }
        #expect(closed != nil && ready != nil && (closed ?? 0) < (ready ?? 0), "\(agent.lines)")
        #expect(try answers() == 0)
        #expect(try lab.probe(.tcp, web.clusterIP(family), from: lab.client).ok == 1)
    }

    @Test func `leaves IPv6 out where the node has disabled it`() throws {
        let lab = try AgentLab()
        try lab.put(ServiceManifest(to: [lab.pod(1)]).yaml)
        let fresh = try lab.lab.makeNamespace("fresh")
        try lab.lab.set(["net/ipv6/conf/all/disable_ipv6": "1"], in: fresh)
        let result = try lab.runAgent(["--once"], in: fresh)
        #expect(result.isSuccess, "\(result.error)")
        #expect(result.error.contains("IPv6 is left out: net.ipv6.conf.all.disable_ipv6 is 1"), "\(result.error)")
        let tables = try lab.lab.runSuccessfully(["nft", "list", "tables"], in: fresh)
        #expect(tables == "table ip fairlead\n")
        let both = try lab.lab.makeNamespace("both")
        #expect(try lab.runAgent(["--once"], in: both).isSuccess)
        #expect(try lab.lab.runSuccessfully(["nft", "list", "tables"], in: both).contains("table ip6 fairlead\n"))
    }
}
