internal import KubernetesAPI
internal import NetworkAddress
internal import ServiceModel

/// What a Service comes to on this node: its front ends, and what of it is left out.
struct ServiceResolution: Sendable {
    /// The front ends, by port, then family, a family's addresses before its node ports.
    private(set) var frontEnds: [FrontEnd] = []
    /// The endpoints that new flows can go to, over all ports and families.
    private(set) var endpointCount = 0
    /// The ports that have endpoints on other nodes only, where that matters.
    private(set) var portsWithoutLocalEndpoints = LocalEndpointGaps()
    /// What a load balancer's health checks are to be told, if it asks for this Service.
    private(set) var healthCheck: HealthCheck?
    /// What is left out.
    private(set) var problems: [ObjectProblem] = []

    /// Creates the resolution of a Service that nothing is done for.
    init(problems: [ObjectProblem] = []) { self.problems = problems }

    /// Resolves a Service with its endpoints among the claims of all Services, which are settled.
    init(
        _ service: ServedService,
        readingProblems: [ObjectProblem],
        source: EndpointSource,
        claims: ClaimRegister,
        circumstances: NodeCircumstances
    ) {
        var holdings = ServiceHoldings(of: service, claims: claims)
        var localReadyAddresses: [AddressFamily: Set<IPAddress>] = [:]
        frontEnds.reserveCapacity(service.ports.count * (holdings.clusterIPs.count + service.externalAddresses.count))
        var ownProblems: [ObjectProblem] = []
        for served in service.ports {
            if source.lacksNamedPort(of: served.port), case .name(let name) = served.port.targetPort {
                ownProblems.append(
                    service.problem(
                        at: "spec.ports[\(served.index)].targetPort",
                        "no pod that the selector picks has a \(served.port.transport.kubernetesName) container "
                            + "port \"\(name)\"; the port has no endpoints"
                    )
                )
            }
            for family in service.families {
                let selection = EndpointSelection(
                    source.candidates(for: served.port, in: family, zone: circumstances.zone)
                )
                var policies = appendInternal(served, family, selection, service, holdings)
                policies += appendExternal(served, family, selection, service, &holdings, circumstances)
                if !policies.isEmpty { endpointCount += selection.cluster.count }
                if policies.contains(where: selection.isTruncated) {
                    ownProblems.append(Self.truncation(of: served, in: family, service: service))
                }
                portsWithoutLocalEndpoints.count(selection, family, of: service)
                if service.healthCheckNodePort != nil {
                    localReadyAddresses[family, default: []].formUnion(selection.localReadyAddresses)
                }
            }
        }
        healthCheck = service.healthCheck(counting: localReadyAddresses, holdings: &holdings)
        problems = readingProblems + source.problems + holdings.problems
        problems += service.sourceRangeProblems(circumstances) + ownProblems
    }

    /// Appends the front ends of one port at the cluster IPs of one family; returns the policies that choose for them.
    private mutating func appendInternal(
        _ served: ServedService.ServedPort,
        _ family: AddressFamily,
        _ selection: EndpointSelection,
        _ service: ServedService,
        _ holdings: ServiceHoldings
    ) -> [Service.TrafficPolicy] {
        let addresses = holdings.clusterIPs.filter { $0.family == family }
        if addresses.isEmpty { return [] }
        let action = selection.action(under: service.internalTrafficPolicy)
        for address in addresses {
            frontEnds.append(
                FrontEnd(
                    key: served.port.key(at: address),
                    portName: served.port.name,
                    masquerade: .offCluster,
                    action: action,
                    affinitySeconds: service.affinitySeconds
                )
            )
        }
        return [service.internalTrafficPolicy]
    }

    /// Appends the front ends of one port at the external addresses of one family and at its node port; returns the
    /// policies that choose for them.
    ///
    /// Under a `Local` policy the clients of this node still reach the whole cluster, unless nothing can answer at all:
    /// a load balancer outside would lead them to any node.
    private mutating func appendExternal(
        _ served: ServedService.ServedPort,
        _ family: AddressFamily,
        _ selection: EndpointSelection,
        _ service: ServedService,
        _ holdings: inout ServiceHoldings,
        _ circumstances: NodeCircumstances
    ) -> [Service.TrafficPolicy] {
        let doors = holdings.externalDoors(of: served, in: family)
        if doors.isEmpty { return [] }
        let policy = service.externalTrafficPolicy
        let action = selection.action(under: policy)
        let shortCircuits = policy == .local && action != .refuse
        for door in doors {
            frontEnds.append(
                FrontEnd(
                    key: door.key,
                    portName: served.port.name,
                    masquerade: policy == .local ? .never : .always,
                    action: action,
                    shortCircuit: shortCircuits ? selection.action(under: .cluster) : nil,
                    sourceRanges: door.isLoadBalancers ? service.sources(in: family, circumstances) : nil,
                    affinitySeconds: service.affinitySeconds
                )
            )
        }
        return [.cluster, policy]
    }

    private static func truncation(
        of served: ServedService.ServedPort,
        in family: AddressFamily,
        service: ServedService
    ) -> ObjectProblem {
        let limit = EndpointSelection.endpointsMax
        return service.problem(
            at: "spec.ports[\(served.index)]",
            "has more than \(limit) usable \(family) endpoints; the first \(limit) by address are used"
        )
    }
}
