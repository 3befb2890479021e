package import NetworkAddress
package import ServiceModel
internal import KubernetesAPI

/// What a load balancer that asks on a health check port is to be told.
///
/// The answer counts the endpoints that it can send flows to here; with none, it is to take another node
/// (`externalTrafficPolicy: Local`).
package struct HealthCheck: Hashable, Sendable {
    /// The Service that is asked for.
    package let service: ObjectName

    /// The port to answer on, over TCP.
    package let port: Port

    /// The endpoints on this node that are ready, by the family of the listener; one that is absent does not listen.
    ///
    /// An address counts once, whatever its ports. Endpoints that are ending do not count, although they may still
    /// get flows: the load balancer should go elsewhere.
    package let localReadyEndpoints: [AddressFamily: Int]

    /// Creates the health check of a Service.
    package init(service: ObjectName, port: Port, localReadyEndpoints: [AddressFamily: Int]) {
        self.service = service
        self.port = port
        self.localReadyEndpoints = localReadyEndpoints
    }
}

extension ServedService {
    /// The health check of the Service, if it has one and has the port to itself.
    func healthCheck(
        counting localReadyAddresses: [AddressFamily: Set<IPAddress>],
        holdings: inout ServiceHoldings
    ) -> HealthCheck? {
        guard let healthCheckNodePort else { return nil }
        var counts: [AddressFamily: Int] = [:]
        for family in families where holdings.holdsHealthCheck(in: family) {
            counts[family] = localReadyAddresses[family]?.count ?? 0
        }
        if counts.isEmpty { return nil }
        return HealthCheck(service: claim.service, port: healthCheckNodePort, localReadyEndpoints: counts)
    }
}
