import Glibc
import LabKit
import NetworkAddress
import Testing

/// What other programs do to our tables while the agent runs.
@Suite(.needsLab, .serialized)
struct `A foreign change of our tables` {
    /// A shell command that changes the ruleset, and what the agent says about it.
    struct Meddling: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let command: String
        let warning: String

        init(_ testDescription: String, _ command: String, warns warning: String) {
            self.testDescription = testDescription
            self.command = command
            self.warning = warning
        }
    }

    static let meddlings = [
        Meddling("table deleted", "nft delete table ip fairlead", warns: "in table ip fairlead"),
        Meddling("IPv6 table deleted", "nft delete table ip6 fairlead", warns: "in table ip6 fairlead"),
        Meddling(
            "element of services deleted",
            "nft delete element ip fairlead services '{ 10.96.0.80 . tcp . 80 }'",
            warns: "deleted an element of \"services\" in table ip fairlead"
        ),
        Meddling(
            "endpoint deleted",
            "nft delete element ip6 fairlead endpoints '{ fd00:10:96::80 . udp . 80 . 1 }'",
            warns: "deleted an element of \"endpoints\" in table ip6 fairlead"
        ),
        Meddling(
            "endpoint added",
            "nft add element ip fairlead endpoints '{ 10.96.0.80 . tcp . 80 . 5 : 10.244.1.99 . 1 }'",
            warns: "added an element to \"endpoints\" in table ip fairlead"
        ),
        Meddling(
            "node port led astray",
            "nft 'delete element ip fairlead nodeports { tcp . 30080 }; "
                + "add element ip fairlead nodeports { tcp . 30080 : drop }'",
            warns: "deleted an element of \"nodeports\" in table ip fairlead"
        ),
        Meddling(
            "set emptied",
            "nft flush set ip fairlead cluster-ips",
            warns: "deleted an element of \"cluster-ips\" in table ip fairlead"
        ),
        Meddling(
            "rules of a chain deleted",
            "nft flush chain ip fairlead services",
            warns: "deleted a rule of chain \"services\" in table ip fairlead"
        ),
        Meddling(
            "last rule of a chain deleted",
            "nft delete rule ip fairlead lb-2 handle "
                + "$(nft -a list chain ip fairlead lb-2 | sed -n 's/.*# handle //p' | tail -1)",
            warns: "deleted a rule of chain \"lb-2\" in table ip fairlead"
        ),
        Meddling(
            "chain deleted",
            "nft delete chain ip fairlead nat-output",
            warns: "deleted a rule of chain \"nat-output\" in table ip fairlead"
        ),
        Meddling(
            "rule inserted",
            "nft insert rule ip6 fairlead services drop",
            warns: "added a rule to chain \"services\" in table ip6 fairlead"
        ),
        Meddling(
            "chain added that drops everything",
            "nft add chain ip fairlead stranger '{ type filter hook prerouting priority -300; policy drop; }'",
            warns: "made chain \"stranger\" in table ip fairlead"
        ),
        Meddling(
            "chain added and jumped to",
            "nft 'add chain ip fairlead stranger; add rule ip fairlead stranger drop; "
                + "insert rule ip fairlead services jump stranger'",
            warns: "made chain \"stranger\" in table ip fairlead"
        ),
        Meddling(
            "set added and used",
            "nft 'add set ip fairlead stranger { type ipv4_addr; }; add element ip fairlead stranger { 10.96.0.80 }; "
                + "insert rule ip fairlead services ip daddr @stranger drop'",
            warns: "made set \"stranger\" in table ip fairlead"
        ),
        Meddling(
            "counter and limit added",
            "nft 'add counter ip fairlead strange-counter; add limit ip6 fairlead strange-limit { rate 1/second; }; "
                + "insert rule ip fairlead services counter name strange-counter'",
            warns: "made object \"strange-counter\" in table ip fairlead"
        ),
        Meddling(
            "policy of a chain changed",
            "nft 'chain ip fairlead filter-forward { policy drop; }'",
            warns: "made chain \"filter-forward\" in table ip fairlead"
        ),
        Meddling(
            "table put to sleep",
            "nft 'table ip fairlead { flags dormant; }'",
            warns: "changed the table itself in table ip fairlead"
        ),
    ]

    @Test(arguments: meddlings)
    func `is mended within a second, and a foreign table is left alone`(meddling: Meddling) throws {
        let lab = try Self.lab()
        try lab.makeForeignTable()
        let foreign = try lab.foreignTable()
        let before = try lab.listings()
        let start = try lab.agent.lines.count

        try lab.lab.runSuccessfully(["sh", "-ec", meddling.command], in: lab.node)
        #expect(try eventually(within: .seconds(1)) { try lab.listings() == before })
        let said = try lab.agent.lines.dropFirst(start)
        #expect(said.contains { $0.contains("another program") && $0.contains(meddling.warning) }, "\(said)")
        #expect(said.contains { $0.contains("mended") }, "\(said)")
        #expect(try lab.foreignTable() == foreign)
        try Self.expectAnswers(lab)
    }

    @Test func `such as a flush of the whole ruleset is mended within a second`() throws {
        let lab = try Self.lab()
        let before = try lab.listings()
        let start = try lab.agent.lines.count
        try lab.lab.runSuccessfully(["nft", "flush", "ruleset"], in: lab.node)
        #expect(try eventually(within: .seconds(1)) { try lab.listings() == before })
        try lab.agent.waitForLine(containing: "mended", after: start)
        try Self.expectAnswers(lab)
    }

    @Test func `is mended again and again, in the time that each repair has`() throws {
        let lab = try Self.lab()
        let before = try lab.listings()
        for _ in 1...4 {
            try lab.lab.runSuccessfully(["nft", "flush", "ruleset"], in: lab.node)
            // Half a second lies between two repairs, so that a fight with another program costs little.
            #expect(try eventually(within: .seconds(2)) { try lab.listings() == before })
        }
    }

    @Test func `is noticed by a change of the manifests, if nothing else told of it`() throws {
        let lab = try Self.lab()
        // The agent sleeps while both happen, so that it finds them together.
        let agent = try lab.agent
        agent.signal(SIGSTOP)
        try lab.lab.runSuccessfully(["nft", "delete", "table", "ip", "fairlead"], in: lab.node)
        try lab.put(ServiceManifest(nodePort: 30_080, to: [lab.pod(2)]).yaml)
        agent.signal(SIGCONT)
        #expect(
            try eventually { try lab.probe(.tcp, "10.96.0.80", from: lab.client, timeoutMilliseconds: 200).ok == 1 }
        )
        #expect(try lab.probe(.tcp, "10.96.0.80", from: lab.client, count: 10).pods == ["web-2": 10])
        #expect(try lab.probe(.tcp, "fd00:10:96::80", from: lab.client, count: 10).pods == ["web-2": 10])
    }

    @Test func `is mended though the notification of it was lost`() throws {
        let lab = try Self.lab()
        let before = try lab.listings()
        let agent = try lab.agent
        let start = agent.lines.count
        // More news than the kernel keeps for an agent that sleeps; the last of it is about our table.
        agent.signal(SIGSTOP)
        let elements = (0..<250_000).map { "10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)" }.joined(separator: ",")
        let big = "table inet big {\nset s {\ntype ipv4_addr;\nelements = { \(elements) }\n}\n}\n"
        try lab.lab.runSuccessfully(["nft", "-f", "-"], in: lab.node, input: big)
        try lab.lab.runSuccessfully(["nft", "delete", "table", "inet", "big"], in: lab.node)
        try lab.lab.runSuccessfully(["nft", "delete", "table", "ip", "fairlead"], in: lab.node)
        agent.signal(SIGCONT)
        #expect(try eventually(within: .seconds(1)) { try lab.listings() == before })
        try agent.waitForLine(containing: "notifications of ruleset changes were lost", after: start)
        try Self.expectAnswers(lab)
    }

    @Test func `is mended though it came while everything was written again`() throws {
        let lab = try Self.lab()
        // So many that the agent does not listen while it writes them.
        let services = (100..<200).map { ServiceManifest("web-\($0)", number: $0, to: [lab.pod(1)]).yaml }
        try lab.awaitProgrammed { try lab.put(services.joined(separator: "---\n"), in: "many.yaml") }
        let before = try lab.listings()
        let agent = try lab.agent
        let start = agent.lines.count
        for round in 0..<12 {
            agent.signal(SIGHUP)
            usleep(UInt32(round * 4_000))
            try lab.lab.runSuccessfully(
                ["nft", "delete", "element", "ip", "fairlead", "services", "{ 10.96.0.80 . tcp . 80 }"],
                in: lab.node
            )
            #expect(try eventually(within: .seconds(3)) { try lab.listings() == before }, "round \(round)")
        }
        #expect(agent.lines.dropFirst(start).count { $0.contains("written again") } == 12)
    }

    @Test func `of another program's own table is no concern of ours`() throws {
        let lab = try Self.lab()
        let start = try lab.agent.lines.count
        try lab.makeForeignTable()
        try lab.lab.runSuccessfully(["nft", "delete", "table", "inet", "foreign"], in: lab.node)
        // A change of ours behind it shows that the agent has had the time to notice.
        try lab.awaitProgrammed { try lab.put(ServiceManifest(nodePort: 30_080, to: [lab.pod(2)]).yaml) }
        let said = try lab.agent.lines.dropFirst(start)
        #expect(!said.contains { $0.contains("mend") || $0.contains("another program") }, "\(said)")
    }

    private static func lab() throws -> AgentLab {
        let lab = try AgentLab(pods: 2)
        try lab.put(ServiceManifest(nodePort: 30_080, to: [lab.pod(1), lab.pod(2)]).yaml)
        try lab.startAgent()
        return lab
    }

    private static func expectAnswers(_ lab: AgentLab) throws {
        for family in AddressFamily.allCases {
            for transport in probedProtocols {
                let summary = try lab.probe(
                    transport,
                    ServiceManifest.clusterIP(80, family),
                    from: lab.client,
                    count: 20
                )
                #expect(Set(summary.pods.keys) == ["web-1", "web-2"], "\(transport) \(family): \(summary)")
                #expect(summary.ok == 20)
            }
            let nodeAddress = ServiceLab.nodeAddress(family)
            #expect(try lab.probe(.tcp, nodeAddress, port: 30_080, from: lab.client).ok == 1)
        }
    }
}
