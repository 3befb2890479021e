import KubernetesAPI
import LinuxSystem
import NetworkAddress
import NodeAgent
import ProxyConfiguration
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
        return AgentStatusPublisher(options: options, metrics: registry, log: log, journal: EventJournal(log: log))
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

    @Test func `the configuration is shown whole, in kube-proxy's words, as it is in effect`() throws {
        var configuration = KubeProxyConfiguration.defaults
        configuration.mode = "iptables"
        configuration.iptables.masqueradeBit = 7
        configuration.detectLocalMode = "BridgeInterface"
        configuration.detectLocal.bridgeInterface = "cbr0"
        configuration.clusterCIDR = "10.244.0.0/16"
        configuration.nodePortAddresses = ["primary"]
        configuration.featureGates = ["A": true]
        let shown = AgentOptions(configuration, nodeName: "a").configz
        #expect(shown.hasPrefix(#"{"kubeproxy.config.k8s.io":{"apiVersion":"kubeproxy.config.k8s.io/v1alpha1","#))
        #expect(shown.hasSuffix("}}"))
        for part in [
            #""kind":"KubeProxyConfiguration""#, #""hostnameOverride":"a""#, #""mode":"nftables""#,
            #""nftables":{"masqueradeAll":false,"masqueradeBit":7,"minSyncPeriod":"1s","syncPeriod":"30s"}"#,
            #""detectLocalMode":"BridgeInterface""#, #""bridgeInterface":"cbr0""#, #""clusterCIDR":"10.244.0.0/16""#,
            #""nodePortAddresses":["primary"]"#, #""featureGates":{"A":true}"#, #""oomScoreAdj":-999"#,
            #""tcpEstablishedTimeout":"24h0m0s""#, #""qps":5"#, #""healthzBindAddress":"0.0.0.0:10256""#,
        ] {
            #expect(shown.contains(part), "\(part) is missing in \(shown)")
        }
        let names = Set(configuration.document.members.map(\.name))
        for name in names { #expect(shown.contains("\"\(name)\":")) }
        #expect(names.count >= 26)
    }

    @Test func `pages for people tell the command line and the age, unless they are turned off`() throws {
        let addresses = try freePorts(2)
        var options = AgentOptions(nodeName: "a")
        options.metricsAddress = addresses[0]
        options.commandLine = ["v": "4", "cluster-cidr": "10.0.0.0/8,fd00::/8"]
        let shows = publisher(options)
        try shows.start()
        defer { shows.stop() }
        let flags = try ask(addresses[0], "/flagz")
        #expect(flags.contains("\r\n\r\n\nfairlead-agent flags\nWarning: "))
        #expect(flags.hasSuffix("\n\ncluster-cidr=10.0.0.0/8,fd00::/8\nv=4\n"))
        let status = try ask(addresses[0], "/statusz")
        #expect(status.contains("\nfairlead-agent statusz\nWarning: "))
        #expect(status.contains("\nStarted: 2"))
        #expect(status.contains("\nUp: 0 hr 00 min 0"))
        #expect(status.hasSuffix("\nBinary version: \(AgentBuild.version)\n"))
        options.metricsAddress = addresses[1]
        options.featureGates = ["ComponentFlagz": false, "ComponentStatusz": false]
        let hides = publisher(options)
        try hides.start()
        defer { hides.stop() }
        for page in ["/flagz", "/statusz"] {
            #expect(try ask(addresses[1], page).hasPrefix("HTTP/1.1 404 "), "\(page)")
        }
    }

    @Test func `health checks of the metrics port are counted as every program of Kubernetes does`() throws {
        let address = try freePorts(1)[0]
        var options = AgentOptions(nodeName: "a")
        options.metricsAddress = address
        let publisher = publisher(options)
        try publisher.start()
        defer { publisher.stop() }
        for _ in 0..<2 { #expect(try ask(address, "/healthz").hasSuffix("\r\n\r\nok")) }
        let answer = try ask(address, "/metrics/slis")
        #expect(answer.contains("\nkubernetes_healthcheck{name=\"ping\",type=\"healthz\"} 1\n"))
        #expect(
            answer.contains("\nkubernetes_healthchecks_total{name=\"ping\",status=\"success\",type=\"healthz\"} 2\n")
        )
        #expect(!answer.contains("kubeproxy_"))
    }
}

extension ObjectValue {
    /// The members of an object; none of anything else.
    fileprivate var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }
}
