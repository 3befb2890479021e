import LabKit
import NetworkAddress
import Testing

/// What becomes of a new flow: by its client, the address it asks, and the Service's policies.
@Suite(.needsLab)
struct `The way of a new flow` {
    /// What a client notices.
    enum Outcome: Hashable, Sendable {
        /// These pods answer, and see the client's own address or the node's.
        case answer(Set<String>, masqueraded: Bool)
        /// The client is told at once that nobody is there.
        case refused
        /// Nothing comes back.
        case silent
    }

    /// Clients and front ends that share an outcome.
    struct Row: Sendable {
        let clients: [LabClient]
        let frontEnds: [LabFrontEnd]
        let outcome: Outcome

        init(_ clients: [LabClient], _ frontEnds: [LabFrontEnd], _ outcome: Outcome) {
            self.clients = clients
            self.frontEnds = frontEnds
            self.outcome = outcome
        }
    }

    /// A Service, its endpoints and the agent's options, with what is to come of each flow.
    struct Situation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var spec: [String] = []
        /// The conditions of the endpoint on this node, which is web-1; nil for no such endpoint.
        var local: String? = ""
        /// The conditions of the endpoint on another node, which is web-2; nil for no such endpoint.
        var remote: String? = ""
        var options = AgentLab.podRanges
        let rows: [Row]

