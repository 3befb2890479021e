import Glibc
import LabKit
import NetworkAddress
import Synchronization
import Testing

/// A Service with session affinity leads each client to one endpoint.
@Suite(.needsLab)
struct `Session affinity` {
    /// What a client of the Service asks, and the pod that answered.
    struct Choice: Hashable {
        let client: String
        let transport: TransportProtocol
        let frontEnd: LabFrontEnd
        let pod: String
    }

    private static let pods = 5

    /// The source port of the next datagrams: one that asked a moment ago would go on with its flow.
    private static let nextSourcePort = Atomic(20_000)

    private static func spec(timeoutSeconds: Int = 10_800) -> [String] {
        ["sessionAffinity: ClientIP", "sessionAffinityConfig: {clientIP: {timeoutSeconds: \(timeoutSeconds)}}"]
    }

    private static func lab(timeoutSeconds: Int = 10_800) throws -> (AgentLab, ServiceManifest) {
        let lab = try AgentLab(pods: pods)
        var web = ServiceManifest(nodePort: ServiceManifest.labNodePort, to: lab.cluster.pods)
        web.spec = ServiceManifest.everyFrontEnd + spec(timeoutSeconds: timeoutSeconds)
        try lab.put(web.yamlWithLoadBalancer)
        try lab.startAgent()
        return (lab, web)
    }

    /// Takes so many source ports that nobody used before, and returns the first of them.
    private static func nextSourcePorts(_ count: Int) -> Int {
        let first = nextSourcePort.add(count, ordering: .relaxed).oldValue
        return 20_000 + (first - 20_000) % 40_000
    }

    /// Asks a front end again and again; nil when not all answers came, or not all of one pod.
    private func onlyPod(
        _ lab: AgentLab,
        _ web: ServiceManifest,
        _ family: AddressFamily,
        _ transport: TransportProtocol = .tcp,
        _ frontEnd: LabFrontEnd = .clusterIP,
        from client: Lab.Namespace,
        count: Int = 20
    ) throws -> String? {
        let target = web.target(frontEnd, family)
        let summary = try lab.probe(
            transport,
            target.address,
            port: target.port,
            from: client,
            count: count,
            timeoutMilliseconds: 500,
            options: transport == .udp ? ["--source-port", "\(Self.nextSourcePorts(count))"] : []
        )
        guard summary.ok == count, summary.pods.count == 1 else {
            // Whoever expects one pod fails, and cannot tell why.
            print("\(transport) from \(client.label) to \(target.address): \(summary)")
            return nil
        }
        return summary.pods.keys.first
    }

    /// The choices of all clients: five pods, the node and the machine outside.
    private func choices(
        _ lab: AgentLab,
        _ web: ServiceManifest,
        _ family: AddressFamily,
        frontEnds: [LabFrontEnd] = [.clusterIP, .nodePort],
        count: Int = 2
    ) throws -> Set<Choice> {
        var choices: Set<Choice> = []
        for client in lab.cluster.pods.map(\.namespace) + [lab.node, lab.client] {
            for transport in probedProtocols {
                for frontEnd in frontEnds {
                    let pod = try onlyPod(lab, web, family, transport, frontEnd, from: client, count: count)
                    let name = try #require(pod, "\(transport) from \(client.label) to \(frontEnd.rawValue)")
                    choices.insert(Choice(client: client.label, transport: transport, frontEnd: frontEnd, pod: name))
                }
            }
        }
        return choices
    }

    @Test(arguments: AddressFamily.allCases, LabFrontEnd.allCases)
    func `keeps every client on one endpoint`(family: AddressFamily, frontEnd: LabFrontEnd) throws {
        let (lab, web) = try Self.lab()
        let first = try choices(lab, web, family, frontEnds: [frontEnd], count: 10)
        #expect(try choices(lab, web, family, frontEnds: [frontEnd]) == first)
        // Not because there is only one endpoint: fourteen clients choose the same one once in a billion times.
        #expect(Set(first.map(\.pod)).count > 1)
    }

    @Test(arguments: AddressFamily.allCases, probedProtocols)
    func `moves a client once when its endpoint goes, and loses no connection`(
        family: AddressFamily,
        transport: TransportProtocol
    ) throws {
        let (lab, original) = try Self.lab()
        var web = original
        for frontEnd in [LabFrontEnd.clusterIP, .nodePort] {
            let before = try #require(try onlyPod(lab, web, family, transport, frontEnd, from: lab.client))
            web.endpoints = lab.cluster.pods.filter { $0.name != before }.map { .init($0) }
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
            let after = try onlyPod(lab, web, family, transport, frontEnd, from: lab.client)
            #expect(after != nil && after != before)
            // The endpoint comes back; the client has another now.
            web.endpoints = lab.cluster.pods.map { .init($0) }
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
            #expect(try onlyPod(lab, web, family, transport, frontEnd, from: lab.client) == after)
        }
    }

