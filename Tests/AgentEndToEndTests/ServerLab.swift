import APIServerTestKit
import LabKit
import LinuxSystem
import NetworkAddress
import TLS
import Testing

/// A cluster of one node whose agent follows an API server on the node's loopback address.
final class ServerLab {
    /// The namespaces, the pods and the probes; its own agent and manifests are not used.
    let base: AgentLab
    /// The server.
    let server: StandInAPIServer
    /// The options of the agent, beside those that lead to the server.
    var options = AgentLab.podRanges
    /// The options that lead to the server.
    var access: [String]

    private var running: LabProcess?

    /// Makes the cluster and a server that knows the Node, and starts no agent yet.
    init(
        pods: Int = 1,
        behaviour: ServerBehaviour = ServerBehaviour(),
        security: StandInAPIServer.Security? = nil
    ) throws {
        base = try AgentLab(pods: pods)
        // Sockets and threads stay in the namespace that they were made in.
        server = try withNetworkNamespace(at: "/run/netns/\(base.node.name)") {
            try StandInAPIServer(behaviour, security: security)
        }
        access = []
        access = ["--kubeconfig", try writeKubeconfig()]
        let name = AgentLab.nodeName
        server.apply(
            StoredObject(
                namespace: "",
                name: name,
                text:
                    #"{"metadata":{"name":"\#(name)","resourceVersion":"@version@"},"spec":{"podCIDR":"10.244.1.0/24","#
                    + #""podCIDRs":["10.244.1.0/24","fd00:10:244:1::/64"]},"status":{"addresses":[{"type":"InternalIP","#
                    + #""address":"\#(ServiceLab.nodeAddress(.ipv4))"}]}}"#
            ),
            to: Collections.nodes
        )
    }

    deinit { server.stop() }

    /// Writes a kubeconfig for the server, with lines of the cluster and of the user, and returns its path.
    func writeKubeconfig(
        _ name: String = "kubeconfig",
        scheme: String = "http",
        cluster: String = "",
        user: String = ""
    ) throws -> String {
        try base.lab.write(
            """
            apiVersion: v1
            kind: Config
            current-context: lab
            clusters: [{name: lab, cluster: {server: "\(scheme)://127.0.0.1:\(server.port)"\(cluster)}}]
            contexts: [{name: lab, context: {cluster: lab, user: agent}}]
            users: [{name: agent, user: {\(user)}}]

            """,
            to: name
        )
    }

    // MARK: - Objects

    /// Creates or replaces a Service with its slices.
    func put(_ manifest: ServiceManifest) {
        server.apply(manifest.storedService(), to: Collections.services)
        server.apply(manifest.storedSlices(), to: Collections.slices)
    }

    /// Deletes a Service with its slices.
    func remove(_ manifest: ServiceManifest) {
        server.delete(manifest.name, from: Collections.services)
        for slice in manifest.storedSlices() { server.delete(slice.name, from: Collections.slices) }
    }

    // MARK: - The agent

    /// The running agent.
    var agent: LabProcess {
        get throws { try #require(running, "the test has started no agent") }
    }

    /// The command line of the agent, with more options behind those of the lab.
    func command(_ more: [String] = []) throws -> [String] {
        [try LabPrograms.path(of: "fairlead-agent"), "--hostname-override", AgentLab.nodeName] + access + options + more
    }

    /// Starts the agent and waits until it has printed a text.
    @discardableResult
    func startAgent(_ more: [String] = [], awaiting text: String = "ready") throws -> LabProcess {
        let process = try base.lab.start(command(more), in: base.node, ready: text)
        running = process
        return process
    }

    /// Runs the agent to its end, in one of the modes in which it ends by itself.
    func runAgent(_ more: [String], in namespace: Lab.Namespace? = nil) throws -> CommandResult {
        try base.lab.run(command(more), in: namespace ?? base.node)
    }

    /// Makes a change and waits until the agent has printed a text because of it; returns that line.
    @discardableResult
    func awaitLine(containing text: String, _ change: () throws -> Void) throws -> Substring {
        let agent = try agent
        let start = agent.lines.count
        try change()
        return try agent.waitForLine(containing: text, after: start)
    }

    /// Waits until a Service answers with the given pods and no others.
    func answers(_ manifest: ServiceManifest, _ family: AddressFamily, with pods: Set<String>) throws -> Bool {
        try eventually(within: .seconds(20)) {
            let summary = try base.probe(
                .tcp,
                manifest.clusterIP(family),
                from: base.client,
                count: 20,
                timeoutMilliseconds: 200
            )
            return Set(summary.pods.keys) == pods
        }
    }
}
