internal import KubernetesAPI
internal import NetworkAddress

extension Service {
    /// Where clients reach what the Service leads to, as the status of an Ingress says it.
    var publishedAddresses: [Ingress.PublishedAddress] {
        let external = externalIPs.compactMap(\.self).map { Ingress.PublishedAddress(ip: $0.description) }
        switch type {
        case .externalName: return externalName.map { [Ingress.PublishedAddress(hostname: $0)] } ?? []
        case .clusterIP: return clusterIPs.prefix(1).map { Ingress.PublishedAddress(ip: $0.description) }
        case .nodePort:
            if !external.isEmpty { return external }
            return clusterIPs.prefix(1).map { Ingress.PublishedAddress(ip: $0.description) }
        case .loadBalancer:
            let balancers = loadBalancerIngress.compactMap { entry -> Ingress.PublishedAddress? in
                if let address = entry.address { return Ingress.PublishedAddress(ip: address.description) }
                return entry.hostname.map { Ingress.PublishedAddress(hostname: $0) }
            }
            return balancers + external
        }
    }
}