    @Test func `has room for so many clients, and others are still served`() throws {
        let (lab, web) = try Self.lab()
        let known = try #require(try onlyPod(lab, web, .ipv4, .tcp, .clusterIP, from: lab.client))
        let endpoint = "\(lab.pod(1).ipv4) . \(ServiceLab.echoPort)"
        // The one that is known has a place already.
        let most = 262_144 - 1
        for start in stride(from: 0, to: most, by: 16_384) {
            let elements = (start..<min(start + 16_384, most)).map { number in
                "172.\(16 + number >> 16).\(number >> 8 & 255).\(number & 255) . \(web.clusterIP(.ipv4)) . tcp . 80 "
                    + "timeout 1h : \(endpoint)"
            }
            let script = "add element ip fairlead affinity { \(elements.joined(separator: ", ")) }\n"
            try lab.lab.runSuccessfully(["nft", "-f", "-"], in: lab.node, input: script)
        }
        let summary = try lab.probe(.tcp, web.clusterIP(.ipv4), from: lab.pod(2).namespace, count: 40)
        #expect(summary.ok == 40 && summary.pods.count > 1, "\(summary)")
        #expect(try onlyPod(lab, web, .ipv4, .tcp, .clusterIP, from: lab.client) == known)
    }

    /// All pods live all the time, so that a datagram is lost only where the rules drop it.
    @Test(arguments: AddressFamily.allCases)
    func `loses no datagram as one endpoint after the other leaves and comes back`(family: AddressFamily) throws {
        let (lab, original) = try Self.lab()
        var web = original
        let clusterIP = socketAddress(web.clusterIP(family), ServiceManifest.port)
        let clients = lab.cluster.pods.map(\.namespace) + [lab.node, lab.client]
        // Each from a port of its own: what is remembered is the client, not the flow.
        let options = ["--duration", "6", "--rate", "1000", "--timeout", "2000", "--source-port", "20000"]
        let load = try clients.map { try lab.cluster.startProbe(.udp, clusterIP, from: $0, options: options) }
        var departures = 0
        while load[0].isRunning {
            web.endpoints = lab.cluster.pods.filter { $0.name != "web-\(1 + departures % Self.pods)" }.map { .init($0) }
            try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
            departures += 1
            usleep(20_000)
        }
        var losses: [String] = []
        for probe in load {
            let summary = try lab.cluster.summary(of: probe)
            #expect(summary.tries > 50 && summary.pods.count > 1, "\(probe.command): \(summary)")
            losses += summary.losses
        }
        // A datagram on its way through the rules in that microsecond may see half of the change. Forgotten afterwards,
        // each departure would cost every client of the endpoint one.
        #expect(departures > 20 && losses.count <= departures / 20, "\(departures) departures: \(losses)")
    }

    /// An endpoint leaves, and another while no agent runs; each answers until the kernel leads nobody there, then dies.
    @Test(arguments: AddressFamily.allCases)
    func `leads nobody to endpoints that died, with and without an agent when they left`(family: AddressFamily) throws {
        let (lab, original) = try Self.lab()
        var web = original
        let clusterIP = socketAddress(web.clusterIP(family), ServiceManifest.port)
        let clients = lab.cluster.pods.suffix(2).map(\.namespace) + [lab.node, lab.client]
        let options = ["--duration", "5", "--rate", "200", "--timeout", "4000", "--reset"]
        let load = try clients.flatMap { client in
            [
                try lab.cluster.startProbe(.tcp, clusterIP, from: client, options: options),
                // Each from a port of its own: what is remembered is the client, not the flow.
                try lab.cluster.startProbe(
                    .udp,
                    clusterIP,
                    from: client,
                    options: options + ["--source-port", "20000"]
                ),
            ]
        }
        let kept = try lab.cluster.startProbe(
            .udp,
            clusterIP,
            from: lab.pod(3).namespace,
            options: ["--duration", "5", "--keep-connection", "--rate", "100", "--timeout", "100"]
        )
        usleep(500_000)
        web.endpoints = lab.cluster.pods.dropFirst().map { .init($0) }
        try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        #expect(try eventually { try remembers(lab.pod(1), family, lab) == false })
        usleep(400_000)
        lab.pod(1).server.kill()
        usleep(400_000)
        try lab.agent.kill()
        web.endpoints = lab.cluster.pods.dropFirst(2).map { .init($0) }
        try lab.put(web.yamlWithLoadBalancer)
        try lab.startAgent()
        #expect(try eventually { try remembers(lab.pod(2), family, lab) == false })
        usleep(400_000)
        lab.pod(2).server.kill()
        for probe in load {
            let summary = try lab.cluster.summary(of: probe)
            let losses = summary.tries - summary.ok
            // A datagram that comes in the moment between a rebuild, as at the second departure, and the forgetting is
            // dropped; nobody repeats it.
            let lossesMax = probe.command.contains("udp") ? 1 : 0
            #expect(losses <= lossesMax && summary.tries > 20, "\(probe.command): \(summary)")
            #expect(summary.pods.count <= 3, "each departure moves a client once at most: \(summary.pods)")
        }
        let summary = try lab.cluster.summary(of: kept)
        #expect(summary.tries - summary.ok <= 4 && summary.tries > 20, "\(summary)")
    }

