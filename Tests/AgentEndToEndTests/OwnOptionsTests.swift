import LabKit
import NetworkAddress
import Testing

/// What operators turn on or off, seen from clients.
@Suite(.needsLab)
struct `Options of the operator` {
    private static let metricsPort = 10_249

    private static func get(_ path: String, of lab: AgentLab) throws -> String {
        try lab.get(path, at: "127.0.0.1", port: metricsPort, from: lab.node)?.body ?? ""
    }

    /// A Service with an external IP and a load balancer's address that takes IPv6 clients only.
    private static func service(_ lab: AgentLab) -> ServiceManifest {
        var web = ServiceManifest(nodePort: ServiceManifest.labNodePort, to: [lab.pod(1)])
        web.spec = ServiceManifest.everyFrontEnd + ["loadBalancerSourceRanges: [\"2001:db8:ffff::/48\"]"]
        return web
    }

    @Test func `keep external IPs out of use, and all else as it is`() throws {
        let lab = try AgentLab(options: AgentLab.podRanges + ["--feature-gates", "AllowServiceExternalIPs=false"])
        let web = Self.service(lab)
        try lab.put(web.yamlWithLoadBalancer)
        try lab.startAgent()
        for family in AddressFamily.allCases {
            for (frontEnd, answers) in [(LabFrontEnd.externalIP, 0), (.nodePort, 1), (.clusterIP, 1)] {
                let (address, port) = web.target(frontEnd, family)
                let summary = try lab.probe(.tcp, address, port: port, from: lab.client, timeoutMilliseconds: 300)
                #expect(summary.pods["web-1", default: 0] == answers, "\(frontEnd) \(family): \(summary)")
            }
        }
    }

    @Test(arguments: [false, true])
    func `let source ranges of one family close or open the other`(failsOpen: Bool) throws {
        let lab = try AgentLab(options: AgentLab.podRanges + (failsOpen ? ["--source-ranges-fail-open"] : []))
        let web = Self.service(lab)
        try lab.put(web.yamlWithLoadBalancer)
        try lab.startAgent()
        let (address, port) = web.target(.loadBalancer, .ipv4)
        let summary = try lab.probe(.tcp, address, port: port, from: lab.client, timeoutMilliseconds: 300)
        #expect(summary.pods["web-1", default: 0] == (failsOpen ? 1 : 0), "\(summary)")
    }

    @Test func `give Services metrics of their own, and show themselves`() throws {
        let lab = try AgentLab(options: AgentLab.podRanges + ["--services-with-metrics-max", "5"])
        try lab.put(ServiceManifest(to: [lab.pod(1)]).yaml)
        try lab.startAgent()
        let metrics = try Self.get("/metrics", of: lab)
        let sample = #"fairlead_agent_service_endpoints{namespace="default",service="web"} 1"#
        #expect(metrics.contains("\n\(sample)\n"))
        #expect(try Self.get("/flagz", of: lab).contains("\nservices-with-metrics-max=5\n"))
        let configuration = try Self.get("/configz", of: lab)
        #expect(configuration.contains(#""servicesWithMetricsMax":5"#))
        #expect(configuration.contains(#""hostnameOverride":"\#(AgentLab.nodeName)""#))
        #expect(try Self.get("/metrics/slis", of: lab).contains("kubernetes_healthcheck{"))
        #expect(try Self.get("/statusz", of: lab).contains("fairlead-agent statusz"))
    }

    @Test func `are not needed to measure how long endpoints take from their change to the kernel`() throws {
        let lab = try AgentLab()
        let web = ServiceManifest(to: [lab.pod(1)])
        try lab.put(web.service + "---\n" + web.slices.joined(separator: "---\n"))
        try lab.startAgent()
        func count(_ family: AddressFamily) throws -> Bool {
            let name = "kubeproxy_network_programming_duration_seconds_count{ip_family=\"\(family)\"} 1\n"
            return try Self.get("/metrics", of: lab).contains(name)
        }
        #expect(try !count(.ipv4))
        let now = try lab.lab.runSuccessfully(["date", "-u", "+%Y-%m-%dT%H:%M:%S.%NZ"]).prefix { $0 != "\n" }
        var moved = ServiceManifest(to: [])
        moved.targetPorts = web.targetPorts
        let annotation = "  annotations: {endpoints.kubernetes.io/last-change-trigger-time: \"\(now)\"}\n  labels:"
        let slices = moved.slices.map { slice in
            let parts = slice.split(separator: "  labels:", maxSplits: 1)
            return slice.contains("addressType: IPv4") ? parts.joined(separator: annotation) : slice
        }
        try lab.awaitProgrammed { try lab.put(([web.service] + slices).joined(separator: "---\n")) }
        #expect(try eventually { try count(.ipv4) })
        #expect(try !count(.ipv6))
    }
}
