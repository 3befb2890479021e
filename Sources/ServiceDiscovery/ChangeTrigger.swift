package import KubernetesAPI
package import NetworkAddress

/// When a change happened that an EndpointSlice tells of.
package struct ChangeTrigger: Hashable, Sendable {
    /// The family of the slice.
    package let family: AddressFamily
    /// When the pod or Service changed.
    package let time: Timestamp

    /// Describes a change.
    package init(family: AddressFamily, time: Timestamp) {
        self.family = family
        self.time = time
    }
}
