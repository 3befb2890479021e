import LabKit
import NetworkAddress
import Testing

/// The pages by which probes, load balancers and Prometheus look at an agent.
@Suite(.needsLab)
struct `Status pages` {
    private static let healthPort = 10_256
    private static let metricsPort = 10_249
    private static let loopback = "127.0.0.1"

    private static func lab(options: [String] = []) throws -> AgentLab {
        let lab = try AgentLab(pods: 1, options: AgentLab.podRanges + options)
        try lab.put(ServiceManifest(to: [lab.pod(1)]).yaml)
        try lab.startAgent()
        return lab
    }

    private static func node(_ spec: String) -> String {
        "{apiVersion: v1, kind: Node, metadata: {name: \(AgentLab.nodeName)}, spec: {\(spec)}}\n"
    }

    /// The value of a metric without labels, or with those that the name ends in.
    private static func metric(_ name: String, of lab: AgentLab) throws -> Double? {
        let text = try lab.get("/metrics", at: loopback, port: metricsPort, from: lab.node)?.body ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    @Test(arguments: ["/healthz", "/livez"])
    func `say that the proxy is healthy, to machines outside too`(path: String) throws {
        let lab = try Self.lab()
        for (address, source) in [(ServiceLab.nodeAddress(.ipv4), lab.client), (Self.loopback, lab.node)] {
            let answer = try #require(try lab.get(path, at: address, port: Self.healthPort, from: source))
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "application/json")
            #expect(answer.body.contains(#""healthy":true"#))
            #expect(answer.body.contains(#""nodeEligible":true"#) == (path == "/healthz"))
            for family in AddressFamily.allCases { #expect(answer.body.contains(#""\#(family)":{"lastUpdated":""#)) }
        }
        let missing = try lab.get("/other", at: Self.loopback, port: Self.healthPort, from: lab.node)
        #expect(missing?.status == 404)
    }

    @Test func `turn traffic away from a node that is about to be removed, and say that the proxy lives`() throws {
        let lab = try Self.lab()
        func health() throws -> HTTPAnswer? {
            try lab.get("/healthz", at: Self.loopback, port: Self.healthPort, from: lab.node)
        }
        try lab.put(Self.node("taints: [{key: ToBeDeletedByClusterAutoscaler, effect: NoSchedule}]"), in: "node.yaml")
        #expect(try eventually { try health()?.status == 503 })
        #expect(try health()?.body.contains(#""nodeEligible":false"#) == true)
        #expect(try lab.get("/livez", at: Self.loopback, port: Self.healthPort, from: lab.node)?.status == 200)
        try lab.put(Self.node("taints: [{key: other, effect: NoSchedule}]"), in: "node.yaml")
        #expect(try eventually { try health()?.status == 200 })
        #expect(try Self.metric(#"kubeproxy_proxy_healthz_total{code="503"}"#, of: lab) ?? 0 > 0)
    }

    @Test func `name the mode, and are not for machines outside`() throws {
        let lab = try Self.lab()
        let mode = try lab.get("/proxyMode", at: Self.loopback, port: Self.metricsPort, from: lab.node)
        #expect(mode?.status == 200 && mode?.body == "nftables")
        let health = try lab.get("/healthz", at: Self.loopback, port: Self.metricsPort, from: lab.node)
        #expect(health?.status == 200 && health?.body == "ok")
        let outside = ServiceLab.nodeAddress(.ipv4)
        #expect(try lab.get("/proxyMode", at: outside, port: Self.metricsPort, from: lab.client) == nil)
        let posted = try lab.get(
            "/metrics",
            at: Self.loopback,
            port: Self.metricsPort,
            from: lab.node,
            options: ["-X", "POST"]
        )
        #expect(posted?.status == 405)
    }

    @Test func `count syncs, changes and the repairs after others' changes`() throws {
        let lab = try Self.lab()
        func repairs() throws -> Double? { try Self.metric("fairlead_agent_drift_repairs_total", of: lab) }
        let syncs = #"kubeproxy_sync_proxy_rules_duration_seconds_count{ip_family="IPv4"}"#
        let changes = "kubeproxy_sync_proxy_rules_service_changes_total"
        let (syncsBefore, changesBefore) = (try Self.metric(syncs, of: lab), try Self.metric(changes, of: lab))
        #expect(syncsBefore == 1 && changesBefore == 1)
        #expect(try repairs() == 0)
        try lab.awaitProgrammed { try lab.put(ServiceManifest("db", number: 81, to: []).yaml, in: "db.yaml") }
        #expect(try eventually { try Self.metric(changes, of: lab) == 2 })
        #expect(try Self.metric(syncs, of: lab) == 2)
        #expect(try Self.metric("fairlead_agent_services", of: lab) == 2)
        for count in 1...2 {
            try lab.awaitLine(containing: "mended") {
                try lab.lab.runSuccessfully(["nft", "flush", "ruleset"], in: lab.node)
            }
            #expect(try eventually { try repairs() == Double(count) })
        }
        #expect(try Self.metric("fairlead_agent_tables_damaged", of: lab) == 0)
    }

    @Test func `are served where the options say, or not at all`() throws {
        let lab = try Self.lab(
            options: ["--healthz-bind-address", "", "--metrics-bind-address", "0.0.0.0:10349"]
        )
        let outside = ServiceLab.nodeAddress(.ipv4)
        #expect(try lab.get("/proxyMode", at: outside, port: 10_349, from: lab.client)?.body == "nftables")
        #expect(try lab.get("/proxyMode", at: Self.loopback, port: Self.metricsPort, from: lab.node) == nil)
        #expect(try lab.get("/healthz", at: Self.loopback, port: Self.healthPort, from: lab.node) == nil)
    }
}
