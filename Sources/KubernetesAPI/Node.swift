package import NetworkAddress

/// A core/v1 Node, as far as it is read.
package struct Node: Hashable, Sendable {
    /// The metadata.
    package var metadata: ObjectMetadata
    /// `status.addresses` of type InternalIP, in their order.
    package var internalIPs: [IPAddress]
    /// `status.addresses` of type ExternalIP, in their order.
    package var externalIPs: [IPAddress]
    /// `spec.podCIDRs` or, in their absence, `spec.podCIDR`.
    package var podCIDRs: [IPPrefix]

    /// Creates a node.
    package init(
        metadata: ObjectMetadata,
        internalIPs: [IPAddress] = [],
        externalIPs: [IPAddress] = [],
        podCIDRs: [IPPrefix] = []
    ) {
        self.metadata = metadata
        self.internalIPs = internalIPs
        self.externalIPs = externalIPs
        self.podCIDRs = podCIDRs
    }
}
