package import NetworkAddress

/// A discovery.k8s.io/v1 EndpointSlice, as far as it is read.
package struct EndpointSlice: Hashable, Sendable {
    /// The label that names the Service a slice belongs to.
    package static let serviceNameLabel = "kubernetes.io/service-name"

    /// The label, with any value, of slices that belong to a headless Service.
    package static let headlessLabel = "service.kubernetes.io/headless"

    /// The annotation that tells when the change happened for which the slice was last written.
    package static let lastChangeTriggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time"

    /// `addressType`; slices of names (`FQDN`) lead to no address and are ignored.
    package enum AddressType: String, CaseIterable, Sendable {
        case ipv4 = "IPv4"
        case ipv6 = "IPv6"
        case fqdn = "FQDN"
    }

    /// One of `ports`; entries without a number ("all ports") are kept out while reading.
    package struct EndpointPort: Hashable, Sendable {
        /// The name of the Service port that it answers; empty for the unnamed one.
        package var name: String
        /// The transport protocol; TCP by default.
        package var transport: TransportProtocol
        /// The port on the endpoint.
        package var port: Port

        /// Creates a port of a slice.
        package init(name: String = "", transport: TransportProtocol = .tcp, port: Port) {
            self.name = name
            self.transport = transport
            self.port = port
        }
    }

    /// One of `endpoints`.
    package struct SliceEndpoint: Hashable, Sendable {
        /// The first of `addresses`, the only one that counts.
        package var address: IPAddress
        /// `conditions.ready`; an absent one means true.
        package var isReady: Bool
        /// `conditions.serving`; an absent one means true (as kube-proxy reads it).
        package var isServing: Bool
        /// `conditions.terminating`; an absent one means false.
        package var isTerminating: Bool
        /// The node that it runs on, if known.
        package var nodeName: String?
        /// The names in `hints.forNodes`: the nodes whose flows it is meant for; empty when it is for all.
        package var nodeHints: [String]
        /// The names in `hints.forZones`: the zones whose flows it is meant for; empty when it is for all.
        package var zoneHints: [String]

        /// Creates an endpoint of a slice.
        package init(
            address: IPAddress,
            isReady: Bool = true,
            isServing: Bool = true,
            isTerminating: Bool = false,
            nodeName: String? = nil,
            nodeHints: [String] = [],
            zoneHints: [String] = []
        ) {
            self.address = address
            self.isReady = isReady
            self.isServing = isServing
            self.isTerminating = isTerminating
            self.nodeName = nodeName
            self.nodeHints = nodeHints
            self.zoneHints = zoneHints
        }
    }

    /// The metadata; its label `kubernetes.io/service-name` names the Service.
    ///
    /// Read from a document, it has the labels that are named here, and no others.
    package var metadata: ObjectMetadata
    /// The kind of address.
    package var addressType: AddressType
    /// The ports that every endpoint of the slice has.
    package var ports: [EndpointPort]
    /// The endpoints.
    package var endpoints: [SliceEndpoint]
    /// When the pod or Service changed for which the slice was last written; nil when that is not told.
    package var lastChangeTrigger: Timestamp?

    /// Creates a slice.
    package init(
        metadata: ObjectMetadata,
        addressType: AddressType = .ipv4,
        ports: [EndpointPort],
        endpoints: [SliceEndpoint],
        lastChangeTrigger: Timestamp? = nil
    ) {
        self.lastChangeTrigger = lastChangeTrigger
        self.metadata = metadata
        self.addressType = addressType
        self.ports = ports
        self.endpoints = endpoints
    }
}
