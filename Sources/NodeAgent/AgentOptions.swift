package import NetworkAddress

/// What the operator chose of the agent's work.
package struct AgentOptions: Hashable, Sendable {
    /// The name of this node; endpoints that name it are local.
    package var nodeName: String

    /// The addresses of the cluster's pods, one range in a family at most.
    package var clusterCIDRs: [IPPrefix]

    /// Whether every flow to a cluster IP is masqueraded.
    package var masqueradesAll: Bool

    /// Which of this node's addresses node ports are open on.
    package var nodePorts: NodePortSelection

    /// Whether to end after the first acknowledgement of the kernel.
    package var runsOnce: Bool

    /// Where `/healthz` and `/livez` are served (`healthzBindAddress`); nil for nowhere.
    package var healthzAddress: TransportAddress?

    /// Where `/metrics` and its companions are served (`metricsBindAddress`); nil for nowhere.
    package var metricsAddress: TransportAddress?

    /// Whether a server that cannot listen ends the agent (`bindAddressHardFail`); else it tries again.
    package var bindFailureIsFatal = false

    /// How long a change may wait for the kernel: after twice this time the node counts as unhealthy (`syncPeriod`).
    package var syncPeriod = Duration.seconds(30)

    /// Whether `/healthz` fails while the Node object is not known; manifests need not have one.
    package var expectsNode = false

    /// How many Services have metrics of their own; none by default, as every node of a cluster repeats them.
    package var servicesWithMetricsMax = 0

    /// Creates options.
    package init(
        nodeName: String,
        clusterCIDRs: [IPPrefix] = [],
        masqueradesAll: Bool = false,
        nodePorts: NodePortSelection = .all,
        runsOnce: Bool = false
    ) {
        self.nodeName = nodeName
        self.clusterCIDRs = clusterCIDRs
        self.masqueradesAll = masqueradesAll
        self.nodePorts = nodePorts
        self.runsOnce = runsOnce
    }
}
