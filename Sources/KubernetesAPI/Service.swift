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

    /// One of `status.loadBalancer.ingress`: where a load balancer takes traffic for the Service.
    package struct LoadBalancerIngress: Hashable, Sendable {
        /// `ipMode`: what happens to a packet before it reaches a node.
        package enum IPMode: String, CaseIterable, Sendable {
            /// It arrives with the ingress address as its destination.
            case vip = "VIP"
            /// It arrives at a node port or a pod: the address is the load balancer's own.
            case proxy = "Proxy"
        }

        /// The address; nil when the load balancer has only a host name, or when the text is no address.
        package var address: IPAddress?
        /// The host name of the load balancer, if it says one.
        package var hostname: String?
        /// What happens to a packet before it reaches a node; VIP by default.
        package var ipMode: IPMode

        /// Creates an ingress point.
        package init(address: IPAddress?, hostname: String? = nil, ipMode: IPMode = .vip) {
            self.address = address
            self.hostname = hostname
            self.ipMode = ipMode
        }
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
        /// What is spoken on the port, such as `https` or `kubernetes.io/h2c`, if that is said.
        package var appProtocol: String?

        /// Creates a port of a Service.
        package init(
            name: String = "",
            transport: TransportProtocol = .tcp,
            port: Port,
            targetPort: TargetPort? = nil,
            nodePort: Port? = nil,
            appProtocol: String? = nil
        ) {
            self.name = name
            self.transport = transport
            self.port = port
            self.targetPort = targetPort ?? .number(port)
            self.nodePort = nodePort
            self.appProtocol = appProtocol
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
    /// `externalIPs` in their places; nil where the text is no address.
    package var externalIPs: [IPAddress?]
    /// `status.loadBalancer.ingress` in their places.
    package var loadBalancerIngress: [LoadBalancerIngress]
    /// `loadBalancerSourceRanges` in their places; nil where the text is no range.
    ///
    /// kube-proxy reads no annotation in their place, and neither does Fairlead: the old
    /// `service.beta.kubernetes.io/load-balancer-source-ranges` is for the load balancer itself.
    package var loadBalancerSourceRanges: [IPPrefix?]
    /// How long a client returns to the endpoint that it was given (`sessionAffinity`), in seconds; nil for not at all.
    package var affinitySeconds: UInt32?
    /// The name that a Service of type ExternalName stands for, if it has one.
    package var externalName: String?
    /// The port on every node that tells a load balancer whether the node has an endpoint, if any.
    package var healthCheckNodePort: Port?

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
        internalTrafficPolicy: TrafficPolicy = .cluster,
        externalIPs: [IPAddress?] = [],
        loadBalancerIngress: [LoadBalancerIngress] = [],
        loadBalancerSourceRanges: [IPPrefix?] = [],
        affinitySeconds: UInt32? = nil,
        healthCheckNodePort: Port? = nil,
        externalName: String? = nil
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
        self.externalIPs = externalIPs
        self.loadBalancerIngress = loadBalancerIngress
        self.loadBalancerSourceRanges = loadBalancerSourceRanges
        self.affinitySeconds = affinitySeconds
        self.healthCheckNodePort = healthCheckNodePort
        self.externalName = externalName
    }
}
