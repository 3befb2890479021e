package import NetworkAddress

/// How flows from this node's pods are told from flows that come from elsewhere (`detectLocalMode`).
///
/// Flows to a cluster IP that are not from pods are masqueraded, and pods reach external addresses of Services that
/// keep the client's address by all endpoints. Where nothing tells (`none`), neither happens.
package enum LocalDetection: Hashable, Sendable {
    /// Nothing tells.
    case none
    /// The source address is in the range of its family; one range in a family at most.
    case clusterCIDR([IPPrefix])
    /// The source address is in a range of the Node object's `spec.podCIDRs`, the first of its family.
    case nodeCIDR
    /// The flow comes in by this bridge.
    case bridgeInterface(String)
    /// The flow comes in by an interface whose name begins like this.
    case interfaceNamePrefix(String)
}
