package import NetworkAddress

/// A core/v1 Service, as far as it is read; absent fields hold the defaults of the API server.
package struct Service: Hashable, Sendable {
    /// `spec.type`.
    package enum ServiceType: String, CaseIterable, Sendable {
        case clusterIP = "ClusterIP"
        case nodePort = "NodePort"
        case loadBalancer = "LoadBalancer"
        case externalName = "ExternalName"
    }

    /// `spec.externalTrafficPolicy` and `spec.internalTrafficPolicy`.
    package enum TrafficPolicy: String, CaseIterable, Sendable {
        case cluster = "Cluster"
        case local = "Local"
    }

    /// `spec.ports[].targetPort`: a number, or the name of a container port.
    package enum TargetPort: Hashable, Sendable {
        case number(Port)
        case name(String)
    }

    /// One of `spec.ports`.
    package struct ServicePort: Hashable, Sendable {
        /// The name; empty when the Service has one unnamed port.
        package var name: String
        /// The transport protocol; TCP by default.
        package var transport: TransportProtocol
        /// The port that clients use on the Service's addresses.
        package var port: Port
        /// The port on the pods; the same as `port` by default.
        package var targetPort: TargetPort
        /// The port on every node's addresses, if any.
        package var nodePort: Port?

        /// Creates a port of a Service.
        package init(
            name: String = "",
            transport: TransportProtocol = .tcp,
            port: Port,
            targetPort: TargetPort? = nil,
            nodePort: Port? = nil
        ) {
            self.name = name
            self.transport = transport
            self.port = port
            self.targetPort = targetPort ?? .number(port)
            self.nodePort = nodePort
        }
    }

    /// The metadata.
    package var metadata: ObjectMetadata
    /// The type; ClusterIP by default.
    package var type: ServiceType
    /// The addresses of `clusterIPs` or, in their absence, of `clusterIP`; empty when none is set.
    package var clusterIPs: [IPAddress]
    /// Whether `clusterIP` is `None`.
    package var isHeadless: Bool
    /// The label selector that picks the pods; empty when the endpoints are managed by hand.
    package var selector: [String: String]
    /// The ports.
    package var ports: [ServicePort]
    /// Whether endpoints made from pods count before they are ready.
    package var publishNotReadyAddresses: Bool
    /// The traffic policy of node ports and external addresses.
    package var externalTrafficPolicy: TrafficPolicy
    /// The traffic policy of cluster IPs.
    package var internalTrafficPolicy: TrafficPolicy

    /// Creates a Service.
    package init(
        metadata: ObjectMetadata,
        type: ServiceType = .clusterIP,
        clusterIPs: [IPAddress] = [],
        isHeadless: Bool = false,
        selector: [String: String] = [:],
        ports: [ServicePort] = [],
        publishNotReadyAddresses: Bool = false,
        externalTrafficPolicy: TrafficPolicy = .cluster,
        internalTrafficPolicy: TrafficPolicy = .cluster
    ) {
        self.metadata = metadata
        self.type = type
        self.clusterIPs = clusterIPs
        self.isHeadless = isHeadless
        self.selector = selector
        self.ports = ports
        self.publishNotReadyAddresses = publishNotReadyAddresses
        self.externalTrafficPolicy = externalTrafficPolicy
        self.internalTrafficPolicy = internalTrafficPolicy
    }
}
