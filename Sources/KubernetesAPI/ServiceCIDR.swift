package import NetworkAddress

/// A networking.k8s.io/v1 ServiceCIDR: ranges that cluster IPs are taken from.
package struct ServiceCIDR: Hashable, Sendable {
    /// The metadata.
    package var metadata: ObjectMetadata
    /// `spec.cidrs`: one range, or one of each family.
    package var ranges: [IPPrefix]

    /// Creates an object that holds ranges.
    package init(metadata: ObjectMetadata, ranges: [IPPrefix]) {
        self.metadata = metadata
        self.ranges = ranges
    }
}