        /// What is to come of a flow.
        func outcome(_ client: LabClient, _ frontEnd: LabFrontEnd) -> Outcome? {
            rows.first { $0.clients.contains(client) && $0.frontEnds.contains(frontEnd) }?.outcome
        }
    }

    private static let notReady = "ready: false, serving: false, terminating: false"
    private static let draining = "ready: false, serving: true, terminating: true"
    private static let externalLocal = "externalTrafficPolicy: Local"
    private static let internalLocal = "internalTrafficPolicy: Local"
    private static let (here, there, both): (Set<String>, Set<String>, Set<String>) = (
        ["web-1"], ["web-2"], ["web-1", "web-2"]
    )
    private static let all = LabClient.allCases
    private static let external = LabFrontEnd.external

    /// What the cluster IP does under pod ranges: pods keep their address, whoever else comes is masqueraded.
    private static func clusterIP(_ pods: Set<String>) -> [Row] {
        [
            Row([.pod], [.clusterIP], .answer(pods, masqueraded: false)),
            Row([.node, .offCluster], [.clusterIP], .answer(pods, masqueraded: true)),
        ]
    }

    /// What external front ends do with the policy Cluster.
    private static func external(_ pods: Set<String>) -> [Row] {
        [Row(all, external, .answer(pods, masqueraded: true))]
    }

    /// What external front ends do with the policy Local: clients of this node reach what the cluster IP reaches.
    private static func externalLocal(_ pods: Set<String>, offCluster: Outcome) -> [Row] {
        [
            Row([.pod], external, .answer(pods, masqueraded: false)),
            Row([.node], external, .answer(pods, masqueraded: true)),
            Row([.offCluster], external, offCluster),
        ]
    }

    /// Both endpoints are ready; the policies differ.
    static let policies = [
        Situation(testDescription: "no policy", rows: clusterIP(both) + external(both)),
        Situation(
            testDescription: "external policy Local",
            spec: [externalLocal],
            rows: clusterIP(both) + externalLocal(both, offCluster: .answer(here, masqueraded: false))
        ),
        Situation(
            testDescription: "internal policy Local",
            spec: [internalLocal],
            rows: clusterIP(here) + external(both)
        ),
        Situation(
            testDescription: "both policies Local",
            spec: [externalLocal, internalLocal],
            rows: clusterIP(here) + externalLocal(both, offCluster: .answer(here, masqueraded: false))
        ),
        Situation(
            testDescription: "no pod ranges",
            options: [],
            rows: [Row(all, [.clusterIP], .answer(both, masqueraded: false))] + external(both)
        ),
        Situation(
            testDescription: "no pod ranges, external policy Local",
            spec: [externalLocal],
            options: [],
            rows: [
                Row(all, [.clusterIP], .answer(both, masqueraded: false)),
                // A pod cannot be told from a machine outside.
                Row([.pod, .offCluster], external, .answer(here, masqueraded: false)),
                Row([.node], external, .answer(both, masqueraded: true)),
            ]
        ),
        Situation(
            testDescription: "everything masqueraded, external policy Local",
            spec: [externalLocal],
            options: AgentLab.podRanges + ["--masquerade-all"],
            rows: [Row(all, [.clusterIP], .answer(both, masqueraded: true))]
                + externalLocal(both, offCluster: .answer(here, masqueraded: false))
        ),
    ]

    /// Endpoints are missing, or not ready.
    static let shortages = [
        Situation(
            testDescription: "no usable endpoint",
            local: notReady,
            remote: notReady,
            rows: [Row(all, LabFrontEnd.allCases, .refused)]
        ),
        Situation(
            testDescription: "no usable endpoint, both policies Local",
            spec: [externalLocal, internalLocal],
            local: notReady,
            remote: nil,
            rows: [Row(all, LabFrontEnd.allCases, .refused)]
        ),
        Situation(
            testDescription: "internal policy Local and none here",
            spec: [internalLocal],
            local: nil,
            rows: [Row(all, [.clusterIP], .silent)] + external(there)
        ),
        Situation(
            testDescription: "external policy Local and none here",
            spec: [externalLocal],
            local: nil,
            rows: clusterIP(there) + externalLocal(there, offCluster: .silent)
        ),
        Situation(
            testDescription: "external policy Local and none usable here",
            spec: [externalLocal],
            local: notReady,
            rows: clusterIP(there) + externalLocal(there, offCluster: .silent)
        ),
        Situation(
            testDescription: "only terminating ones that serve",
            local: draining,
            remote: draining,
            rows: clusterIP(both) + external(both)
        ),
        Situation(
            testDescription: "only terminating ones that serve, both policies Local",
            spec: [externalLocal, internalLocal],
            local: draining,
            remote: draining,
            rows: clusterIP(here) + externalLocal(both, offCluster: .answer(here, masqueraded: false))
        ),
        Situation(
            testDescription: "a terminating one here, a ready one there, both policies Local",
            spec: [externalLocal, internalLocal],
            local: draining,
            rows: clusterIP(here) + externalLocal(there, offCluster: .answer(here, masqueraded: false))
        ),
    ]

    /// The load balancer takes clients of some ranges alone.
    static let sourceRanges = [
        Situation(
            testDescription: "source ranges of strangers",
            spec: ["loadBalancerSourceRanges: [192.0.2.0/24, \"2001:db8:ffff::/48\"]"],
            rows: [Row(all, [.loadBalancer], .silent)] + clusterIP(both) + external(both)
        ),
        Situation(
            testDescription: "source ranges of pods",
            spec: ["loadBalancerSourceRanges: [\(ServiceLab.podCIDR), \"\(ServiceLab.podCIDRv6)\"]"],
            rows: [Row([.node, .offCluster], [.loadBalancer], .silent)] + clusterIP(both) + external(both)
        ),
        Situation(
            testDescription: "source ranges of the node's network",
            spec: ["loadBalancerSourceRanges: [192.168.50.0/24, \"fd00:50::/64\"]"],
            rows: [Row([.pod], [.loadBalancer], .silent)] + clusterIP(both) + external(both)
        ),
        Situation(
            testDescription: "source ranges of strangers, external policy Local",
            spec: [externalLocal, "loadBalancerSourceRanges: [192.0.2.0/24, \"2001:db8:ffff::/48\"]"],
            rows: [Row(all, [.loadBalancer], .silent)] + clusterIP(both)
                + externalLocal(both, offCluster: .answer(here, masqueraded: false))
        ),
    ]

    @Test(arguments: policies + shortages + sourceRanges, AddressFamily.allCases)
    func `depends on its client, the front end and the policies`(situation: Situation, family: AddressFamily) throws {
        let lab = try AgentLab(pods: 3, options: situation.options)
        var web = ServiceManifest(nodePort: ServiceManifest.labNodePort)
        web.spec = ServiceManifest.everyFrontEnd + situation.spec
        web.endpoints = [
            situation.local.map { .init(lab.pod(1), conditions: $0) },
            situation.remote.map { .init(lab.pod(2), on: "node-2", conditions: $0) },
        ].compactMap(\.self)
        try lab.put(web.yamlWithLoadBalancer)
        try lab.startAgent()
        for client in LabClient.allCases {
            for frontEnd in LabFrontEnd.allCases {
                let expected = try #require(situation.outcome(client, frontEnd))
                for transport in probedProtocols {
                    let summary = try Self.ask(lab, web, client, frontEnd, transport, family, expecting: expected)
                    #expect(
                        Self.outcome(of: summary, client, transport, lab, family, expecting: expected) == expected,
                        "\(transport), \(client.rawValue) to \(frontEnd.rawValue): \(summary)"
                    )
                }
            }
        }
    }

    /// Asks often enough for every endpoint to answer, or a few times where nobody is to.
    private static func ask(
        _ lab: AgentLab,
        _ web: ServiceManifest,
        _ client: LabClient,
        _ frontEnd: LabFrontEnd,
        _ transport: TransportProtocol,
        _ family: AddressFamily,
        expecting expected: Outcome
    ) throws -> ProbeSummary {
        let target = web.target(frontEnd, family)
        let isAnswered = if case .answer = expected { true } else { false }
        return try lab.probe(
            transport,
            target.address,
            port: target.port,
            from: lab.namespace(of: client),
            count: isAnswered ? 40 : 2,
            timeoutMilliseconds: expected == .silent ? 150 : 1000
        )
    }

    /// What a summary says; nil where it says several things at once.
    ///
    /// A datagram of the node itself that a rule refuses or drops fails at once with EPERM, whichever it is; TCP tells
    /// them apart.
    private static func outcome(
        of summary: ProbeSummary,
        _ client: LabClient,
        _ transport: TransportProtocol,
        _ lab: AgentLab,
        _ family: AddressFamily,
        expecting expected: Outcome
    ) -> Outcome? {
        if summary.ok == summary.tries {
            let pods = Set(summary.pods.keys)
            if summary.clients == [AgentLab.masqueradedClient(family): summary.tries] {
                return .answer(pods, masqueraded: true)
            }
            let own = lab.address(of: client, family)
            return summary.clients == [own: summary.tries] ? .answer(pods, masqueraded: false) : nil
        }
        if summary.refused == summary.tries { return .refused }
        if summary.timeout == summary.tries { return .silent }
        let isForbidden = summary.errors["Operation not permitted"] == summary.tries
        guard transport == .udp, client == .node, isForbidden else { return nil }
        return expected == .refused ? .refused : .silent
    }

    // MARK: - Addresses without a Service

    @Test(arguments: AddressFamily.allCases)
    func `ends in silence where a service range has no such Service, as soon as the range is known`(
        family: AddressFamily
    ) throws {
        let lab = try AgentLab(pods: 2)
        // Somebody answers there, so that silence is the rules' doing.
        let unallocated = ServiceManifest.clusterIP(99, family)
        let length = family == .ipv4 ? 32 : 128
        try lab.lab.configure(["addr add \(unallocated)/\(length) dev lo"], in: lab.pod(1).namespace)
        let gateway = "\(lab.pod(1).address(family))"
        try lab.lab.configure(["route add \(unallocated)/\(length) via \(gateway)"], in: lab.node)
        let web = ServiceManifest(to: [lab.pod(1)])
        try lab.put(web.yaml)
        try lab.startAgent()
        func answers(_ client: LabClient) throws -> Int {
            try lab.probe(
                .tcp,
                unallocated,
                port: ServiceLab.echoPort,
                from: lab.namespace(of: client),
                timeoutMilliseconds: 200
            ).ok
        }
        let ranges = """
            apiVersion: networking.k8s.io/v1
            kind: ServiceCIDR
            metadata: {name: kubernetes}
            spec: {cidrs: [10.96.0.0/16, "fd00:10:96::/112"]}

            """
        for client in LabClient.allCases { #expect(try answers(client) == 1, "\(client)") }
        try lab.awaitLine(containing: "written again for the ranges") { try lab.put(ranges, in: "ranges.yaml") }
        for client in LabClient.allCases {
            #expect(try answers(client) == 0, "\(client)")
            // A live cluster IP of the range is not concerned, nor is the refusal of its other ports.
            #expect(try lab.probe(.tcp, web.clusterIP(family), from: lab.namespace(of: client)).ok == 1)
            let refused = try lab.probe(.tcp, web.clusterIP(family), port: 81, from: lab.namespace(of: client))
            #expect(refused.refused == 1, "\(client): \(refused)")
        }
        try lab.awaitLine(containing: "written again for the ranges") { lab.remove("ranges.yaml") }
        for client in LabClient.allCases { #expect(try answers(client) == 1, "\(client)") }
    }
}
