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
    /// The keys of `spec.taints`.
    package var taintKeys: [String]

    /// The label with the name of the zone that a node is in.
    package static let zoneLabel = "topology.kubernetes.io/zone"

    /// The zone that the node is in, if that is known.
    package var zone: String? { metadata.labels[Self.zoneLabel].flatMap { $0.isEmpty ? nil : $0 } }

    /// Creates a node.
    package init(
        metadata: ObjectMetadata,
        internalIPs: [IPAddress] = [],
        externalIPs: [IPAddress] = [],
        podCIDRs: [IPPrefix] = [],
        taintKeys: [String] = []
    ) {
        self.metadata = metadata
        self.internalIPs = internalIPs
        self.externalIPs = externalIPs
        self.podCIDRs = podCIDRs
        self.taintKeys = taintKeys
    }
}
