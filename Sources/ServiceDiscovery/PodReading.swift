internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

/// What a pod offers the Services whose selectors match it.
struct PodReading: Equatable, Sendable {
    /// The labels that selectors are held against.
    let labels: [String: String]
    /// The first address of each family, where flows can be sent there.
    let addresses: [IPAddress]
    /// Where the pod runs.
    let locality: Locality
    /// Whether the pod's own readiness checks pass.
    let isReady: Bool
    /// Whether the pod is being deleted.
    let isTerminating: Bool
    /// The ports that a `targetPort` can name.
    let namedPorts: [Pod.ContainerPort]
    /// What of the pod is left out.
    let problems: [ObjectProblem]

    /// Reads a pod, or returns nil while no endpoint can come of it: it has ended, or has no address yet.
    init?(_ pod: Pod, on node: NodeIdentity) {
        guard !pod.hasEnded, !pod.podIPs.isEmpty else { return nil }
        var addresses: [IPAddress] = []
        var problems: [ObjectProblem] = []
        for family in AddressFamily.allCases {
            guard let index = pod.podIPs.firstIndex(where: { $0.family == family }) else { continue }
            let address = pod.podIPs[index]
            if let fault = address.faultAsEndpoint {
                problems.append(
                    ObjectProblem(
                        .pod,
                        pod.metadata,
                        field: addressField("status.podIP", at: index),
                        message: "\(address) \(fault); the endpoint is left out"
                    )
                )
            } else {
                addresses.append(address)
            }
        }
        self.labels = pod.metadata.labels
        self.addresses = addresses
        self.locality = node.locality(ofNodeNamed: pod.nodeName)
        self.isReady = pod.isReady
        self.isTerminating = pod.metadata.isBeingDeleted
        self.namedPorts = pod.containerPorts.filter { !$0.name.isEmpty }
        self.problems = problems
    }

    /// The state of the endpoint made from the pod, by the rules of the EndpointSlice controller.
    ///
    /// `publishNotReadyAddresses` makes even a terminating pod ready.
    func state(publishingNotReady: Bool) -> EndpointState {
        EndpointState(
            isReady: publishingNotReady || (isReady && !isTerminating),
            isServing: isReady,
            isTerminating: isTerminating
        )
    }

    /// The port of the pod that a Service port leads to, or nil when the pod has none of that name.
    func port(for target: Service.TargetPort, over transport: TransportProtocol) -> Port? {
        switch target {
        case .number(let port): port
        case .name(let name): namedPorts.first { $0.name == name && $0.transport == transport }?.port
        }
    }
}
