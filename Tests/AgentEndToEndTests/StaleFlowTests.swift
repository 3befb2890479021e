import Glibc
import LabKit
import NetworkAddress
import Testing

/// UDP clients that never stop sending are led to where the Service leads now.
///
/// All pods live all the time: a flow that stays with a departed endpoint is answered by it.
@Suite(.needsLab)
struct `UDP flows that go on` {
    /// What becomes of a Service that leads to web-1 at first.
    enum Change: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case endpointReplaced = "the endpoint is replaced"
        case endpointNotReady = "the endpoint is no longer ready"
        case scaledToZero = "it is scaled to zero and back"
        case madeAgain = "it is removed and made again"
        case targetPortMoved = "its target port moves"
        case whileNoAgentRuns = "the endpoint is replaced while no agent runs"

        var testDescription: String { rawValue }
    }

    /// The name and port of a second server in pod 2.
    private static let otherServer = (name: "web-2-other", port: 9001)

    /// A lab whose pod 2 answers on a second port; a Service of every front end leads to pod 1.
    private static func lab() throws -> (AgentLab, ServiceManifest) {
        let lab = try AgentLab(pods: 3)
        try serve(otherServer.name, port: otherServer.port, in: lab.pod(2), of: lab)
        var web = ServiceManifest(nodePort: ServiceManifest.labNodePort, to: [lab.pod(1)])
        web.spec = ServiceManifest.everyFrontEnd
        try lab.put(web.yamlWithLoadBalancer)
        try lab.startAgent()
        return (lab, web)
    }

    private static func serve(_ name: String, port: Int, in pod: ServiceLab.Pod, of lab: AgentLab) throws {
        let program = try LabPrograms.path(of: "fairlead-echo")
        _ = try lab.lab.start(
            [program, "serve", "--name", name, "--tcp", "\(port)", "--udp", "\(port)"],
            in: pod.namespace,
            ready: "ready"
        )
    }

    /// Starts to ask from one port for the rest of the test, telling each answer.
    private static func keepAsking(
        _ transport: TransportProtocol,
        _ address: String,
        _ port: Int,
        from client: Lab.Namespace,
        of lab: AgentLab
    ) throws -> LabProcess {
        // A TCP connection is given up with its question: a busy machine may be late, and the next one goes elsewhere.
        let timeout = transport == .tcp ? "2000" : "100"
        let options = ["--keep-connection", "--interval", "10", "--duration", "30", "--timeout", timeout]
        let program = try LabPrograms.path(of: "fairlead-echo")
        return try lab.lab.start(
            [program, "probe", "\(transport)", socketAddress(address, port)] + options,
            in: client
        )
    }

    /// Whether the newest line of a probe comes to name a pod.
    private static func comes(_ flow: LabProcess, to pod: String) -> Bool {
        eventually(within: .seconds(3)) {
            // The last text may be half a line.
            let line = flow.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last
            return line.map { $0.split(separator: " ").contains { $0 == pod } } ?? false
        }
    }

    private static func apply(_ change: Change, to web: ServiceManifest, in lab: AgentLab) throws {
        var web = web
        web.endpoints = [.init(lab.pod(2))]
        switch change {
        case .endpointReplaced:
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        case .endpointNotReady:
            web.endpoints = [.init(lab.pod(1), conditions: "ready: false"), .init(lab.pod(2))]
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        case .scaledToZero:
            var empty = web
            empty.endpoints = []
            try lab.awaitProgrammed { try lab.put(empty.yamlWithLoadBalancer) }
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        case .madeAgain:
            try lab.awaitProgrammed { lab.remove("web.yaml") }
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        case .targetPortMoved:
            web.targetPorts = [otherServer.port]
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        case .whileNoAgentRuns:
            try lab.agent.kill()
            try lab.put(web.yamlWithLoadBalancer)
            try lab.startAgent()
        }
    }

    @Test(arguments: Change.allCases, AddressFamily.allCases)
    func `move to a live endpoint`(change: Change, family: AddressFamily) throws {
        let (lab, web) = try Self.lab()
        var flows: [(name: String, process: LabProcess)] = []
        for client in LabClient.allCases {
            for frontEnd in LabFrontEnd.allCases {
                let (address, port) = web.target(frontEnd, family)
                let flow = try Self.keepAsking(.udp, address, port, from: lab.namespace(of: client), of: lab)
                flows.append(("\(client.rawValue) to \(frontEnd.rawValue)", flow))
            }
        }
        for flow in flows { try #require(Self.comes(flow.process, to: "web-1"), "\(flow.name)") }
        try Self.apply(change, to: web, in: lab)
        let pod = change == .targetPortMoved ? Self.otherServer.name : "web-2"
        for flow in flows {
            #expect(
                Self.comes(flow.process, to: pod),
                "\(flow.name): \(flow.process.lines.suffix(3))"
            )
        }
    }

    /// How an endpoint comes to be left out although it is ready.
    enum Exclusion: String, CaseIterable, Sendable {
        /// `internalTrafficPolicy: Local`, and it runs elsewhere.
        case policy
        /// It is meant for another node's flows.
        case topology
    }

    @Test(arguments: Exclusion.allCases, AddressFamily.allCases)
    func `leave an endpoint that is ready and no longer chosen`(exclusion: Exclusion, family: AddressFamily) throws {
        let lab = try AgentLab(pods: 3)
        var web = ServiceManifest(to: nil)
        web.endpoints = [.init(lab.pod(1), on: "elsewhere")]
        try lab.put(web.yaml)
        try lab.startAgent()
        let flow = try Self.keepAsking(.udp, web.clusterIP(family), 80, from: lab.client, of: lab)
        try #require(Self.comes(flow, to: "web-1"))
        web.endpoints = [.init(lab.pod(1), on: "elsewhere"), .init(lab.pod(2))]
        switch exclusion {
        case .policy:
            web.spec = ["internalTrafficPolicy: Local"]
        case .topology:
            // The hints stand behind the conditions of each endpoint.
            func hint(_ node: String) -> String { "ready: true}, hints: {forNodes: [{name: \(node)}]" }
            web.endpoints = [
                .init(lab.pod(1), on: "elsewhere", conditions: hint("elsewhere")),
                .init(lab.pod(2), conditions: hint(AgentLab.nodeName)),
            ]
        }
        try lab.awaitProgrammed { try lab.put(web.yaml) }
        #expect(Self.comes(flow, to: "web-2"), "\(flow.lines.suffix(3))")
    }

    @Test func `are forgotten a quarter of a second after the change, for answers that are on their way`() throws {
        let lab = try AgentLab(pods: 2)
        var web = ServiceManifest(to: [lab.pod(1)])
        try lab.put(web.yaml)
        try lab.startAgent()
        let flow = try Self.keepAsking(.udp, web.clusterIP(.ipv4), 80, from: lab.client, of: lab)
        try #require(Self.comes(flow, to: "web-1"))
        web.endpoints = [.init(lab.pod(2))]
        let start = try lab.agent.lines.count
        let programmed = try lab.awaitLine(containing: "programmed") { try lab.put(web.yaml) }
        let forgot = try lab.agent.waitForLine(containing: "forgot UDP flows", after: start)
        let (before, after) = (try Self.milliseconds(of: programmed), try Self.milliseconds(of: forgot))
        // The line is written after the jobs were queued; one that is begun in the same millisecond may round down.
        #expect((after - before + 86_400_000) % 86_400_000 >= 240, "\(programmed) … \(forgot)")
    }

    /// The time of day of a log line, such as `2026-11-21T10:00:00.123Z INFO …`.
    private static func milliseconds(of line: Substring) throws -> Int {
        let clock = try #require(line.split(separator: "T", maxSplits: 1).last?.prefix(12))
        let numbers = clock.split { ":.".contains($0) }.compactMap { Int($0) }
        try #require(numbers.count == 4)
        return ((numbers[0] * 60 + numbers[1]) * 60 + numbers[2]) * 1000 + numbers[3]
    }

    @Test(arguments: AddressFamily.allCases)
    func `are not answered by what has gone while the Service is scaled to zero`(family: AddressFamily) throws {
        let (lab, original) = try Self.lab()
        let (address, port) = original.target(.clusterIP, family)
        let flow = try Self.keepAsking(.udp, address, port, from: lab.client, of: lab)
        try #require(Self.comes(flow, to: "web-1"))
        var web = original
        web.endpoints = []
        try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        #expect(Self.comes(flow, to: "refused"), "\(flow.lines.suffix(3))")
    }

    @Test(arguments: AddressFamily.allCases)
    func `that began before the Service are led to it`(family: AddressFamily) throws {
        let (lab, web) = try Self.lab()
        try lab.awaitProgrammed { lab.remove("web.yaml") }
        var flows: [LabProcess] = []
        for frontEnd in [LabFrontEnd.clusterIP, .loadBalancer, .externalIP] {
            let (address, port) = web.target(frontEnd, family)
            flows.append(try Self.keepAsking(.udp, address, port, from: lab.client, of: lab))
        }
        for flow in flows { try #require(Self.comes(flow, to: "timeout"), "\(flow.output)") }
        try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        for flow in flows { #expect(Self.comes(flow, to: "web-1"), "\(flow.command): \(flow.lines.suffix(3))") }
    }

    // MARK: - What is not to be touched

    @Test(arguments: AddressFamily.allCases)
    func `past any Service keep their entries, whatever ports they use`(family: AddressFamily) throws {
        let (lab, web) = try Self.lab()
        // A pod that happens to listen on the Service's port and on its node port.
        for port in [ServiceManifest.port, ServiceManifest.labNodePort] {
            try Self.serve("bystander", port: port, in: lab.pod(3), of: lab)
        }
        let bystander = "\(lab.pod(3).address(family))"
        let departing = "\(lab.pod(1).address(family))"
        let flows = [
            (try Self.keepAsking(.udp, bystander, 80, from: lab.client, of: lab), "bystander"),
            (try Self.keepAsking(.udp, bystander, 30_080, from: lab.client, of: lab), "bystander"),
            (try Self.keepAsking(.udp, departing, ServiceLab.echoPort, from: lab.client, of: lab), "web-1"),
        ]
        let (address, port) = web.target(.clusterIP, family)
        let served = try Self.keepAsking(.udp, address, port, from: lab.client, of: lab)
        for (flow, pod) in flows { try #require(Self.comes(flow, to: pod)) }
        try #require(Self.comes(served, to: "web-1"))
        // An entry that is made anew bears no mark.
        let conntrack = ["conntrack", "-f", "\(family)".lowercased(), "-p", "udp"]
        try lab.lab.runSuccessfully(conntrack + ["-U", "--mark", "7"], in: lab.node)
        for change in Change.allCases where change != .targetPortMoved {
            try Self.apply(change, to: web, in: lab)
            #expect(Self.comes(served, to: "web-2"))
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
            #expect(Self.comes(served, to: "web-1"))
        }
        let marked = try lab.lab.runSuccessfully(conntrack + ["-L", "--mark", "7"], in: lab.node)
        let destinations = marked.split(separator: "\n").compactMap { line in
            line.split(separator: " ").filter { $0.hasPrefix("dport=") }.first.map { String($0.dropFirst(6)) }
        }
        #expect(Set(destinations) == ["80", "30080", "9000"] && destinations.count == 3, "\(marked)")
    }

    @Test(arguments: AddressFamily.allCases)
    func `that are right keep their entries when an agent starts`(family: AddressFamily) throws {
        let (lab, web) = try Self.lab()
        let flows = try LabFrontEnd.allCases.map { frontEnd in
            let (address, port) = web.target(frontEnd, family)
            return try Self.keepAsking(.udp, address, port, from: lab.client, of: lab)
        }
        for flow in flows { try #require(Self.comes(flow, to: "web-1")) }
        let conntrack = ["conntrack", "-f", "\(family)".lowercased(), "-p", "udp"]
        try lab.lab.runSuccessfully(conntrack + ["-U", "--mark", "7"], in: lab.node)
        // A flow that is not right shows when the new agent has looked.
        var next = web
        next.endpoints = [.init(lab.pod(1)), .init(lab.pod(2))]
        for kept in [web, next] {
            try lab.agent.kill()
            try lab.put(kept.yamlWithLoadBalancer)
            try lab.startAgent()
            usleep(600_000)
        }
        for flow in flows { #expect(Self.comes(flow, to: "web-1")) }
        let marked = try lab.lab.runSuccessfully(conntrack + ["-L", "--mark", "7"], in: lab.node)
        #expect(marked.split(separator: "\n").count == flows.count, "\(marked)")
        // A busy machine may give a question up; none is answered elsewhere.
        for flow in flows { #expect(!flow.output.contains("web-2"), "\(flow.command)") }
    }

    @Test(arguments: Change.allCases, AddressFamily.allCases)
    func `have no TCP connection among them: those stay where they are`(change: Change, family: AddressFamily) throws {
        let (lab, web) = try Self.lab()
        let flows = try LabFrontEnd.allCases.map { frontEnd in
            let (address, port) = web.target(frontEnd, family)
            return try Self.keepAsking(.tcp, address, port, from: lab.client, of: lab)
        }
        for flow in flows { try #require(Self.comes(flow, to: "web-1")) }
        try Self.apply(change, to: web, in: lab)
        // By then every UDP flow would have moved.
        let (address, port) = web.target(.clusterIP, family)
        #expect(try lab.probe(.udp, address, port: port, from: lab.client, count: 20).pods["web-1"] == nil)
        for flow in flows {
            let count = flow.lines.count
            #expect(eventually { flow.lines.count > count + 5 })
            let lines = flow.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            let first = lines.firstIndex { !$0.contains("web-1") }
            #expect(first == nil, "\(lines.dropFirst(max(0, (first ?? 0) - 2)).prefix(4))")
        }
    }

    @Test func `are asked from one port, whatever the network answers`() throws {
        let (lab, _) = try Self.lab()
        let pod = lab.pod(3)
        let flow = try Self.keepAsking(.udp, "\(pod.ipv4)", 9100, from: lab.client, of: lab)
        try #require(eventually { flow.lines.count > 5 })
        try Self.serve("late", port: 9100, in: pod, of: lab)
        #expect(Self.comes(flow, to: "late"))
        let listing = ["conntrack", "-L", "-p", "udp", "--orig-port-dst", "9100"]
        let entries = try lab.lab.runSuccessfully(listing, in: lab.node).split(separator: "\n")
        #expect(entries.count == 1, "\(entries)")
    }
}
