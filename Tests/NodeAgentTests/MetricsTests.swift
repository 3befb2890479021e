import KubernetesAPI
import NetworkAddress
import NodeAgent
import Nftables
import NftablesTestKit
import ServiceDiscovery
import ServiceModel
import ServiceRules
import StatusServer
import Telemetry
import Testing

struct `Metrics of the agent` {
    private let registry = MetricRegistry()
    private let log = Logger(threshold: .error, format: .text, now: { WallTime(seconds: 0) }, write: { _ in })

    private func publisher(_ configure: (inout AgentOptions) -> Void = { _ in }) -> AgentStatusPublisher {
        var options = AgentOptions(nodeName: "a")
        configure(&options)
        return AgentStatusPublisher(options: options, metrics: registry, log: log, journal: EventJournal(log: log))
    }

    /// The value of a sample.
    private func value(_ sample: String) -> Double? {
        registry.exposition().split(separator: "\n").first { $0.hasPrefix("\(sample) ") }
            .flatMap { Double($0.dropFirst(sample.count + 1)) }
    }

    private func snapshot(_ name: String, _ actions: [FrontEndAction], masquerade: Masquerade) -> ServiceSnapshot {
        let frontEnds = actions.enumerated().compactMap { index, action in
            Port(80 + index).map { port in
                FrontEnd(
                    key: FrontEndKey(listener: .address(IPAddress(10, 96, 0, 1)), transport: .tcp, port: port),
                    portName: "p\(index)",
                    masquerade: masquerade,
                    action: action
                )
            }
        }
        return ServiceSnapshot(service: ObjectName(namespace: "d", name: name), frontEnds: frontEnds)
    }

    private func endpoints(_ count: UInt8) -> FrontEndAction {
        .forward(
            (1...count).compactMap { last in
                Port(8080).map { Endpoint(TransportAddress(IPAddress(10, 244, 0, last), $0)) }
            }
        )
    }

