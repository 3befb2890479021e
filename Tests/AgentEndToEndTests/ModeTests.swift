import LabKit
import NetworkAddress
import Testing

/// The modes in which the agent ends by itself, and what it needs.
@Suite(.needsLab)
struct `A run that ends by itself` {
    private let lab: AgentLab
    private let web: ServiceManifest

    init() throws {
        lab = try AgentLab(pods: 2)
        web = ServiceManifest(nodePort: 30_080, to: [lab.pod(1), lab.pod(2)])
        try lab.put(web.yaml)
    }

    private func ruleset() throws -> String {
        try lab.lab.runSuccessfully(["nft", "-a", "list", "ruleset"], in: lab.node)
    }

    private func expectWorks() throws {
        for family in AddressFamily.allCases {
            for transport in probedProtocols {
                try lab.probe(transport, web.clusterIP(family), from: lab.client, count: 5).expectAllOK()
            }
        }
    }

    @Test func `with --once programs everything`() throws {
        let result = try lab.runAgent(["--once"])
        #expect(result.status == 0)
        #expect(result.error.contains("ready services=1"), "\(result.error)")
        try expectWorks()
    }

    @Test func `with --dry-run tells what it would do, and changes nothing`() throws {
        try lab.makeForeignTable()
        let empty = try ruleset()
        let result = try lab.runAgent(["--dry-run"])
        #expect(result.status == 0)
        #expect(result.output.contains("table ip fairlead {") && result.output.contains("table ip6 fairlead {"))
        #expect(result.output.contains("10.96.0.80 . tcp . 80 comment \"default/web:tcp\" : goto lb-2"))
        #expect(try ruleset() == empty)

        try lab.startAgent()
        let programmed = try lab.listings()
        let text = try ruleset()
        try lab.agent.stop()
        let other = try lab.runAgent(["--dry-run"])
        #expect(try ruleset() == text)
        // What it tells is what the kernel then holds.
        let tables = other.output.split(separator: "table ip6 fairlead {", maxSplits: 1)
        try #require(tables.count == 2)
        for (family, table) in zip(["ip", "ip6"], tables) {
            let told = TableListing(parsing: String(table))
            let held = try #require(programmed[family])
            #expect(told.frontEnds == held.frontEnds && held.frontEnds.count == 4)
            #expect(
                Set(told.blocks.keys.filter { !$0.hasPrefix("table") })
                    == Set(held.blocks.keys.filter { !$0.hasPrefix("table") })
            )
        }
    }

    @Test func `with --dry-run needs no rights`() throws {
        let result = try lab.lab.run(
            ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"] + lab.command(["--dry-run"]),
            in: lab.node
        )
        #expect(result.status == 0)
        #expect(result.output.contains("default/web:tcp"))
    }

    @Test func `with --cleanup removes our tables and no other`() throws {
        try lab.makeForeignTable()
        let before = try ruleset()
        let foreign = try lab.foreignTable()
        #expect(try lab.runAgent(["--once"]).isSuccess)
        try expectWorks()
        let result = try lab.lab.run([LabPrograms.path(of: "fairlead-agent"), "--cleanup"], in: lab.node)
        #expect(result.status == 0)
        #expect(result.error.contains("removed every trace of Fairlead tables=2"), "\(result.error)")
        #expect(try ruleset() == before)
        #expect(try lab.foreignTable() == foreign)
        let summary = try lab.probe(.tcp, web.clusterIP(.ipv4), from: lab.client, timeoutMilliseconds: 100)
        #expect(summary.timeout == 1)
        // Again, when there is nothing to remove.
        #expect(try lab.lab.run([LabPrograms.path(of: "fairlead-agent"), "--cleanup"], in: lab.node).status == 0)
    }

    @Test(arguments: [[], ["--once"], ["--cleanup"]])
    func `for lack of rights ends with 1 and tells which one`(mode: [String]) throws {
        let result = try lab.lab.run(
            ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"] + lab.command(mode),
            in: lab.node
        )
        #expect(result.status == 1)
        #expect(result.error.contains("CAP_NET_ADMIN"), "\(result.error)")
    }

    @Test func `or not, on an empty directory serves nothing and waits for files`() throws {
        lab.remove("web.yaml")
        #expect(try lab.runAgent(["--once"]).status == 0)
        try lab.startAgent()
        #expect(try lab.agent.output.contains("ready services=0"))
        try lab.awaitProgrammed { try lab.put(web.yaml) }
        try expectWorks()
    }

    @Test func `or not, leaves a ruleset that nft can list, with the names of Services`() throws {
        var sctp = ServiceManifest("calls", number: 81, to: nil)
        sctp.namespace = "shop"
        try lab.put(sctp.service.replacing("protocol: UDP", with: "protocol: SCTP"), in: "calls.yaml")
        #expect(try lab.runAgent(["--once"]).isSuccess)
        let text = try lab.lab.runSuccessfully(["nft", "list", "ruleset"], in: lab.node)
        for comment in ["default/web:tcp", "default/web:udp", "shop/calls:tcp", "shop/calls:udp"] {
            #expect(text.contains("comment \"\(comment)\""), "\(comment)")
        }
        #expect(text.contains("10.96.0.81 . sctp . 80 comment \"shop/calls:udp\""))
    }
}
