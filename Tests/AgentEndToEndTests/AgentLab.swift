import Glibc
import LabKit
import NetworkAddress
import Testing

/// A cluster of one node whose agent follows a directory of manifests.
///
/// Every test makes one of its own, so that none sees what another did; it takes a fraction of a second.
final class AgentLab {
    /// The name of the node, as the agent and the manifests have it.
    static let nodeName = "node-1"

    /// The options that tell the agent which addresses are those of pods.
    static let podRanges = ["--cluster-cidr", "\(ServiceLab.podCIDR),\(ServiceLab.podCIDRv6)"]

    /// The namespaces and pods.
    let cluster: ServiceLab
    /// The directory that the agent follows.
    let manifestDirectory: String
    /// The options of the agent, beside those that every lab gives.
    var options: [String]

    private var running: LabProcess?

    /// Makes the cluster and a directory of manifests, and starts no agent yet.
    init(pods: Int = 1, options: [String] = podRanges) throws {
        cluster = try ServiceLab(pods: pods)
        manifestDirectory = try cluster.lab.makeDirectory("manifests")
        self.options = options
    }

    /// Where the agent runs.
    var node: Lab.Namespace { cluster.node }
    /// A machine outside the cluster.
    var client: Lab.Namespace { cluster.client }
    /// The namespaces, for what is not about Services.
    var lab: Lab { cluster.lab }

    /// The name of a pod by its number, which starts at 1.
    func pod(_ number: Int) -> ServiceLab.Pod { cluster.pods[number - 1] }

    // MARK: - The agent

    /// The running agent.
    var agent: LabProcess {
        get throws { try #require(running, "the test has started no agent") }
    }

    /// The command line of the agent, with more options behind those of the lab.
    func command(_ more: [String] = []) throws -> [String] {
        [
            try LabPrograms.path(of: "fairlead-agent"), "--manifests", manifestDirectory,
            "--hostname-override", Self.nodeName,
        ] + options + more
    }

    /// Starts the agent and waits until the kernel holds what the manifests say, or does not wait.
    @discardableResult
    func startAgent(awaitsReady: Bool = true) throws -> LabProcess {
        let process = try lab.start(command(), in: node, ready: awaitsReady ? "ready" : nil)
        running = process
        return process
    }

    /// Runs the agent to its end, in one of the modes in which it ends by itself.
    func runAgent(_ more: [String], in namespace: Lab.Namespace? = nil) throws -> CommandResult {
        try lab.run(command(more), in: namespace ?? node)
    }

    /// Makes a change and waits until the agent has printed a text because of it; returns that line.
    @discardableResult
    func awaitLine(containing text: String, _ change: () throws -> Void) throws -> Substring {
        let agent = try agent
        let start = agent.lines.count
        try change()
        return try agent.waitForLine(containing: text, after: start)
    }

    /// Makes a change of the manifests and waits until the kernel holds it.
    func awaitProgrammed(_ change: () throws -> Void) throws { try awaitLine(containing: "programmed", change) }

    // MARK: - Manifests

    /// Puts a manifest in its place in one step.
    func put(_ text: String, in file: String = "web.yaml") throws { try lab.write(text, to: "manifests/\(file)") }

    /// Removes a manifest.
    func remove(_ file: String) { lab.remove("manifests/\(file)") }

    /// The path of a manifest.
    func path(_ file: String) -> String { "\(manifestDirectory)/\(file)" }

    // MARK: - Packets

    /// Asks a Service's address, or any other, from a namespace.
    func probe(
        _ transport: TransportProtocol,
        _ address: String,
        port: Int = ServiceManifest.port,
        from namespace: Lab.Namespace,
        count: Int = 1,
        timeoutMilliseconds: Int = 2000,
        options: [String] = []
    ) throws -> ProbeSummary {
        try cluster.probe(
            transport,
            socketAddress(address, port),
            from: namespace,
            count: count,
            timeoutMilliseconds: timeoutMilliseconds,
            options: options
        )
    }

    /// The address that pods see in place of a client that is masqueraded: the node's on the links to its pods.
    static func masqueradedClient(_ family: AddressFamily) -> String {
        family == .ipv4 ? "10.244.1.1" : "fd00:10:244:1::1"
    }
}

/// The text of an address and a port, with brackets where the address has colons.
func socketAddress(_ address: String, _ port: Int) -> String {
    address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
}

/// Asks a condition again and again until it holds or the time is over; returns whether it held.
func eventually(within limit: Duration = .seconds(5), _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while true {
        if try condition() { return true }
        guard ContinuousClock.now < deadline else { return false }
        usleep(2000)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where no network namespaces can be made.
    static var needsLab: Self { .enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")") }
}

/// The protocols that a probe speaks.
let probedProtocols = [TransportProtocol.tcp, .udp]
