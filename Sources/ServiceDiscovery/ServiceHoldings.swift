internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

/// What a Service has of what it claims, and why it lacks the rest.
struct ServiceHoldings: Sendable {
    /// One external way in to a Service port.
    struct Door: Sendable {
        let key: FrontEndKey
        /// Whether it is at a load balancer's address.
        let isLoadBalancers: Bool
    }

    /// The cluster IPs that lead to the Service as such.
    ///
    /// One that is an external address of the same Service, too, counts as the latter: kube-proxy programs cluster IPs
    /// first, then external IPs, then the load balancer's addresses, and the last one on a tuple stays.
    let clusterIPs: [IPAddress]
    /// What the Service lacks.
    private(set) var problems: [ObjectProblem] = []

    private let service: ServedService
    private let claims: ClaimRegister

    /// Looks up the cluster IPs of a Service among the claims of all Services, which are settled.
    init(of service: ServedService, claims: ClaimRegister) {
        var held: [IPAddress] = []
        for (index, address) in service.clusterIPs.enumerated() {
            if let winner = claims.winner(of: .clusterIP(address)), winner != service.claim {
                problems.append(
                    service.problem(
                        at: addressField("spec.clusterIP", at: index),
                        "\(address) is that of Service \(winner.service), \(service.claim.reasonToYield(to: winner)); "
                            + "Service \(service.claim.service) is left out on this address"
                    )
                )
            } else if !service.externalAddresses.contains(where: { $0.address == address }) {
                held.append(address)
            }
        }
        clusterIPs = held
        self.service = service
        self.claims = claims
    }

    /// The external ways in to a port in one family that no other Service has: addresses, then the node port.
    mutating func externalDoors(of served: ServedService.ServedPort, in family: AddressFamily) -> [Door] {
        var doors: [Door] = []
        for external in service.externalAddresses where external.address.family == family {
            let key = served.port.key(at: external.address)
            if holds(key, named: "\(key)", at: external.field, consequence: "on this address and port") {
                doors.append(Door(key: key, isLoadBalancers: external.isLoadBalancers))
            }
        }
        if let key = served.port.nodePortKey(in: family),
            holds(
                key,
                named: "\(key.port)/\(key.transport) (\(family))",
                at: "spec.ports[\(served.index)].nodePort",
                consequence: "on this node port"
            )
        {
            doors.append(Door(key: key, isLoadBalancers: false))
        }
        return doors
    }

    /// Whether the Service has its health check port in a family.
    mutating func holdsHealthCheck(in family: AddressFamily) -> Bool {
        guard let key = service.healthCheckKey(in: family) else { return false }
        return holds(
            key,
            named: "\(key.port)/\(key.transport) (\(family))",
            at: "spec.healthCheckNodePort",
            consequence: "on this health check"
        )
    }

    private mutating func holds(_ key: FrontEndKey, named name: String, at field: String, consequence: String) -> Bool {
        guard let winner = claims.winner(of: .frontEnd(key)), winner.service != service.claim.service
        else { return true }
        problems.append(
            service.problem(
                at: field,
                "\(name) is that of Service \(winner.service), \(service.claim.reasonToYield(to: winner)); "
                    + "Service \(service.claim.service) is left out \(consequence)"
            )
        )
        return false
    }
}

extension Claim {
    /// Why a better claim wins over this one, as a clause about the winner.
    fileprivate func reasonToYield(to winner: Claim) -> String {
        if winner.basis != basis { return "which has it at its cluster IP" }
        return winner.creationTimestamp == creationTimestamp ? "which comes first by name" : "which is older"
    }
}