    @Test func `every name of kube-proxy in nftables mode is there, with its type and labels`() {
        let publisher = publisher()
        publisher.queued([])
        publisher.synced(isRebuild: true, took: .milliseconds(3), services: 0, quarantined: [:])
        publisher.synced(isRebuild: false, took: .milliseconds(3), services: 0, quarantined: [:])
        let now = AgentStatus.Moment.now.wall
        let times = [Timestamp(seconds: now.seconds, nanoseconds: now.nanoseconds), Timestamp(seconds: 1)]
        publisher.programmed(times.map { ChangeTrigger(family: .ipv4, time: $0) })
        publisher.metrics.kubeProxy.conntrackDuration["IPv4"].observe(Duration.milliseconds(1))
        publisher.metrics.kubeProxy.conntrackDeleted["IPv4"].increment(by: 2)
        let text = registry.exposition()
        let expected: [(name: String, type: String, sample: String)] = [
            ("sync_proxy_rules_duration_seconds", "histogram", #"_bucket{ip_family="IPv4",le="16.384"} 2"#),
            ("sync_proxy_rules_duration_seconds", "histogram", #"_bucket{ip_family="IPv6",le="0.002"} 0"#),
            ("sync_full_proxy_rules_duration_seconds", "histogram", #"_count{ip_family="IPv4"} 1"#),
            ("sync_partial_proxy_rules_duration_seconds", "histogram", #"_count{ip_family="IPv6"} 1"#),
            ("sync_proxy_rules_last_timestamp_seconds", "gauge", #"{ip_family="IPv4"} "#),
            ("sync_proxy_rules_last_queued_timestamp_seconds", "gauge", #"{ip_family="IPv6"} "#),
            ("network_programming_duration_seconds", "histogram", #"_bucket{ip_family="IPv4",le="300"} 1"#),
            ("sync_proxy_rules_endpoint_changes_pending", "gauge", " 0"),
            ("sync_proxy_rules_endpoint_changes_total", "counter", " 0"),
            ("sync_proxy_rules_service_changes_pending", "gauge", " 0"),
            ("sync_proxy_rules_service_changes_total", "counter", " 0"),
            (
                "sync_proxy_rules_no_local_endpoints_total", "gauge",
                #"{ip_family="IPv4",traffic_policy="external"} 0"#
            ),
            ("sync_proxy_rules_nftables_sync_failures_total", "counter", #"{ip_family="IPv6"} 0"#),
            ("sync_proxy_rules_nftables_cleanup_failures_total", "counter", #"{ip_family="IPv4"} 0"#),
            ("conntrack_reconciler_sync_duration_seconds", "histogram", #"_bucket{ip_family="IPv4",le="0.001"} 1"#),
            ("conntrack_reconciler_deleted_entries_total", "counter", #"{ip_family="IPv4"} 2"#),
            ("proxy_healthz_total", "counter", ""),
            ("proxy_livez_total", "counter", ""),
        ]
        for (name, type, sample) in expected {
            #expect(
                text.contains("\n# TYPE kubeproxy_\(name) \(type)\n") || text.hasPrefix("# HELP kubeproxy_\(name) ")
            )
            if !sample.isEmpty { #expect(text.contains("\nkubeproxy_\(name)\(sample)"), "\(name)\(sample)") }
        }
        // 0.25, 0.5, 59 seconds, 12 of five seconds, 7 of half a minute, and one without a bound.
        let buckets = text.split(separator: "\n").count {
            $0.hasPrefix("kubeproxy_network_programming_duration_seconds_b")
        }
        #expect(buckets == 2 + 59 + 12 + 7 + 1)
    }

    @Test func `changes are pending until the kernel has them, and counted for ever`() {
        let publisher = publisher()
        let changes = [ObjectKind.service, .endpointSlice, .endpoints, .pod].map {
            ObjectChange.removed(ObjectReference(kind: $0, namespace: "d", name: "x"))
        }
        publisher.queued(changes)
        publisher.failed()
        #expect(value("kubeproxy_sync_proxy_rules_endpoint_changes_pending") == 2)
        #expect(value("kubeproxy_sync_proxy_rules_service_changes_pending") == 1)
        #expect(value("fairlead_agent_sync_failures_total") == 1)
        #expect(value(#"kubeproxy_sync_proxy_rules_nftables_sync_failures_total{ip_family="IPv4"}"#) == 1)
        publisher.synced(isRebuild: false, took: .microseconds(90), services: 7, quarantined: [:])
        #expect(value("kubeproxy_sync_proxy_rules_endpoint_changes_pending") == 0)
        #expect(value("kubeproxy_sync_proxy_rules_endpoint_changes_total") == 2)
        #expect(value("fairlead_agent_services") == 7)
        #expect(value(#"fairlead_agent_sync_duration_seconds_bucket{le="8e-05"}"#) == 0)
        #expect(value(#"fairlead_agent_sync_duration_seconds_bucket{le="0.00016"}"#) == 1)
    }

    @Test func `drift shows until it is mended`() {
        let publisher = publisher()
        publisher.driftNoticed()
        #expect(value("fairlead_agent_tables_damaged") == 1)
        publisher.synced(isRebuild: false, took: .zero, services: 0, quarantined: [:])
        #expect(value("fairlead_agent_tables_damaged") == 1)
        publisher.synced(isRebuild: true, took: .zero, services: 0, quarantined: [:])
        #expect(value("fairlead_agent_tables_damaged") == 0)
        #expect(value("fairlead_agent_drift_repairs_total") == 1)
        publisher.synced(isRebuild: true, took: .zero, services: 0, quarantined: [:])
        #expect(value("fairlead_agent_drift_repairs_total") == 1)
    }

    @Test func `quarantined Services are counted by error and named, a hundred of them`() {
        let publisher = publisher()
        var refused: [ObjectName: String] = [:]
        for number in 0..<120 {
            refused[ObjectName(namespace: "d", name: "s\(number)")] = KernelReason.setFull.description
        }
        refused[ObjectName(namespace: "a", name: "a")] = KernelReason(rawValue: 77).description
        publisher.synced(isRebuild: false, took: .zero, services: 0, quarantined: refused)
        #expect(value(#"fairlead_agent_quarantined_services{reason="ENFILE"}"#) == 120)
        #expect(value(#"fairlead_agent_quarantined_services{reason="other"}"#) == 1)
        let named = "fairlead_agent_quarantined_service_info{"
        #expect(registry.exposition().split(separator: "\n").count { $0.hasPrefix(named) } == 100)
        #expect(value(#"\#(named)namespace="a",service="a",reason="other"}"#) == 1)
        publisher.synced(isRebuild: false, took: .zero, services: 0, quarantined: [:])
        #expect(!registry.exposition().contains(named))
    }

    @Test func `problems come and go by the kind of object`() {
        let publisher = publisher()
        let service = ObjectProblem(object: "Service d/web", message: "m")
        let broken = ObjectProblem(origin: "x.yaml", message: "m")
        publisher.problems(appeared: [service, broken], cleared: [])
        #expect(value(#"fairlead_agent_object_problems{kind="Service"}"#) == 1)
        #expect(value(#"fairlead_agent_object_problems{kind="other"}"#) == 1)
        publisher.problems(appeared: [], cleared: [service])
        #expect(value(#"fairlead_agent_object_problems{kind="Service"}"#) == 0)
    }

    @Test func `Services have metrics of their own when asked for, and no more than asked for`() {
        let silent = publisher()
        silent.wanted([snapshot("a", [endpoints(3)], masquerade: .offCluster)], endpoints: 3)
        #expect(!registry.exposition().contains("fairlead_agent_service_endpoints{"))
        #expect(value("fairlead_agent_endpoints") == 3)

        let other = MetricRegistry()
        var options = AgentOptions(nodeName: "a")
        options.servicesWithMetricsMax = 1
        let publisher = AgentStatusPublisher(
            options: options,
            metrics: other,
            log: log,
            journal: EventJournal(log: log)
        )
        let sample = { (name: String, count: Int) in
            "\nfairlead_agent_service_endpoints{namespace=\"d\",service=\"\(name)\"} \(count)\n"
        }
        publisher.wanted([snapshot("a", [endpoints(3), endpoints(5)], masquerade: .offCluster)], endpoints: 3)
        publisher.wanted([snapshot("b", [endpoints(2)], masquerade: .offCluster)], endpoints: 5)
        #expect(other.exposition().contains(sample("a", 5)))
        #expect(!other.exposition().contains(sample("b", 2)))
        publisher.wanted([snapshot("a", [], masquerade: .offCluster)], endpoints: 2)
        publisher.wanted([snapshot("b", [endpoints(2)], masquerade: .offCluster)], endpoints: 2)
        #expect(!other.exposition().contains(sample("a", 5)))
        #expect(other.exposition().contains(sample("b", 2)))
    }

    @Test func `ports under a Local policy without an endpoint here are counted`() {
        let publisher = publisher()
        let name = { (policy: String) in
            "kubeproxy_sync_proxy_rules_no_local_endpoints_total{ip_family=\"IPv4\",traffic_policy=\"\(policy)\"}"
        }
        publisher.wanted([snapshot("a", [.drop, .drop, .refuse], masquerade: .offCluster)], endpoints: 0)
        publisher.wanted([snapshot("b", [.drop], masquerade: .never)], endpoints: 0)
        #expect(value(name("internal")) == 2)
        #expect(value(name("external")) == 1)
        publisher.wanted([snapshot("a", [.drop, endpoints(1)], masquerade: .offCluster)], endpoints: 1)
        publisher.wanted([snapshot("b", [], masquerade: .never)], endpoints: 1)
        #expect(value(name("internal")) == 1)
        #expect(value(name("external")) == 0)
    }

    @Test func `elements are counted by what the kernel acknowledged, also after others deleted the tables`() throws {
        let publisher = publisher()
        let kernel = InMemoryRuleset()
        let committer = RulesetCommitter(
            store: MeasuredRulesetStore(kernel, metrics: publisher.metrics),
            configuration: DataPlaneConfiguration()
        )
        let sample = { (set: String) in "fairlead_agent_elements{ip_family=\"IPv4\",set=\"\(set)\"}" }
        _ = try committer.rebuild([snapshot("a", [endpoints(3)], masquerade: .offCluster)])
        #expect(value(sample("endpoints")) == 3)
        #expect(value(sample("services")) == 1)
        _ = try committer.commit([snapshot("a", [endpoints(2)], masquerade: .offCluster)])
        #expect(value(sample("endpoints")) == 2)
        _ = try committer.rebuild()
        #expect(value(sample("endpoints")) == 2)
        try kernel.apply(Transaction([.deleteTable(Table(.ip, "fairlead"))]))
        _ = try committer.rebuild()
        #expect(value(sample("endpoints")) == 2)
        #expect(value("fairlead_agent_kernel_commit_duration_seconds_count") == 4)
        _ = try committer.cleanup()
        #expect(value(sample("endpoints")) == 0)
    }

    @Test func `the process and the build are told`() throws {
        _ = publisher()
        #expect(try #require(value("process_cpu_seconds_total")) >= 0)
        #expect(try #require(value("process_resident_memory_bytes")) > 1_048_576)
        #expect(try #require(value("process_open_fds")) > 2)
        let start = try #require(value("process_start_time_seconds"))
        let now = Double(AgentStatus.Moment.now.wall.seconds)
        // The boot time that the kernel tells is a whole second, and moves with the clock.
        #expect(start <= now + 2 && start > now - 86_400)
        #expect(value(#"fairlead_agent_build_info{version="\#(AgentBuild.version)"}"#) == 1)
    }
}
