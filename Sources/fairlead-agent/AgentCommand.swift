internal import CommandLineOptions
internal import KubeConfig
internal import NetworkAddress
internal import NodeAgent
internal import Telemetry

/// The command line of fairlead-agent: its own options, and those of kube-proxy.
enum AgentCommand {
    static let config = CommandOption(
        "config",
        "FILE",
        "Read a KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1). All options from --cluster-cidr on are "
            + "ignored then, as kube-proxy does."
    )
    static let manifests = CommandOption(
        "manifests",
        "DIR",
        "Follow the manifests in this directory and its sub-folders: YAML and JSON files with Services, "
            + "EndpointSlices, Endpoints, Nodes, Pods and ServiceCIDRs."
    )
    static let hostname = CommandOption<String>(
        "hostname-override",
        "NAME",
        "The name of this node, as endpoints name it; the host name by default.",
        expecting: "a name that is not blank",
        reading: { $0.isEmpty ? "" : trimmed($0).isEmpty ? nil : trimmed($0) }
    )
    static let once = CommandFlag("once", "Program everything, wait for the kernel's acknowledgement, and exit.")
    static let dryRun = CommandFlag("dry-run", "Print the ruleset as nft text, and change nothing.")
    static let initOnly = CommandFlag(
        "init-only",
        "Do what needs all rights (parameters of connection tracking), and exit; CAP_NET_ADMIN suffices afterwards."
    )
    static let cleanup = CommandOption<CleanupScope>(
        "cleanup",
        "true|false|kube-proxy",
        "Remove every trace of Fairlead from the kernel, and exit; with =kube-proxy, remove what kube-proxy left, and "
            + "leave Fairlead alone.",
        expecting: "true, false or kube-proxy",
        bareValue: "true"
    ) { $0 == "kube-proxy" ? .kubeProxy : goBoolean($0).map { $0 ? .fairlead : .nothing } }
    static let verbosity = CommandOption(
        "v",
        "LEVEL",
        "How much to log: 0 to 3 what an operator needs, 4 to 10 details too.",
        in: 0...10
    )
    static let logFormat = CommandOption<LogFormat>("log-format", "How log lines look; text by default.")
    static let loggingFormat = CommandOption<LogFormat>("logging-format", "The same, as kube-proxy names it.")
    static let writeConfig = CommandOption(
        "write-config-to",
        "FILE",
        "Write the configuration that would be used, as YAML, and exit."
    )
    static let clusterCIDR = CommandOption<IPPrefix>.list(
        "cluster-cidr",
        "CIDR",
        "The addresses of the cluster's pods, one range in a family. Flows to a cluster IP from elsewhere are "
            + "masqueraded.",
        expecting: "a range such as 10.244.0.0/16 or fd00:10:244::/56"
    ) { IPPrefix(parsing: $0) }
    static let nodePortAddresses = CommandOption<String>.list(
        "nodeport-addresses",
        "CIDR|primary|all",
        "The node's addresses that node ports are open on: those in these ranges, the primary ones of the Node object "
            + "(the default with --proxy-mode nftables), or all but loopback (the default else).",
        expecting: "a range such as 192.168.0.0/16, \"primary\" or \"all\""
    ) { $0 == "primary" || $0 == "all" || IPPrefix(parsing: $0) != nil ? $0 : nil }
    static let kubeconfig = CommandOption(
        "kubeconfig",
        "FILE",
        "Follow the API server of this file's current context; by default that of the pod's service account."
    )
    static let master = CommandOption<ServerAddress>(
        "master",
        "URL",
        "The address of the API server, instead of the kubeconfig's or the pod's.",
        expecting: "an address such as https://10.0.0.1:6443"
    ) { ServerAddress(parsing: $0) }

    static let declaration = Command(
        "fairlead-agent",
        "Programs Kubernetes Services into the nftables of this node: what kube-proxy does, in microseconds.",
        version: AgentBuild.version,
        options: [
            manifests, master, config, hostname, once, dryRun, initOnly, cleanup, verbosity, logFormat, loggingFormat,
            writeConfig,
        ] + (ConfigurationFlag.ofFairlead + ConfigurationFlag.ofKubeProxy).map(\.option)
    )

    /// Checks what no single option can be checked for, and what does not depend on a configuration file.
    static func check(_ arguments: Arguments) throws(UsageError) {
        let flags = [once, dryRun, initOnly].filter { arguments[$0] }.map(\.name)
        let options =
            (arguments.cleanupScope == .nothing ? [] : [cleanup.name])
            + (arguments.gives(writeConfig) ? [writeConfig.name] : [])
        let modes = (flags + options).map { "--\($0)" }
        if modes.count > 1 { throw refusal("\(modes.joined(separator: " and ")) exclude each other") }
        let servers =
            (arguments.gives(kubeconfig) ? [kubeconfig.name] : []) + (arguments.gives(master) ? [master.name] : [])
        if arguments.gives(manifests), let server = servers.first {
            throw refusal("--\(manifests.name) and --\(server) exclude each other: objects come from one place")
        }
        // Beside a configuration file these are ignored, whatever they say.
        guard !arguments.gives(config) else { return }
        let ranges = arguments.all(clusterCIDR)
        for family in AddressFamily.allCases where ranges.count(where: { $0.family == family }) > 1 {
            throw refusal("--cluster-cidr has more than one \(family) range; one in a family is used")
        }
        if NodePortSelection(words: arguments.all(nodePortAddresses)) == nil {
            throw refusal("--nodeport-addresses takes ranges, or \"primary\" alone, or \"all\" alone")
        }
    }

    /// A complaint about the command line.
    static func refusal(_ message: String) -> UsageError { UsageError(message: message, command: declaration.name) }
}

/// What `--cleanup` removes.
enum CleanupScope {
    /// Nothing: the agent runs.
    case nothing
    /// What Fairlead programmed.
    case fairlead
    /// What kube-proxy left.
    case kubeProxy
}

extension Arguments {
    /// What is to be removed.
    var cleanupScope: CleanupScope { self[AgentCommand.cleanup] ?? .nothing }
}

/// Text without blanks around it.
func trimmed(_ text: String) -> String {
    let blanks: Set<Character> = [" ", "\t", "\n", "\r"]
    let head = text.drop { blanks.contains($0) }
    guard let last = head.lastIndex(where: { !blanks.contains($0) }) else { return "" }
    return String(head[...last])
}

/// A truth value as Go's flags spell it; nil when it is none.
func goBoolean(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
}
