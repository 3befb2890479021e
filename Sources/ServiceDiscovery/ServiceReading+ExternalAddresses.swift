internal import KubernetesAPI
internal import NetworkAddress

extension ServiceReading {
    /// The external addresses that stand, each once.
    ///
    /// An address that is a load balancer's and an external IP as well is the load balancer's, so that source ranges
    /// hold for it, as they do in kube-proxy. One that only leads to the load balancer (`ipMode: Proxy`) is none of
    /// the node's. One of a family that the Service has no cluster IP in is not seen; for a load balancer that is no
    /// mistake, since it may translate between the families.
    static func externalAddresses(of service: Service, problems: inout [ObjectProblem]) -> [ExternalAddress] {
        var addresses: [ExternalAddress] = []
        func append(_ address: IPAddress?, at place: ExternalAddress.Place) {
            guard let address, !addresses.contains(where: { $0.address == address }) else { return }
            let entry = ExternalAddress(address: address, place: place)
            var fault = address.faultAsVirtualAddress
            if fault == nil, !service.clusterIPs.contains(where: { $0.family == address.family }) {
                if entry.isLoadBalancers { return }
                fault = "is an \(address.family) address, and the Service has no \(address.family) cluster IP"
            }
            guard let fault else { return addresses.append(entry) }
            problems.append(
                ObjectProblem(
                    .service,
                    service.metadata,
                    field: entry.field,
                    message: "\(address) \(fault); the Service is left out on this address"
                )
            )
        }
        for (index, ingress) in service.loadBalancerIngress.enumerated() where ingress.ipMode == .vip {
            append(ingress.address, at: .loadBalancerIngress(index))
        }
        for (index, address) in service.externalIPs.enumerated() { append(address, at: .externalIPs(index)) }
        return addresses
    }

    /// The external traffic policy that counts.
    ///
    /// `Local` has no effect on a Service that cannot be reached from outside (`ExternallyAccessible` of kube-proxy).
    static func effectiveExternalPolicy(of service: Service) -> Service.TrafficPolicy {
        switch service.type {
        case .nodePort, .loadBalancer: service.externalTrafficPolicy
        case .clusterIP: service.externalIPs.isEmpty ? .cluster : service.externalTrafficPolicy
        case .externalName: .cluster
        }
    }

    /// The health check port of a load balancer that leads flows to nodes with endpoints only.
    static func healthCheckNodePort(of service: Service, problems: inout [ObjectProblem]) -> Port? {
        guard service.type == .loadBalancer, service.externalTrafficPolicy == .local else { return nil }
        if service.healthCheckNodePort == nil {
            problems.append(
                ObjectProblem(
                    .service,
                    service.metadata,
                    field: "spec.healthCheckNodePort",
                    message: "is not set, so that no load balancer can ask this node whether it has an endpoint; "
                        + "set it, or set externalTrafficPolicy to Cluster"
                )
            )
        }
        return service.healthCheckNodePort
    }
}
