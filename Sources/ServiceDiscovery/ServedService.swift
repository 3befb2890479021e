internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

/// What one Service object asks of this node, when it asks for anything.
struct ServedService: Equatable, Sendable {
    /// One of `spec.ports` that stands.
    struct ServedPort: Equatable, Sendable {
        /// The position in `spec.ports`, for messages.
        let index: Int
        /// The port; its `nodePort` is nil when an earlier port of the Service has the same.
        let port: Service.ServicePort
    }

    /// The Service's claim on its addresses and node ports.
    let claim: Claim
    /// Where the object was read.
    let origin: String?
    /// The virtual addresses, each once, in the object's order; never empty.
    let clusterIPs: [IPAddress]
    /// The external addresses, each once, all of the cluster IPs' families.
    let externalAddresses: [ExternalAddress]
    /// `spec.ports`, with those that do not stand; no second array is made where the object's own will do.
    let allPorts: [Service.ServicePort]
    /// The positions of those that stand; nil when all do.
    let standingPorts: [Int]?
    /// The selector, sorted; empty when the endpoints are managed by hand.
    let selector: [Label]
    /// Whether pods count before they are ready.
    let publishesNotReady: Bool
    /// The traffic policy of the cluster IPs.
    let internalTrafficPolicy: Service.TrafficPolicy
    /// The traffic policy of node ports and external addresses, as far as it has an effect.
    let externalTrafficPolicy: Service.TrafficPolicy
    /// Who may use the load balancer's addresses; nil for everybody.
    let sourceRanges: SourceRanges?
    /// How long a client returns to its endpoint; nil for not at all.
    let affinitySeconds: UInt32?
    /// Where a load balancer asks whether this node has an endpoint.
    let healthCheckNodePort: Port?

    /// The ports that stand; no name twice, no protocol and port twice.
    var ports: some RandomAccessCollection<ServedPort> {
        (standingPorts ?? Array(allPorts.indices)).lazy.map { ServedPort(index: $0, port: allPorts[$0]) }
    }

    /// The families that the Service is visible in, in the order of its cluster IPs.
    ///
    /// kube-proxy's two halves each see only Services with a cluster IP of their family, node ports included.
    var families: [AddressFamily] {
        AddressFamily.allCases.filter { family in clusterIPs.contains { $0.family == family } }
    }

    /// The load balancer's addresses.
    var loadBalancerAddresses: [IPAddress] {
        externalAddresses.lazy.filter(\.isLoadBalancers).map(\.address)
    }
}

extension Service.ServicePort {
    /// The key of the node port's front end in a family, when there is a node port.
    ///
    /// Its presence alone counts, whatever the type of the Service, as in kube-proxy.
    func nodePortKey(in family: AddressFamily) -> FrontEndKey? {
        nodePort.map { FrontEndKey(listener: .nodeAddresses(family), transport: transport, port: $0) }
    }
}
