import Glibc
import LabKit
import NetworkAddress
import Testing

/// Starts on a kernel that is programmed already, and ends.
@Suite(.needsLab)
struct `The agent's end and its next start` {
    private func lab() throws -> (AgentLab, ServiceManifest) {
        let lab = try AgentLab(pods: 3)
        let web = ServiceManifest(nodePort: 30_080, to: lab.cluster.pods)
        try lab.put(web.yaml)
        try lab.startAgent()
        return (lab, web)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `leave all rules in place`(signal: Int32) throws {
        let (lab, web) = try lab()
        let before = try lab.listings()
        let agent = try lab.agent
        agent.signal(signal)
        #expect(agent.waitForEnd() == 0)
        #expect(agent.output.contains("ending; the rules stay in place"))
        #expect(try lab.listings() == before)
        for family in AddressFamily.allCases {
            for transport in probedProtocols {
                #expect(try lab.probe(transport, web.clusterIP(family), from: lab.client, count: 10).ok == 10)
            }
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `lose no connection, new or established`(family: AddressFamily) throws {
        let (lab, web) = try lab()
        let target = socketAddress(web.clusterIP(family), 80)
        let new = try probedProtocols.map { transport in
            try lab.cluster.startProbe(
                transport,
                target,
                from: lab.client,
                options: ["--duration", "3", "--reset", "--timeout", "900"]
            )
        }
        let kept = try lab.cluster.startProbe(
            .tcp,
            target,
            from: lab.pod(1).namespace,
            options: ["--keep-connection", "--duration", "3", "--interval", "5", "--timeout", "900"]
        )
        var restarts = 0
        while new[0].isRunning {
            // As an upgrade ends it, and as a crash does.
            let agent = try lab.agent
            if restarts.isMultiple(of: 2) { agent.stop() } else { agent.kill() }
            try lab.startAgent()
            restarts += 1
        }
        // A busy machine makes fewer of them in the time of the probes; both ways to end must have been taken.
        #expect(restarts >= 2)
        for probe in new {
            let summary = try lab.cluster.summary(of: probe)
            #expect(summary.ok == summary.tries && summary.tries > 500, "\(summary)")
            #expect(summary.pods.count == 3)
        }
        let summary = try lab.cluster.summary(of: kept)
        #expect(summary.ok == summary.tries && summary.pods.count == 1, "\(summary)")
    }

    @Test func `clear what is stale: elements, rules, chains and sets`() throws {
        let (lab, web) = try lab()
        let gone = ServiceManifest("gone", number: 81, nodePort: 30_081, to: [lab.pod(1)])
        try lab.awaitProgrammed { try lab.put(gone.yaml, in: "gone.yaml") }
        #expect(try lab.probe(.tcp, gone.clusterIP(.ipv4), from: lab.client).ok == 1)
        try lab.agent.stop()
        lab.remove("gone.yaml")
        for family in ["ip", "ip6"] {
            let stale = """
                add chain \(family) fairlead lb-3
                add rule \(family) fairlead lb-3 drop
                add chain \(family) fairlead stale-input { type filter hook input priority -300; policy drop; }
                add set \(family) fairlead stale-set { type inet_service; }
                add element \(family) fairlead stale-set { 1, 2 }
                insert rule \(family) fairlead services tcp dport @stale-set goto lb-3
                add rule \(family) fairlead lb-4 drop

                """
            try lab.lab.runSuccessfully(["nft", "-f", "-"], in: lab.node, input: stale)
        }
        try lab.startAgent()

        let fresh = try lab.lab.makeNamespace("fresh")
        #expect(try lab.runAgent(["--once"], in: fresh).isSuccess)
        let (found, expected) = (try lab.listings(), try lab.listings(in: fresh))
        #expect(found == expected, "\(found)")
        #expect(try lab.probe(.tcp, web.clusterIP(.ipv4), from: lab.client, count: 10).ok == 10)
        #expect(try lab.probe(.tcp, gone.clusterIP(.ipv4), from: lab.client, timeoutMilliseconds: 200).timeout == 1)
    }

    @Test func `replace tables of another layout under our name`() throws {
        let lab = try AgentLab(pods: 1)
        let web = ServiceManifest(to: [lab.pod(1)])
        try lab.put(web.yaml)
        // Sets of other types, a base chain where a plain one belongs, and the other way round.
        let strange = """
            table ip fairlead {
                set services { type ipv4_addr; elements = { 192.0.2.1 } }
                map endpoints { type inet_service : verdict; elements = { 80 : drop } }
                chain lb-1 { type filter hook input priority 0; policy drop; ip saddr @services accept; }
                chain filter-input { tcp dport vmap @endpoints; }
                chain nat-prerouting { type nat hook prerouting priority -90; policy drop; goto filter-input; }
            }

            """
        try lab.lab.runSuccessfully(["nft", "-f", "-"], in: lab.node, input: strange)
        try lab.startAgent()
        let fresh = try lab.lab.makeNamespace("fresh")
        #expect(try lab.runAgent(["--once"], in: fresh).isSuccess)
        #expect(try lab.listings() == lab.listings(in: fresh))
        #expect(try lab.probe(.tcp, web.clusterIP(.ipv4), from: lab.client, count: 10).ok == 10)
    }

    @Test func `take up new options`() throws {
        let (lab, web) = try lab()
        let pod = lab.pod(2)
        #expect(try lab.probe(.tcp, web.clusterIP(.ipv4), from: pod.namespace, count: 20).clients["\(pod.ipv4)"] != nil)
        try lab.agent.stop()
        lab.options = ["--masquerade-all"]
        try lab.startAgent()
        let summary = try lab.probe(.tcp, web.clusterIP(.ipv4), from: pod.namespace, count: 20)
        #expect(summary.clients == [AgentLab.masqueradedClient(.ipv4): 20])
    }

    @Test func `are not needed for SIGHUP, which writes all rules again and loses no connection`() throws {
        let (lab, web) = try lab()
        let before = try lab.listings()
        let handles = ["nft", "-a", "list", "chain", "ip", "fairlead", "services"]
        let handlesBefore = try lab.lab.runSuccessfully(handles, in: lab.node)
        let probe = try lab.cluster.startProbe(
            .tcp,
            socketAddress(web.clusterIP(.ipv4), 80),
            from: lab.client,
            options: ["--duration", "1", "--reset", "--timeout", "900"]
        )
        while probe.isRunning {
            try lab.awaitLine(containing: "SIGHUP: writing everything again") { try lab.agent.signal(SIGHUP) }
        }
        let summary = try lab.cluster.summary(of: probe)
        #expect(summary.ok == summary.tries && summary.tries > 100, "\(summary)")
        #expect(try eventually { try lab.listings() == before })
        #expect(try lab.lab.runSuccessfully(handles, in: lab.node) != handlesBefore)
    }
}
