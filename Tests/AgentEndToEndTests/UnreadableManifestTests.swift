import LabKit
import NetworkAddress
import Testing

/// Files that cannot be read, or that are not finished.
@Suite(.needsLab)
struct `A manifest that cannot be read` {
    private let lab: AgentLab
    private let good: ServiceManifest

    init() throws {
        lab = try AgentLab(pods: 2)
        good = ServiceManifest("good", to: [lab.pod(1)])
        try lab.put(good.yaml, in: "good.yaml")
    }

    private func expectWorks() throws {
        for family in AddressFamily.allCases {
            try lab.probe(.tcp, good.clusterIP(family), from: lab.client, count: 3).expectAllOK()
        }
    }

    @Test func `for lack of rights is named, and read once it may be`() throws {
        let other = ServiceManifest("other", number: 81, to: [lab.pod(2)])
        try lab.put(other.yaml, in: "other.yaml")
        try lab.lab.runSuccessfully(["chown", "65534", lab.path("other.yaml")])
        // Root without the right to overlook file permissions.
        let dropped = "-dac_override,-dac_read_search"
        let agent = try lab.lab.start(
            ["setpriv", "--bounding-set", dropped, "--inh-caps", dropped] + lab.command(),
            in: lab.node,
            ready: "ready"
        )
        #expect(agent.output.contains("other.yaml: the file cannot be read"))
        #expect(agent.output.contains("EACCES") || agent.output.contains("ermission denied"))
        try expectWorks()
        #expect(try lab.probe(.tcp, other.clusterIP(.ipv4), from: lab.node, timeoutMilliseconds: 200).ok == 0)
        try lab.lab.runSuccessfully(["chown", "0", lab.path("other.yaml")])
        try agent.waitForLine(containing: "solved: other.yaml")
        #expect(try eventually { try lab.probe(.tcp, other.clusterIP(.ipv4), from: lab.client).ok == 1 })
    }

    @Test func `because its link leads nowhere is named, and read once it leads somewhere`() throws {
        try lab.lab.runSuccessfully(["ln", "-s", "absent", lab.path("link.yaml")])
        try lab.startAgent()
        #expect(try lab.agent.output.contains("link.yaml: the file cannot be read"))
        try expectWorks()
        let other = ServiceManifest("other", number: 81, to: [lab.pod(2)])
        try lab.awaitLine(containing: "solved: link.yaml") { try lab.put(other.yaml, in: "absent") }
        #expect(try eventually { try lab.probe(.tcp, other.clusterIP(.ipv4), from: lab.client).ok == 1 })
    }

    @Test func `because it is a pipe is named and waited for by nobody`() throws {
        try lab.lab.runSuccessfully(["mkfifo", lab.path("pipe.yaml")])
        try lab.startAgent()
        #expect(try lab.agent.output.contains("pipe.yaml: the file cannot be read"))
        try expectWorks()
    }

    @Test func `because it is a folder by that name is a folder`() throws {
        _ = try lab.lab.makeDirectory("manifests/folder.yaml")
        let other = ServiceManifest("other", number: 81, to: [lab.pod(2)])
        try lab.put(other.yaml, in: "folder.yaml/other.yaml")
        try lab.startAgent()
        try expectWorks()
        try lab.probe(.tcp, other.clusterIP(.ipv4), from: lab.client).expectAllOK()
    }

    @Test func `as only half of it is written wipes nothing, and counts when it is whole`() throws {
        try lab.startAgent()
        let moved = ServiceManifest("good", to: [lab.pod(2)]).yaml
        let gate = "\(lab.lab.directory)/gate"
        try lab.lab.write(moved, to: "moved")
        // Truncated, half written, and finished when the gate opens.
        let writer = try lab.lab.start([
            "sh", "-ec",
            """
            exec 3> "$1"
            head -c 300 "$2" >&3
            echo half
            until test -e "$3"; do sleep 0.01; done
            tail -c +301 "$2" >&3
            """,
            "sh", lab.path("good.yaml"), "\(lab.lab.directory)/moved", gate,
        ])
        try writer.waitForLine(containing: "half")
        let summary = try lab.probe(
            .tcp,
            good.clusterIP(.ipv4),
            from: lab.client,
            count: 100,
            options: ["--interval", "5"]
        )
        #expect(summary.pods == ["web-1": 100], "\(summary)")
        try lab.awaitProgrammed { try lab.lab.write("", to: "gate") }
        #expect(try lab.probe(.tcp, good.clusterIP(.ipv4), from: lab.client, count: 10).pods == ["web-2": 10])
        #expect(try !lab.agent.output.contains("WARN"))
    }

    @Test func `as its writer gave up half way keeps what it gave before`() throws {
        try lab.startAgent()
        let start = try lab.agent.lines.count
        // The text ends within a bracket.
        let end = try #require(good.yaml.firstRange(of: "fd00:10:96"))
        let half = String(good.yaml[..<end.lowerBound])
        try lab.lab.runSuccessfully(["cp", "/dev/stdin", lab.path("good.yaml")], input: half)
        let line = try lab.agent.waitForLine(containing: "good.yaml document 1", after: start)
        #expect(line.contains("kept until it can be read"))
        try expectWorks()
        try lab.awaitLine(containing: "solved: good.yaml document 1") { try lab.put(good.yaml, in: "good.yaml") }
        try expectWorks()
    }
}
