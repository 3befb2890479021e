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
        var port: Service.ServicePort
    }

    /// The Service's claim on its addresses and node ports.
    let claim: Claim
    /// Where the object was read.
    let origin: String?
    /// The virtual addresses, each once, in the object's order; never empty.
    let clusterIPs: [IPAddress]
    /// The ports; no name twice, no protocol and port twice.
    let ports: [ServedPort]
    /// The selector, sorted; empty when the endpoints are managed by hand.
    let selector: [Label]
    /// Whether pods count before they are ready.
    let publishesNotReady: Bool
    /// The traffic policy of the cluster IPs.
    let internalTrafficPolicy: Service.TrafficPolicy

    /// The families that the Service is visible in, in the order of its cluster IPs.
    ///
    /// kube-proxy's two halves each see only Services with a cluster IP of their family, node ports included.
    var families: [AddressFamily] {
        AddressFamily.allCases.filter { family in clusterIPs.contains { $0.family == family } }
    }

    /// Everything that no other Service may have besides.
    var claimedResources: [ClaimedResource] {
        var resources = clusterIPs.map(ClaimedResource.clusterIP)
        for served in ports {
            for family in families {
                guard let key = served.port.nodePortKey(in: family) else { continue }
                resources.append(.nodePort(key))
            }
        }
        return resources
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
