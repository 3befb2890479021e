internal import CommandLineOptions
internal import NetworkAddress
internal import NodeAgent
internal import Telemetry

/// The command line of fairlead-agent.
enum AgentCommand {
    static let manifests = CommandOption(
        "manifests",
        "DIR",
        "Follow the manifests in this directory and its sub-folders: YAML and JSON files with Services, "
            + "EndpointSlices, Endpoints, Nodes and Pods."
    )
    static let hostname = CommandOption(
        "hostname-override",
        "NAME",
        "The name of this node, as endpoints name it; the host name by default."
    )
    static let clusterCIDR = CommandOption<IPPrefix>.list(
        "cluster-cidr",
        "CIDR",
        "The addresses of the cluster's pods, one range in a family. Flows to a cluster IP from elsewhere are "
            + "masqueraded.",
        expecting: "a range such as 10.244.0.0/16 or fd00:10:244::/56"
    ) { IPPrefix(parsing: $0) }
    static let masqueradeAll = CommandFlag("masquerade-all", "Masquerade every flow to a cluster IP.")
    static let nodePortAddresses = CommandOption<String>.list(
        "nodeport-addresses",
        "CIDR|primary|all",
        "The node's addresses that node ports are open on: those in these ranges, the primary ones of the Node object, "
            + "or all but loopback, which is the default.",
        expecting: "a range such as 192.168.0.0/16, \"primary\" or \"all\""
    ) { $0 == "primary" || $0 == "all" || IPPrefix(parsing: $0) != nil ? $0 : nil }
    static let once = CommandFlag("once", "Program everything, wait for the kernel's acknowledgement, and exit.")
    static let dryRun = CommandFlag("dry-run", "Print the ruleset as nft text, and change nothing.")
    static let cleanup = CommandFlag("cleanup", "Remove every trace of Fairlead from the kernel, and exit.")
    static let verbosity = CommandOption(
        "v",
        "LEVEL",
        "How much to log: 0 to 3 what an operator needs, 4 to 10 details too.",
        in: 0...10
    )
    static let logFormat = CommandOption<LogFormat>("log-format", "How log lines look; text by default.")

    static let declaration = Command(
        "fairlead-agent",
        "Programs Kubernetes Services into the nftables of this node: what kube-proxy does, in microseconds.",
        version: AgentBuild.version,
        options: [
            manifests, hostname, clusterCIDR, masqueradeAll, nodePortAddresses, once, dryRun, cleanup, verbosity,
            logFormat,
        ]
    )

    /// Checks what no single option can be checked for.
    static func check(_ arguments: Arguments) throws(UsageError) {
        func refuse(_ message: String) -> UsageError { UsageError(message: message, command: declaration.name) }
        let modes = [once, dryRun, cleanup].filter { arguments[$0] }.map { "--\($0.name)" }
        if modes.count > 1 { throw refuse("\(modes.joined(separator: " and ")) exclude each other") }
        if arguments[manifests] == nil, !arguments[cleanup] {
            throw refuse("no source of Services: give --manifests DIR, a directory of YAML or JSON files")
        }
        let ranges = arguments.all(clusterCIDR)
        for family in AddressFamily.allCases where ranges.count(where: { $0.family == family }) > 1 {
            throw refuse("--cluster-cidr has more than one \(family) range; one in a family is used")
        }
        if NodePortSelection(words: arguments.all(nodePortAddresses)) == nil {
            throw refuse("--nodeport-addresses takes ranges, or \"primary\" alone, or \"all\" alone")
        }
    }
}
