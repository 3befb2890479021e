import LabKit
import NetworkAddress
import Testing

/// Changes of the manifests while the agent runs.
@Suite(.needsLab)
struct `A change of the manifests` {
    private let lab: AgentLab

    init() throws {
        lab = try AgentLab(pods: 2)
        try lab.put(ServiceManifest(to: [lab.pod(1)]).yaml)
        try lab.startAgent()
    }

    /// The Service as it is to be after the change.
    private var changed: String { ServiceManifest(to: [lab.pod(2)]).yaml }

    private func expectAnswers(
        of pod: String?,
        number: Int = 80,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for family in AddressFamily.allCases {
            let address = ServiceManifest.clusterIP(number, family)
            for transport in probedProtocols {
                let summary = try lab.probe(transport, address, from: lab.client, count: 3, timeoutMilliseconds: 200)
                let expected = pod.map { [$0: 3] } ?? [:]
                #expect(summary.pods == expected, "\(transport) \(family): \(summary)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test func `by a file renamed into place takes effect`() throws {
        try expectAnswers(of: "web-1")
        try lab.awaitProgrammed { try lab.put(changed) }
        try expectAnswers(of: "web-2")
    }

    @Test func `by a file written in place takes effect`() throws {
        try lab.awaitProgrammed {
            try lab.lab.runSuccessfully(["cp", "/dev/stdin", lab.path("web.yaml")], input: changed)
        }
        try expectAnswers(of: "web-2")
    }

    @Test func `by a file in a new sub-folder takes effect`() throws {
        _ = try lab.lab.makeDirectory("manifests/team")
        _ = try lab.lab.makeDirectory("manifests/team/blog")
        let blog = ServiceManifest("blog", number: 81, to: [lab.pod(2)])
        try lab.awaitProgrammed { try lab.put(blog.yaml, in: "team/blog/blog.yaml") }
        try expectAnswers(of: "web-2", number: 81)
        try lab.awaitProgrammed { try lab.lab.runSuccessfully(["rm", "-r", lab.path("team")]) }
        try expectAnswers(of: nil, number: 81)
        try expectAnswers(of: "web-1")
    }

    @Test func `that removes a file removes its Services`() throws {
        let blog = ServiceManifest("blog", number: 81, to: [lab.pod(2)])
        try lab.awaitProgrammed { try lab.put(blog.yaml, in: "blog.yaml") }
        try expectAnswers(of: "web-2", number: 81)
        try lab.awaitProgrammed { lab.remove("blog.yaml") }
        try expectAnswers(of: nil, number: 81)
        try expectAnswers(of: "web-1")
    }

    @Test func `that moves a Service to another file interrupts nothing`() throws {
        let probe = try lab.cluster.startProbe(
            .tcp,
            socketAddress(ServiceManifest.clusterIP(80, .ipv4), 80),
            from: lab.client,
            options: ["--duration", "1", "--interval", "1"]
        )
        try lab.lab.runSuccessfully(["mv", lab.path("web.yaml"), lab.path("moved.yaml")])
        let summary = try lab.cluster.summary(of: probe)
        summary.expectAllOK()
    }

    @Test func `by a List takes effect, item by item`() throws {
        let web = ServiceManifest(to: [lab.pod(2)])
        let blog = ServiceManifest("blog", number: 81, to: [lab.pod(1)])
        let items = [web.service, blog.service] + web.slices + blog.slices
        let list = items.map { item in
            item.split(separator: "\n").enumerated().map { "\($0 == 0 ? "- " : "  ")\($1)\n" }.joined()
        }
        try lab.awaitProgrammed { try lab.put("apiVersion: v1\nkind: List\nitems:\n\(list.joined())") }
        try expectAnswers(of: "web-2")
        try expectAnswers(of: "web-1", number: 81)
    }

    @Test func `by JSON takes effect`() throws {
        let blog = """
            {"apiVersion": "v1", "kind": "List", "items": [
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "blog"},
               "spec": {"clusterIPs": ["10.96.0.81", "fd00:10:96::81"],
                 "ports": [{"name": "tcp", "port": 80}, {"name": "udp", "port": 80, "protocol": "UDP"}]}},
              {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "blog"},
               "subsets": [{"addresses": [{"ip": "\(lab.pod(2).ipv4)"}, {"ip": "\(lab.pod(2).ipv6)"}],
                 "ports": [{"name": "tcp", "port": 9000}, {"name": "udp", "port": 9000, "protocol": "UDP"}]}]}
            ]}
            """
        try lab.awaitProgrammed { try lab.put(blog, in: "blog.json") }
        try expectAnswers(of: "web-2", number: 81)
    }

    @Test func `of a Service's port closes the old one and opens the new one`() throws {
        let moved = ServiceManifest(to: [lab.pod(1)]).yaml.replacing("port: 80,", with: "port: 8000,")
        try lab.awaitProgrammed { try lab.put(moved) }
        let address = ServiceManifest.clusterIP(80, .ipv4)
        #expect(try lab.probe(.tcp, address, port: 8000, from: lab.client).ok == 1)
        #expect(try lab.probe(.tcp, address, port: 80, from: lab.client).refused == 1)
    }
}
