package import NetworkAddress

/// A core/v1 Pod, as far as endpoints are made from it.
package struct Pod: Hashable, Sendable {
    /// A named port of a container, which a Service's `targetPort` can name.
    package struct ContainerPort: Hashable, Sendable {
        /// The name; empty when it has none.
        package var name: String
        /// The transport protocol; TCP by default.
        package var transport: TransportProtocol
        /// The port.
        package var port: Port

        /// Creates a container port.
        package init(name: String = "", transport: TransportProtocol = .tcp, port: Port) {
            self.name = name
            self.transport = transport
            self.port = port
        }
    }

    /// The metadata.
    package var metadata: ObjectMetadata
    /// `status.podIPs` or, in their absence, `status.podIP`; empty while the pod has none.
    package var podIPs: [IPAddress]
    /// `spec.nodeName`, if the pod is scheduled.
    package var nodeName: String?
    /// The ports of all containers and of restartable init containers, in their order.
    package var containerPorts: [ContainerPort]
    /// Whether the `Ready` condition is true; a hand-written pod without conditions is ready.
    package var isReady: Bool
    /// Whether `status.phase` says that the pod has ended (`Succeeded` or `Failed`).
    package var hasEnded: Bool

    /// Creates a pod.
    package init(
        metadata: ObjectMetadata,
        podIPs: [IPAddress] = [],
        nodeName: String? = nil,
        containerPorts: [ContainerPort] = [],
        isReady: Bool = true,
        hasEnded: Bool = false
    ) {
        self.metadata = metadata
        self.podIPs = podIPs
        self.nodeName = nodeName
        self.containerPorts = containerPorts
        self.isReady = isReady
        self.hasEnded = hasEnded
    }
}
