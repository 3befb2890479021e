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
