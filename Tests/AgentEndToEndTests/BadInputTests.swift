import LabKit
import NetworkAddress
import Testing

/// Objects that cannot be used, among others that can.
@Suite(.needsLab)
struct `An object that cannot be used` {
    /// A manifest with something wrong, what the agent must say about it, and what must still be left out.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let manifest: String
        /// The parts of one line of the log: file, document, object, field, reason.
        let said: [String]
        /// An address and port that nobody may answer.
        var silent: (String, Int)?

        init(_ testDescription: String, _ manifest: String, says said: [String], silent: (String, Int)? = nil) {
            self.testDescription = testDescription
            self.manifest = manifest
            self.said = said
            self.silent = silent
        }
    }

    private static func service(_ spec: String) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: bad}
        spec: {\(spec)}
        ---
        apiVersion: v1
        kind: Endpoints
        metadata: {name: bad}
        subsets: [{addresses: [{ip: 10.244.1.11}], ports: [{port: 9000}]}]

        """
    }

    private static func endpoints(_ address: String) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: bad}
        spec: {clusterIP: 10.96.0.66, ports: [{port: 80}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: bad-1, labels: {kubernetes.io/service-name: bad}}
        addressType: \(address.contains(":") ? "IPv6" : "IPv4")
        ports: [{port: 9000}]
        endpoints: [{addresses: ["\(address)"]}]

        """
    }

    static let faults = [
        Fault(
            "text that is no YAML",
            "apiVersion: v1\nkind: [Service\nmetadata: {name: bad}\n",
            says: ["bad.yaml document 1", "line ", "column ", "the document is left out"]
        ),
        Fault(
            "broken document before a good one",
            "kind: [\n---\n" + ServiceManifest("other", number: 81, to: nil).service,
            says: ["bad.yaml document 1", "line ", "the document is left out"]
        ),
        Fault(
            "unknown kind",
            "apiVersion: example.com/v1\nkind: Sandwich\nmetadata: {name: bad}\n",
            says: ["bad.yaml document 1 (line 1)", "Sandwich", "bad", "kind", "the document is left out"]
        ),
        Fault(
            "no kind",
            "apiVersion: v1\nmetadata: {name: bad}\n",
            says: ["bad.yaml document 1 (line 1)", "kind"]
        ),
        Fault(
            "cluster IP that is none",
            service("clusterIP: 10.96.0.999, ports: [{port: 80}]"),
            says: [
                "bad.yaml document 1 (line 1)", "Service default/bad", "spec.clusterIP", "\"10.96.0.999\"",
                "the Service is left out",
            ]
        ),
        Fault(
            "no cluster IP",
            service("ports: [{port: 80, nodePort: 30066}]"),
            says: ["bad.yaml document 1 (line 1)", "Service default/bad", "spec.clusterIP", "left out"],
            silent: (ServiceLab.nodeAddress(.ipv4), 30_066)
        ),
        Fault(
            "port 0",
            service("clusterIP: 10.96.0.66, ports: [{port: 0}]"),
            says: ["bad.yaml document 1 (line 1)", "Service default/bad", "spec.ports[0].port", "left out"],
            silent: ("10.96.0.66", 80)
        ),
        Fault(
            "port 70000",
            service("clusterIP: 10.96.0.66, ports: [{port: 80}, {name: high, port: 70000}]"),
            says: ["bad.yaml document 1 (line 1)", "Service default/bad", "spec.ports[1].port", "70000", "left out"],
            silent: ("10.96.0.66", 4464)
        ),
        Fault(
            "target port 70000",
            service("clusterIP: 10.96.0.66, ports: [{port: 80, targetPort: 70000}]"),
            says: ["bad.yaml document 1 (line 1)", "Service default/bad", "spec.ports[0].targetPort", "70000"],
            silent: ("10.96.0.66", 80)
        ),
        Fault(
            "node port of another Service",
            service("clusterIP: 10.96.0.66, ports: [{port: 80, nodePort: 30080}]"),
            says: [
                "Service default/good", "spec.ports[0].nodePort", "30080/tcp", "Service default/bad",
                "which comes first by name", "left out on this node port",
            ]
        ),
        Fault(
            "unspecified endpoint",
            endpoints("0.0.0.0"),
            says: [
                "bad.yaml document 2 (line 6)", "EndpointSlice default/bad-1", "endpoints[0].addresses[0]", "0.0.0.0",
            ],
            silent: ("10.96.0.66", 80)
        ),
        Fault(
            "multicast endpoint",
            endpoints("224.0.0.1"),
            says: [
                "bad.yaml document 2 (line 6)", "EndpointSlice default/bad-1", "endpoints[0].addresses[0]", "multicast",
            ],
            silent: ("10.96.0.66", 80)
        ),
        Fault(
            "loopback endpoint",
            endpoints("127.0.0.1"),
            says: [
                "bad.yaml document 2 (line 6)", "EndpointSlice default/bad-1", "endpoints[0].addresses[0]", "loopback",
            ],
            silent: ("10.96.0.66", 80)
        ),
        Fault(
            "IPv6 loopback endpoint",
            endpoints("::1"),
            says: [
                "bad.yaml document 2 (line 6)", "EndpointSlice default/bad-1", "endpoints[0].addresses[0]", "loopback",
            ],
            silent: ("10.96.0.66", 80)
        ),
        Fault(
            "endpoint that is no address",
            endpoints("web-1.example.com"),
            says: [
                "bad.yaml document 2 (line 6)", "EndpointSlice default/bad-1", "endpoints[0].addresses[0]",
                "web-1.example",
            ],
            silent: ("10.96.0.66", 80)
        ),
    ]

    @Test(arguments: faults)
    func `is named with its file, document, object and field, and all others work`(fault: Fault) throws {
        let lab = try AgentLab(pods: 1)
        let good = ServiceManifest("good", nodePort: 30_080, to: [lab.pod(1)])
        try lab.put(good.yaml, in: "good.yaml")
        try lab.put(fault.manifest, in: "bad.yaml")
        try lab.startAgent()
        try expectNamed(fault, in: lab.agent.lines)
        try expectWorks(good, on: lab)
        if let (address, port) = fault.silent {
            let summary = try lab.probe(.tcp, address, port: port, from: lab.node, timeoutMilliseconds: 200)
            #expect(summary.ok == 0, "\(summary)")
        }
    }

    /// Those that the agent reports of the file itself, not of another that it is at odds with.
    static let faultsOfTheFile = faults.filter { $0.said[0].hasPrefix("bad.yaml") }

    @Test(arguments: faultsOfTheFile)
    func `that comes later leaves alone what works, and is forgotten when it goes`(fault: Fault) throws {
        let lab = try AgentLab(pods: 1)
        let good = ServiceManifest("good", to: [lab.pod(1)])
        try lab.put(good.yaml, in: "good.yaml")
        try lab.startAgent()
        let probe = try lab.cluster.startProbe(
            .tcp,
            socketAddress(good.clusterIP(.ipv4), 80),
            from: lab.client,
            options: ["--count", "100", "--interval", "5"]
        )
        let start = try lab.agent.lines.count
        try lab.put(fault.manifest, in: "bad.yaml")
        try lab.agent.waitForLine(containing: fault.said[0], after: start)
        try expectNamed(fault, in: lab.agent.lines.dropFirst(start))
        try lab.awaitLine(containing: "solved: \(fault.said[0])") { lab.remove("bad.yaml") }
        try lab.cluster.summary(of: probe).expectAllOK()
    }

    private func expectNamed(_ fault: Fault, in lines: some Sequence<Substring>) throws {
        #expect(lines.contains { line in fault.said.allSatisfy { line.contains($0) } }, "\(Array(lines))")
    }

    private func expectWorks(_ good: ServiceManifest, on lab: AgentLab) throws {
        for family in AddressFamily.allCases {
            for transport in probedProtocols {
                try lab.probe(transport, good.clusterIP(family), from: lab.client, count: 3).expectAllOK()
            }
        }
    }
}

extension ProbeSummary {
    /// Records an issue unless every try was answered.
    func expectAllOK(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(ok == tries && tries > 0, "\(self)", sourceLocation: sourceLocation)
    }
}
