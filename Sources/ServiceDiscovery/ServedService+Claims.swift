internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

extension ServedService {
    /// Everything that no other Service may have besides, each once, with how well the Service claims it.
    var claims: [ClaimedResource: Claim] {
        var claims: [ClaimedResource: Claim] = [:]
        for address in clusterIPs {
            claims[.clusterIP(address)] = claim
            for served in ports {
                claims[.frontEnd(served.port.key(at: address))] = claim.settingBasis(to: .clusterIP)
            }
        }
        for external in externalAddresses where !clusterIPs.contains(external.address) {
            for served in ports { claims[.frontEnd(served.port.key(at: external.address))] = claim }
        }
        for family in families {
            for served in ports {
                if let key = served.port.nodePortKey(in: family) { claims[.frontEnd(key)] = claim }
            }
            if let key = healthCheckKey(in: family) { claims[.frontEnd(key)] = claim }
        }
        return claims
    }

    /// The key that a health check in a family takes among the node ports.
    func healthCheckKey(in family: AddressFamily) -> FrontEndKey? {
        healthCheckNodePort.map { FrontEndKey(listener: .nodeAddresses(family), transport: .tcp, port: $0) }
    }
}

extension Service.ServicePort {
    /// The key of the front end at a virtual address.
    func key(at address: IPAddress) -> FrontEndKey {
        FrontEndKey(listener: .address(address), transport: transport, port: port)
    }
}
