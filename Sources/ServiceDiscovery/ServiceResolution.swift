internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

/// What a Service comes to on this node: its front ends, and what of it is left out.
struct ServiceResolution: Sendable {
    /// The front ends, by port, then family, a family's addresses before its node ports.
    private(set) var frontEnds: [FrontEnd] = []
    /// The endpoints that new flows can go to, over all ports and families.
    private(set) var endpointCount = 0
    /// What is left out.
    private(set) var problems: [ObjectProblem] = []

    /// Creates the resolution of a Service that nothing is done for.
    init(problems: [ObjectProblem] = []) { self.problems = problems }

    /// Resolves a Service with its endpoints among the claims of all Services, which are settled.
    init(_ service: ServedService, readingProblems: [ObjectProblem], source: EndpointSource, claims: ClaimRegister) {
        problems = readingProblems + source.problems
        let addresses = heldAddresses(of: service, claims: claims)
        let families = service.families
        frontEnds.reserveCapacity(service.ports.count * addresses.count)
        for served in service.ports {
            if source.lacksNamedPort(of: served.port), case .name(let name) = served.port.targetPort {
                report(
                    service,
                    field: "spec.ports[\(served.index)].targetPort",
                    message: "no pod that the selector picks has a \(served.port.transport.kubernetesName) container "
                        + "port \"\(name)\"; the port has no endpoints"
                )
            }
            for family in families {
                let selection = EndpointSelection(source.candidates(for: served.port, in: family))
                var policies: [Service.TrafficPolicy] = []
                for address in addresses where address.family == family {
                    let key = FrontEndKey(
                        listener: .address(address),
                        transport: served.port.transport,
                        port: served.port.port
                    )
                    let policy = service.internalTrafficPolicy
                    append(key, of: served, masquerade: .offCluster, action: selection.action(under: policy))
                    policies.append(policy)
                }
                if let key = heldNodePort(of: served, in: family, service: service, claims: claims) {
                    append(key, of: served, masquerade: .always, action: selection.action(under: .cluster))
                    policies.append(.cluster)
                }
                if !policies.isEmpty { endpointCount += selection.cluster.count }
                if policies.contains(where: selection.isTruncated) {
                    reportTruncation(of: served, in: family, service: service)
                }
            }
        }
    }

    private mutating func append(
        _ key: FrontEndKey,
        of served: ServedService.ServedPort,
        masquerade: Masquerade,
        action: FrontEndAction
    ) {
        frontEnds.append(
            FrontEnd(key: key, portName: served.port.name, masquerade: masquerade, action: action)
        )
    }

    private mutating func reportTruncation(
        of served: ServedService.ServedPort,
        in family: AddressFamily,
        service: ServedService
    ) {
        let limit = EndpointSelection.endpointsMax
        report(
            service,
            field: "spec.ports[\(served.index)]",
            message: "has more than \(limit) usable \(family) endpoints; the first \(limit) by address are used"
        )
    }

    /// The cluster IPs that no older Service has.
    private mutating func heldAddresses(of service: ServedService, claims: ClaimRegister) -> [IPAddress] {
        var held: [IPAddress] = []
        for (index, address) in service.clusterIPs.enumerated() {
            guard let winner = claims.winner(of: .clusterIP(address)), winner != service.claim else {
                held.append(address)
                continue
            }
            report(
                service,
                field: addressField("spec.clusterIP", at: index),
                message: "\(address) is that of Service \(winner.service), \(service.claim.reasonToYield(to: winner)); "
                    + "Service \(service.claim.service) is left out on this address"
            )
        }
        return held
    }

    /// The key of a port's node port, unless an older Service has it.
    private mutating func heldNodePort(
        of served: ServedService.ServedPort,
        in family: AddressFamily,
        service: ServedService,
        claims: ClaimRegister
    ) -> FrontEndKey? {
        guard let key = served.port.nodePortKey(in: family) else { return nil }
        guard let winner = claims.winner(of: .nodePort(key)), winner != service.claim else { return key }
        report(
            service,
            field: "spec.ports[\(served.index)].nodePort",
            message: "\(key.port)/\(key.transport) (\(family)) is that of Service \(winner.service), "
                + "\(service.claim.reasonToYield(to: winner)); Service \(service.claim.service) is left out on this node port"
        )
        return nil
    }

    private mutating func report(_ service: ServedService, field: String, message: String) {
        let name = service.claim.service
        let reference = ObjectReference(kind: .service, namespace: name.namespace, name: name.name)
        problems.append(
            ObjectProblem(
                origin: service.origin,
                object: reference.description,
                field: field,
                message: message
            )
        )
    }
}

extension Claim {
    /// Why a better claim wins over this one, as a clause about the winner.
    fileprivate func reasonToYield(to winner: Claim) -> String {
        winner.creationTimestamp == creationTimestamp ? "which comes first by name" : "which is older"
    }
}
