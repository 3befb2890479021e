internal import NetworkAddress

/// An address that clients outside the cluster use for a Service, besides node ports.
struct ExternalAddress: Equatable, Sendable {
    /// Where the Service names it, with the position there.
    enum Place: Equatable, Sendable {
        case externalIPs(Int)
        case loadBalancerIngress(Int)
    }

    /// The address.
    let address: IPAddress
    /// Where the Service names it.
    let place: Place

    /// Whether the address is a load balancer's, which source ranges apply to.
    var isLoadBalancers: Bool {
        switch place {
        case .externalIPs: false
        case .loadBalancerIngress: true
        }
    }

    /// The path of the field, such as `spec.externalIPs[0]`.
    var field: String {
        switch place {
        case .externalIPs(let index): "spec.externalIPs[\(index)]"
        case .loadBalancerIngress(let index): "status.loadBalancer.ingress[\(index)].ip"
        }
    }
}
