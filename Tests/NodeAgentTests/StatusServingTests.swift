import LinuxSystem
import NetworkAddress
import NodeAgent
import ServiceDiscovery
import ServiceModel
import ServiceRules
import StatusServer
import Synchronization
import Telemetry
import Testing

@Suite(.serialized)
struct `The agent's ports` {
    private static let loopback = IPAddress(127, 0, 0, 1)
    private let service = ObjectName(namespace: "d", name: "lb")
    private let lines = Lines()

    /// Log lines on their way to an expectation.
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
        var text: String { all.withLock { $0.joined() } }
    }

    private func publisher(
        _ options: AgentOptions,
        _ registry: MetricRegistry = MetricRegistry()
    ) -> AgentStatusPublisher {
        let lines = lines
        let log = Logger(threshold: .debug, format: .text, now: { WallTime(seconds: 0) }) { line in
            lines.all.withLock { $0.append(line) }
        }
        return AgentStatusPublisher(options: options, metrics: registry, log: log)
    }

    @Test func `probes and scrapes are answered while the agent is busy`() throws {
        let addresses = try freePorts(2)
        var options = AgentOptions(nodeName: "a")
        options.healthzAddress = addresses[0]
        options.metricsAddress = addresses[1]
        let publisher = publisher(options)
        try publisher.start()
        defer { publisher.stop() }
        publisher.synced(isRebuild: true, took: .milliseconds(1), services: 3, quarantined: [:])
        // This thread plays the agent in the middle of a rebuild: nothing of the publisher runs here meanwhile.
        let healthz = try ask(addresses[0], "/healthz")
        #expect(healthz.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"))
        #expect(healthz.contains(#""nodeEligible":true,"healthy":true,"status":{"IPv4":"#))
        #expect(try ask(addresses[0], "/livez", method: "POST").hasPrefix("HTTP/1.1 200 "))
        #expect(try ask(addresses[0], "/metrics").hasPrefix("HTTP/1.1 404 "))
        let metrics = try ask(addresses[1], "/metrics")
        #expect(metrics.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(metrics.contains("\nkubeproxy_proxy_healthz_total{code=\"200\"} 1\n"))
        #expect(metrics.contains("\nkubeproxy_proxy_livez_total{code=\"200\"} 1\n"))
        #expect(metrics.contains("\nfairlead_agent_services 3\n"))
        #expect(try ask(addresses[1], "/healthz").hasSuffix("\r\n\r\nok"))
        #expect(try ask(addresses[1], "/proxyMode").hasSuffix("\r\n\r\nnftables"))
        #expect(try ask(addresses[1], "/proxyMode", method: "PUT").hasPrefix("HTTP/1.1 405 "))
        #expect(try ask(addresses[1], "/nowhere").hasPrefix("HTTP/1.1 404 "))
        publisher.driftNoticed()
        #expect(try ask(addresses[0], "/healthz").hasPrefix("HTTP/1.1 503 "))
    }

    @Test func `counting and scraping at once harm nobody`() async throws {
        let addresses = try freePorts(1)
        var options = AgentOptions(nodeName: "a")
        options.metricsAddress = addresses[0]
        options.servicesWithMetricsMax = 100
        let registry = MetricRegistry()
        let publisher = publisher(options, registry)
        try publisher.start()
        defer { publisher.stop() }
        let scrapes = Task { try (0..<30).map { _ in try ask(addresses[0], "/metrics") } }
        for number in 0..<2000 {
            publisher.queued([])
            publisher.wanted(
                [ServiceSnapshot(service: ObjectName(namespace: "d", name: "s\(number % 150)"), frontEnds: [])],
                endpoints: number
            )
            publisher.synced(isRebuild: false, took: .microseconds(number), services: number, quarantined: [:])
        }
        for answer in try await scrapes.value { #expect(answer.contains("\nfairlead_agent_syncs_total ")) }
        #expect(registry.exposition().contains("\nfairlead_agent_syncs_total 2000\n"))
    }

    @Test func `health checks come, change their port and go`() throws {
        let ports = try freePorts(2).map(\.port)
        let publisher = publisher(AgentOptions(nodeName: "a"))
        try publisher.start()
        defer { publisher.stop() }
        let only: [AddressFamily: NodePortAddresses] = [.ipv4: .only([Self.loopback])]
        func check(_ port: Port, _ endpoints: Int) -> HealthCheck {
            HealthCheck(service: service, port: port, localReadyEndpoints: [.ipv4: endpoints])
        }
        let first = TransportAddress(Self.loopback, ports[0])
        let second = TransportAddress(Self.loopback, ports[1])
        publisher.healthChecks([check(ports[0], 1)], on: only)
        let answer = try ask(first, "/any", method: "OPTIONS")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nX-Load-Balancing-Endpoint-Weight: 1\r\n"))
        #expect(answer.contains("\r\nContent-Length: 107\r\n"))
        publisher.healthChecks([check(ports[0], 0)], on: only)
        #expect(try ask(first, "/").hasPrefix("HTTP/1.1 503 "))
        publisher.healthChecks([check(ports[1], 2)], on: only)
        #expect(isClosed(first))
        #expect(try ask(second, "/").hasPrefix("HTTP/1.1 200 "))
        publisher.healthChecks([], on: only)
        #expect(isClosed(second))
    }

    /// Whether nobody answers there: the port is refused, or a connection that came just before it closed is reset.
    private func isClosed(_ address: TransportAddress) -> Bool {
        do {
            _ = try ask(address, "/")
            return false
        } catch let error as Errno {
            return error == .connectionRefused || error == .connectionReset
        } catch {
            return false
        }
    }

    @Test func `an address that is taken is logged and tried again`() throws {
        let holder = try StatusServer()
        let held = try holder.open(on: Self.loopback, port: nil) { _ in .plain(.ok, "held") }
        var options = AgentOptions(nodeName: "a")
        options.healthzAddress = held.address
        let publisher = publisher(options)
        let began = ContinuousClock.now
        try publisher.start()
        defer { publisher.stop() }
        #expect(lines.text.contains("the health server: cannot listen on \(held.address): Address already in use"))
        let due = try #require(publisher.nextDeadline)
        #expect(due - began >= .seconds(5))
        holder.stop()
        publisher.retry(now: began)
        #expect(throws: Errno.self) { try ask(held.address, "/livez") }
        publisher.retry(now: due)
        #expect(try ask(held.address, "/livez").hasPrefix("HTTP/1.1 200 "))
        #expect(publisher.nextDeadline == nil)
        #expect(lines.text.contains("solved: the health server listens on \(held.address)"))
    }

    @Test func `an address that is taken ends an agent that is told so`() throws {
        let holder = try StatusServer()
        let held = try holder.open(on: Self.loopback, port: nil) { _ in .plain(.ok, "held") }
        var options = AgentOptions(nodeName: "a")
        options.metricsAddress = held.address
        options.bindFailureIsFatal = true
        let publisher = publisher(options)
        #expect(throws: StatusServerError.self) { try publisher.start() }
    }

    @Test func `an unspecified address stands for both families`() throws {
        let port = try freePorts(1)[0].port
        var options = AgentOptions(nodeName: "a")
        options.healthzAddress = TransportAddress(IPAddress(family: .ipv4, bits: 0), port)
        let publisher = publisher(options)
        try publisher.start()
        defer { publisher.stop() }
        #expect(try ask(TransportAddress(Self.loopback, port), "/livez").hasPrefix("HTTP/1.1 200 "))
        let loopback6 = TransportAddress(IPAddress(family: .ipv6, bits: 1), port)
        #expect(try ask(loopback6, "/livez").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func `the configuration is shown in kube-proxy's words`() throws {
        var options = AgentOptions(nodeName: "a", clusterCIDRs: [try #require(IPPrefix(parsing: "10.244.0.0/16"))])
        options.nodePorts = .primary
        options.metricsAddress = TransportAddress(parsing: "127.0.0.1:10249")
        #expect(
            options.configz == #"{"kubeproxy.config.k8s.io":{"kind":"KubeProxyConfiguration","#
                + #""apiVersion":"kubeproxy.config.k8s.io/v1alpha1","hostnameOverride":"a","healthzBindAddress":"","#
                + #""metricsBindAddress":"127.0.0.1:10249","bindAddressHardFail":false,"mode":"nftables","#
                + #""nftables":{"masqueradeAll":false,"syncPeriod":"30s"},"detectLocalMode":"ClusterCIDR","#
                + #""clusterCIDR":"10.244.0.0/16","nodePortAddresses":["primary"]}}"#
        )
    }
}
