package import NetworkAddress

/// Which of this node's addresses of one family node ports are open on.
package enum NodePortAddresses: Hashable, Sendable {
    /// Every local address but the loopback ones.
    case allLocal
    /// These alone; none closes node ports in the family.
    case only([IPAddress])
}

/// How flows of this node's pods are told from others by the interface that they come in on.
package enum PodInterface: Hashable, Sendable {
    /// All pods are behind one bridge.
    case named(String)
    /// Every pod has an interface whose name starts like this.
    case namedLike(prefix: String)
}

/// What the operator chose of the data plane; a change of it rewrites the rules, not the elements.
package struct DataPlaneConfiguration: Hashable, Sendable {
    /// The name of the tables, one in each family.
    package var tableName: String

    /// The families that have a table; what Services have of others is passed over.
    package var families: Set<AddressFamily> = Set(AddressFamily.allCases)

    /// The addresses of the cluster's pods, one range in a family at most.
    ///
    /// Flows to a cluster IP from elsewhere are masqueraded; without a range of the family none are.
    package var clusterCIDRs: [IPPrefix]

    /// The interfaces of this node's pods; where it is given, `clusterCIDRs` do not count.
    package var podInterface: PodInterface?

    /// The ranges that cluster IPs are taken from: what is sent to an address of theirs that no Service has is dropped.
    package var serviceCIDRs: [IPPrefix]

    /// Whether every flow to a cluster IP is masqueraded, wherever it comes from.
    package var masqueradesAll: Bool

    /// The bit of the packet mark that says "masquerade me" between two hooks, as a mask.
    package var masqueradeMark: UInt32

    /// Which of this node's addresses node ports are open on, in each family; all of them where nothing is said.
    package var nodePortAddresses: [AddressFamily: NodePortAddresses]

    /// Creates a configuration; the defaults are those of kube-proxy, except for the name of the tables.
    package init(
        tableName: String = "fairlead",
        clusterCIDRs: [IPPrefix] = [],
        podInterface: PodInterface? = nil,
        serviceCIDRs: [IPPrefix] = [],
        masqueradesAll: Bool = false,
        masqueradeMark: UInt32 = 1 << 14,
        nodePortAddresses: [AddressFamily: NodePortAddresses] = [:]
    ) {
        self.tableName = tableName
        self.clusterCIDRs = clusterCIDRs
        self.podInterface = podInterface
        self.serviceCIDRs = serviceCIDRs
        self.masqueradesAll = masqueradesAll
        self.masqueradeMark = masqueradeMark
        self.nodePortAddresses = nodePortAddresses
    }
}
