import LabKit
import NetworkAddress
import Testing

/// `healthCheckNodePort`: where load balancers ask whether this node has endpoints of a Service.
@Suite(.needsLab)
struct `Health check ports` {
    private static let port = 32_000

    /// Endpoints, and how many of them count.
    struct Situation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The node and the conditions of the endpoints on web-1, web-2, ….
        let endpoints: [(node: String, conditions: String?)]
        let counted: Int
    }

    private static let draining = "ready: false, serving: true, terminating: true"

    static let situations = [
        Situation(testDescription: "one here", endpoints: [(AgentLab.nodeName, nil)], counted: 1),
        Situation(
            testDescription: "two here, one elsewhere",
            endpoints: [(AgentLab.nodeName, nil), (AgentLab.nodeName, "ready: true"), ("node-2", nil)],
            counted: 2
        ),
        Situation(testDescription: "one elsewhere", endpoints: [("node-2", nil)], counted: 0),
        Situation(testDescription: "one here that terminates", endpoints: [(AgentLab.nodeName, draining)], counted: 0),
        Situation(
            testDescription: "one here that is not ready",
            endpoints: [(AgentLab.nodeName, "ready: false")],
            counted: 0
        ),
        Situation(testDescription: "none at all", endpoints: [], counted: 0),
    ]

    private static func service(
        _ more: [String] = ["externalTrafficPolicy: Local"],
        port: Int = port
    ) -> ServiceManifest {
        var web = ServiceManifest(nodePort: ServiceManifest.labNodePort)
        web.spec = ServiceManifest.everyFrontEnd + ["healthCheckNodePort: \(port)"] + more
        return web
    }

    private static func ask(
        _ lab: AgentLab,
        _ family: AddressFamily,
        port: Int = port,
        path: String = "/"
    ) throws -> HTTPAnswer? {
        try lab.get(path, at: ServiceLab.nodeAddress(family), port: port, from: lab.client)
    }

    private static func body(endpoints: Int) -> String {
        """
        {
        \t"service": {
        \t\t"namespace": "default",
        \t\t"name": "web"
        \t},
        \t"localEndpoints": \(endpoints),
        \t"serviceProxyHealthy": true
        }
        """
    }

    @Test(arguments: AddressFamily.allCases)
    func `count the ready endpoints of this node, byte for byte as kube-proxy`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 3)
        var web = Self.service()
        try lab.put(web.yamlWithLoadBalancer)
        try lab.startAgent()
        for situation in Self.situations {
            web.endpoints = zip(lab.cluster.pods, situation.endpoints).map { pod, endpoint in
                .init(pod, on: endpoint.node, conditions: endpoint.conditions)
            }
            try lab.put(web.yamlWithLoadBalancer)
            let count = "\(situation.counted)"
            let weight = "x-load-balancing-endpoint-weight"
            #expect(try eventually { try Self.ask(lab, family)?.fields[weight] == count }, "\(situation)")
            let answer = try #require(try Self.ask(lab, family, path: "/any/path?of=it"))
            #expect(answer.status == (situation.counted > 0 ? 200 : 503), "\(situation)")
            #expect(answer.body == Self.body(endpoints: situation.counted))
            #expect(answer.fields["content-type"] == "application/json")
            #expect(answer.fields["x-content-type-options"] == "nosniff")
            #expect(answer.fields["content-length"] == "\(answer.body.utf8.count)")
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `open, move and close with the Service`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 1)
        try lab.startAgent()
        func states() throws -> [Int?] { try [32_000, 32_001].map { try Self.ask(lab, family, port: $0)?.status } }
        #expect(try states() == [nil, nil])
        let steps: [(manifest: ServiceManifest?, states: [Int?])] = [
            (Self.service(), [503, nil]),
            (Self.service(port: 32_001), [nil, 503]),
            // With the policy Cluster every node takes traffic: there is nothing to ask.
            (Self.service([]), [nil, nil]),
            (Self.service(), [503, nil]),
            (nil, [nil, nil]),
        ]
        for (number, step) in steps.enumerated() {
            if let manifest = step.manifest {
                try lab.put(manifest.yamlWithLoadBalancer)
            } else {
                lab.remove("web.yaml")
            }
            #expect(try eventually { try states() == step.states }, "step \(number)")
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `are open on the addresses of node ports alone`(family: AddressFamily) throws {
        let ranges = ["--nodeport-addresses", "192.168.50.0/24,fd00:50::/64"]
        let lab = try AgentLab(pods: 1, options: AgentLab.podRanges + ranges)
        try lab.put(Self.service().yamlWithLoadBalancer)
        try lab.startAgent()
        #expect(try eventually { try Self.ask(lab, family)?.status == 503 })
        let other = AgentLab.masqueradedClient(family)
        #expect(try lab.get("/", at: other, port: Self.port, from: lab.pod(1).namespace) == nil)
        // Nor is the port taken from others on other addresses.
        #expect(try lab.probe(.tcp, other, port: Self.port, from: lab.pod(1).namespace).refused == 1)
    }

    @Test func `answer on while the kernel loses all rules, and after`() throws {
        let lab = try AgentLab(pods: 1)
        var web = Self.service()
        web.endpoints = [.init(lab.pod(1))]
        try lab.put(web.yamlWithLoadBalancer)
        try lab.startAgent()
        #expect(try Self.ask(lab, .ipv4)?.status == 200)
        try lab.awaitLine(containing: "mended") {
            try lab.lab.runSuccessfully(["nft", "flush", "ruleset"], in: lab.node)
        }
        #expect(try Self.ask(lab, .ipv4)?.status == 200)
    }
}
