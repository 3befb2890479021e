package import NetworkAddress
package import ProxyConfiguration
package import ServiceRules

/// What the operator chose of the agent's work.
///
/// The defaults of a new value leave the host as it is: no server listens, no parameter of the kernel is changed.
package struct AgentOptions: Hashable, Sendable {
    /// The name of this node; endpoints that name it are local.
    package var nodeName: String

    /// How flows from local pods are told from others.
    package var localDetection: LocalDetection

    /// Whether every flow to a cluster IP is masqueraded.
    package var masqueradesAll: Bool

    /// The bit, from 0 to 31, of the packet mark that says "masquerade me" between two hooks.
    package var masqueradeBit = 14

    /// Which of this node's addresses node ports are open on.
    package var nodePorts: NodePortSelection

    /// The node's primary address, instead of the Node object's of its family (`bindAddress`).
    package var primaryAddress: IPAddress?

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

    /// What is wanted of the kernel's connection tracking.
    package var conntrack = ConntrackSettings()

    /// What the kernel adds to the agent's badness when memory runs out, from -1000 to 1000; nil leaves it.
    package var outOfMemoryScore: Int?

    /// Features that are turned on or off by name (`featureGates`).
    package var featureGates: [String: Bool] = [:]

    /// Whether `/healthz` fails while the Node object is not known; manifests need not have one.
    package var expectsNode = false

    /// How many Services have metrics of their own; none by default, as every node of a cluster repeats them.
    package var servicesWithMetricsMax = 0

    /// Whether `loadBalancerSourceRanges` of the other family alone let everybody in, as in kube-proxy.
    package var failsOpenOnForeignRanges = false

    /// The Services that are programmed before all others, as `namespace/name` or `label=value`.
    package var priorityServices: [String] = []

    /// The ranges that cluster IPs are taken from, beside those of ServiceCIDR objects.
    package var serviceCIDRs: [IPPrefix] = []

    /// The families that are programmed.
    package var families = Set(AddressFamily.allCases)

    /// The configuration in effect, for `/configz`.
    package var configuration = KubeProxyConfiguration()

    /// The options of the command line by name, for `/flagz`.
    package var commandLine: [String: String] = [:]

    /// Whether a feature of Kubernetes is on that is on unless `featureGates` turn it off.
    package func isOn(_ feature: DefaultFeature) -> Bool { featureGates[feature.rawValue] ?? true }

    /// Creates options.
    ///
    /// - Parameters:
    ///   - nodeName: The name of this node.
    ///   - clusterCIDRs: The addresses of the cluster's pods, one range in a family at most; `localDetection` follows.
    ///   - masqueradesAll: Whether every flow to a cluster IP is masqueraded.
    ///   - nodePorts: Which of this node's addresses node ports are open on.
    ///   - runsOnce: Whether to end after the first acknowledgement of the kernel.
    package init(
        nodeName: String,
        clusterCIDRs: [IPPrefix] = [],
        masqueradesAll: Bool = false,
        nodePorts: NodePortSelection = .all,
        runsOnce: Bool = false
    ) {
        self.nodeName = nodeName
        localDetection = clusterCIDRs.isEmpty ? .none : .clusterCIDR(clusterCIDRs)
        self.masqueradesAll = masqueradesAll
        self.nodePorts = nodePorts
        self.runsOnce = runsOnce
    }

    /// The addresses of the cluster's pods, where they tell which flows are local; else none.
    package var clusterCIDRs: [IPPrefix] {
        if case .clusterCIDR(let ranges) = localDetection { ranges } else { [] }
    }

    /// What of the data plane does not depend on the node's addresses.
    package var dataPlane: DataPlaneConfiguration {
        var configuration = DataPlaneConfiguration(
            clusterCIDRs: clusterCIDRs,
            podInterface: podInterface,
            serviceCIDRs: serviceCIDRs,
            masqueradesAll: masqueradesAll,
            masqueradeMark: 1 << UInt32(masqueradeBit)
        )
        configuration.families = families
        return configuration
    }

    private var podInterface: PodInterface? {
        switch localDetection {
        case .bridgeInterface(let name): .named(name)
        case .interfaceNamePrefix(let prefix): .namedLike(prefix: prefix)
        case .none, .clusterCIDR, .nodeCIDR: nil
        }
    }

    /// The node's primary addresses, best first: the operator's before those of the Node object.
    package func primaryAddresses(ofNode addresses: [IPAddress]) -> [IPAddress] {
        (primaryAddress.map { [$0] } ?? []) + addresses
    }
}