    /// Whether the kernel remembers a client of a pod.
    private func remembers(_ pod: ServiceLab.Pod, _ family: AddressFamily, _ lab: AgentLab) throws -> Bool {
        let command = ["nft", "list", "map", family == .ipv4 ? "ip" : "ip6", "fairlead", "affinity"]
        return try lab.lab.runSuccessfully(command, in: lab.node).contains(" : \(pod.address(family)) . ")
    }

    @Test(arguments: AddressFamily.allCases)
    func `outlives the agent, a new agent and SIGHUP`(family: AddressFamily) throws {
        let (lab, web) = try Self.lab()
        let first = try choices(lab, web, family)
        try lab.agent.kill()
        #expect(try choices(lab, web, family) == first)
        try lab.startAgent()
        #expect(try choices(lab, web, family) == first)
        try lab.awaitLine(containing: "written again") { try lab.agent.signal(SIGHUP) }
        #expect(try choices(lab, web, family) == first)
        // Nor does a change of another Service or of other endpoints move anybody.
        try lab.awaitProgrammed { try lab.put(ServiceManifest("db", number: 81, to: []).yaml, in: "db.yaml") }
        #expect(try choices(lab, web, family) == first)
    }

    @Test(arguments: AddressFamily.allCases)
    func `ends after the timeout without a new connection, not sooner`(family: AddressFamily) throws {
        let (lab, web) = try Self.lab(timeoutSeconds: 2)
        // Twice the timeout in all, and never so long without a new connection.
        let clusterIP = socketAddress(web.clusterIP(family), ServiceManifest.port)
        let steady = try lab.cluster.startProbe(
            .tcp,
            clusterIP,
            from: lab.client,
            options: ["--duration", "4", "--interval", "400", "--timeout", "500"]
        )
        let pods = lab.cluster.pods.map(\.namespace)
        var picks: Set<[String?]> = []
        for round in 1...2 {
            if round > 1 { usleep(2_300_000) }
            picks.insert(try pods.map { try onlyPod(lab, web, family, from: $0, count: 3) })
            picks.insert(try pods.map { try onlyPod(lab, web, family, .udp, from: $0, count: 3) })
        }
        // Five clients over two protocols choose anew: that all four rows differ fails once in a thousand times or less.
        #expect(picks.count > 2, "\(picks)")
        #expect(picks.allSatisfy { !$0.contains(nil) })
        let summary = try lab.cluster.summary(of: steady)
        #expect(summary.pods.count == 1 && summary.ok == summary.tries && summary.tries > 6, "\(summary)")
    }

    @Test(arguments: AddressFamily.allCases)
    func `can be turned off and on while clients ask`(family: AddressFamily) throws {
        let (lab, original) = try Self.lab()
        var web = original
        #expect(try onlyPod(lab, web, family, from: lab.client) != nil)
        web.spec = ServiceManifest.everyFrontEnd + ["sessionAffinity: None"]
        try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        for frontEnd in [LabFrontEnd.clusterIP, .nodePort] {
            let target = web.target(frontEnd, family)
            let summary = try lab.probe(.tcp, target.address, port: target.port, from: lab.client, count: 100)
            #expect(summary.ok == 100 && summary.pods.count == Self.pods, "\(summary)")
        }
        web.spec = ServiceManifest.everyFrontEnd + Self.spec()
        try lab.awaitProgrammed { try lab.put(web.yamlWithLoadBalancer) }
        for frontEnd in [LabFrontEnd.clusterIP, .nodePort] {
            #expect(try onlyPod(lab, web, family, .tcp, frontEnd, from: lab.client) != nil, "\(frontEnd)")
        }
    }
}
