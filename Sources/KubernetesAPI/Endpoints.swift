package import NetworkAddress

/// A core/v1 Endpoints, as people write it by hand for a Service without a selector.
package struct Endpoints: Hashable, Sendable {
    /// One of `addresses` or `notReadyAddresses`.
    package struct EndpointAddress: Hashable, Sendable {
        /// The address.
        package var address: IPAddress
        /// The node that it is on, if known.
        package var nodeName: String?

        /// Creates an address.
        package init(address: IPAddress, nodeName: String? = nil) {
            self.address = address
            self.nodeName = nodeName
        }
    }

    /// One of `subsets`: every address has every port.
    package struct Subset: Hashable, Sendable {
        /// The addresses that are ready.
        package var addresses: [EndpointAddress]
        /// The addresses that are not.
        package var notReadyAddresses: [EndpointAddress]
        /// The ports of all of them.
        package var ports: [EndpointSlice.EndpointPort]

        /// Creates a subset.
        package init(
            addresses: [EndpointAddress] = [],
            notReadyAddresses: [EndpointAddress] = [],
            ports: [EndpointSlice.EndpointPort] = []
        ) {
            self.addresses = addresses
            self.notReadyAddresses = notReadyAddresses
            self.ports = ports
        }
    }

    /// The metadata; the name is the Service's.
    package var metadata: ObjectMetadata
    /// The subsets.
    package var subsets: [Subset]

    /// Creates an Endpoints object.
    package init(metadata: ObjectMetadata, subsets: [Subset]) {
        self.metadata = metadata
        self.subsets = subsets
    }
}
