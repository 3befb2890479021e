internal import KubernetesAPI
internal import NetworkAddress

/// The one kind of object that a Service's endpoints are taken from.
///
/// A dump of a cluster holds all three kinds for one Service: controllers make the slices, and the Endpoints, from
/// the pods, and mirror hand-written Endpoints into slices. What is further along that chain says more, so that
/// slices go before Endpoints and both before pods; adding them up would bring back endpoints that a controller has
/// already dropped. Pods alone stand in for the controllers, where there is no cluster.
enum EndpointSource: Sendable {
    case slices([SliceReading])
    case endpoints(EndpointsReading)
    case pods([PodReading], publishingNotReady: Bool)

    /// What of the objects is left out.
    var problems: [ObjectProblem] {
        switch self {
        case .slices(let slices): slices.flatMap(\.problems)
        case .endpoints(let endpoints): endpoints.problems
        case .pods(let pods, _): pods.flatMap(\.problems)
        }
    }

    /// The candidates of a Service port in one family, for a node in a zone.
    ///
    /// Only slices carry topology hints.
    func candidates(
        for port: Service.ServicePort,
        in family: AddressFamily,
        zone: String?
    ) -> [EndpointCandidate] {
        var candidates: [EndpointCandidate] = []
        switch self {
        case .slices(let slices):
            for slice in slices { slice.group.appendCandidates(for: port, in: family, zone: zone, to: &candidates) }
        case .endpoints(let endpoints):
            for group in endpoints.groups { group.appendCandidates(for: port, in: family, zone: zone, to: &candidates) }
        case .pods(let pods, let publishingNotReady):
            for pod in pods {
                guard let address = pod.addresses.first(where: { $0.family == family }),
                    let targetPort = pod.port(for: port.targetPort, over: port.transport)
                else { continue }
                candidates.append(
                    EndpointCandidate(
                        destination: TransportAddress(address, targetPort),
                        state: pod.state(publishingNotReady: publishingNotReady),
                        locality: pod.locality,
                        hints: .none
                    )
                )
            }
        }
        return candidates
    }

    /// Whether pods were found but none has the container port that a Service port names.
    ///
    /// Some pods may lack it while a Deployment rolls over; only when all do is it a mistake.
    func lacksNamedPort(of port: Service.ServicePort) -> Bool {
        guard case .pods(let pods, _) = self, !pods.isEmpty else { return false }
        return !pods.contains { $0.port(for: port.targetPort, over: port.transport) != nil }
    }
}

extension EndpointGroup {
    /// Appends the endpoints that answer a Service port: a port of the group has its name and protocol.
    fileprivate func appendCandidates(
        for port: Service.ServicePort,
        in family: AddressFamily,
        zone: String?,
        to candidates: inout [EndpointCandidate]
    ) {
        guard self.family == family else { return }
        let zoneHints = zoneHintMeanings(in: zone)
        for own in ports where own.transport == port.transport && own.name == port.name {
            for member in members {
                candidates.append(
                    EndpointCandidate(
                        destination: TransportAddress(member.address, own.port),
                        state: member.state,
                        locality: member.locality,
                        hints: TopologyHints(
                            node: member.nodeHint,
                            zone: zoneHints[Int(member.zoneHintNumber)]
                        )
                    )
                )
            }
        }
    }
}
