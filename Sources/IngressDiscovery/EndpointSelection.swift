internal import KubernetesAPI
internal import LoadBalancing
internal import NetworkAddress

/// The endpoints of one Service, as slices or as the older single object have them.
struct EndpointSource: Sendable {
    /// The slices by name.
    var slices: [String: EndpointSlice] = [:]
    /// The older object, which counts as long as there is no slice.
    var endpoints: Endpoints?

    /// Whether nothing is known.
    var isVacant: Bool { slices.isEmpty && endpoints == nil }

    /// The endpoints that answer a port: those that are ready, else those that still serve while they end.
    ///
    /// Each once and in the order of addresses. Where every one of them is meant for zones and some for this gateway's,
    /// only those are taken.
    func endpoints(of port: Service.ServicePort, in zone: String?) -> [BackendEndpoint] {
        var states: [TransportAddress: Candidate] = [:]
        for slice in slices.values { slice.appendCandidates(of: port, in: zone, to: &states) }
        if slices.isEmpty, let endpoints { endpoints.appendCandidates(of: port, to: &states) }
        var usable = states.filter { $0.value.isReady }
        if usable.isEmpty { usable = states.filter { $0.value.servesWhileTerminating } }
        if zone != nil, usable.values.allSatisfy({ $0.hint != .none }) {
            let here = usable.filter { $0.value.hint == .here }
            if !here.isEmpty { usable = here }
        }
        return usable.keys.sorted().map(BackendEndpoint.init)
    }

    /// An endpoint before readiness is looked at.
    struct Candidate {
        /// Which zone it is meant for.
        enum Hint { case none, here, elsewhere }

        var isReady: Bool
        var servesWhileTerminating: Bool
        var hint = Hint.none

        /// What two slices that name one endpoint say together: the better of both.
        func joined(with other: Candidate) -> Candidate {
            Candidate(
                isReady: isReady || other.isReady,
                servesWhileTerminating: servesWhileTerminating || other.servesWhileTerminating,
                hint: hint == .here || other.hint == .here
                    ? .here : hint == .none || other.hint == .none ? .none : .elsewhere
            )
        }
    }
}

extension [TransportAddress: EndpointSource.Candidate] {
    fileprivate mutating func add(_ address: TransportAddress, _ candidate: EndpointSource.Candidate) {
        self[address] = self[address]?.joined(with: candidate) ?? candidate
    }
}

extension EndpointSlice {
    fileprivate func appendCandidates(
        of port: Service.ServicePort,
        in zone: String?,
        to states: inout [TransportAddress: EndpointSource.Candidate]
    ) {
        var numbers = ports.filter { $0.transport == port.transport && $0.name == port.name }.map(\.port)
        // A slice of a headless Service may say nothing about ports; then the Service's own word counts.
        if ports.isEmpty, case .number(let target) = port.targetPort { numbers = [target] }
        for number in numbers {
            for endpoint in endpoints {
                let isHere = zone.map(endpoint.zoneHints.contains) ?? false
                states.add(
                    TransportAddress(endpoint.address, number),
                    EndpointSource.Candidate(
                        isReady: endpoint.isReady,
                        servesWhileTerminating: endpoint.isServing && endpoint.isTerminating,
                        hint: endpoint.zoneHints.isEmpty ? .none : isHere ? .here : .elsewhere
                    )
                )
            }
        }
    }
}

extension Endpoints {
    fileprivate func appendCandidates(
        of port: Service.ServicePort,
        to states: inout [TransportAddress: EndpointSource.Candidate]
    ) {
        for subset in subsets {
            for own in subset.ports where own.transport == port.transport && own.name == port.name {
                for entry in subset.addresses {
                    states.add(
                        TransportAddress(entry.address, own.port),
                        EndpointSource.Candidate(isReady: true, servesWhileTerminating: false)
                    )
                }
            }
        }
    }
}

extension Service {
    /// The port that an Ingress means: by number or name, else by what a port leads to.
    ///
    /// ingress-nginx also takes the target of a port for its number or name; so does this, where nothing else fits.
    func port(for wanted: Ingress.ServicePort?) -> ServicePort? {
        switch wanted {
        case nil: ports.first
        case .number(let number):
            ports.first { $0.port == number } ?? ports.first { $0.targetPort == .number(number) }
        case .name(let name):
            ports.first { $0.name == name && !name.isEmpty } ?? ports.first { $0.targetPort == .name(name) }
                ?? ports.first { $0.port.description == name } ?? ports.first { $0.targetPort.text == name }
        }
    }
}

extension Service.TargetPort {
    /// The number or the name as text.
    fileprivate var text: String {
        switch self {
        case .number(let port): port.description
        case .name(let name): name
        }
    }
}
