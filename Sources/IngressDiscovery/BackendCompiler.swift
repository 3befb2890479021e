internal import KubernetesAPI
internal import LoadBalancing
internal import NetworkAddress
internal import Routing

/// Finds the endpoints of one backend.
struct BackendCompiler {
    /// The Service, if it is there.
    let service: Service?
    /// Its endpoints.
    let source: EndpointSource?
    /// The zone that the gateway is in.
    let zone: String?
    /// Whether external names lead nowhere.
    let ignoresExternalNames: Bool
    /// What DNS said of names.
    let addresses: [String: [IPAddress]]

    /// What a backend comes to.
    struct Outcome {
        var scheme = Backend.Scheme.http
        var endpoints: [BackendEndpoint] = []
        var fault: BackendFault?
        var externalName: String?
    }

    /// Finds the endpoints.
    func compile(_ key: BackendKey) -> Outcome {
        guard let service else { return Outcome(scheme: key.scheme ?? .http, fault: .serviceNotFound) }
        if service.type == .externalName { return externalName(key, of: service) }
        guard let port = service.port(for: key.port) else {
            return Outcome(scheme: key.scheme ?? .http, fault: .portNotFound)
        }
        var outcome = Outcome(scheme: key.scheme ?? port.scheme)
        if key.usesServiceAddress, let address = service.clusterIPs.first {
            outcome.endpoints = [BackendEndpoint(TransportAddress(address, port.port))]
        } else {
            outcome.endpoints = source?.endpoints(of: port, in: zone) ?? []
        }
        if outcome.endpoints.isEmpty { outcome.fault = .noEndpoints }
        return outcome
    }

    private func externalName(_ key: BackendKey, of service: Service) -> Outcome {
        var outcome = Outcome(scheme: key.scheme ?? .http)
        if ignoresExternalNames {
            outcome.fault = .externalNamesOff
            return outcome
        }
        guard let port = externalPort(key, of: service) else {
            outcome.fault = .portNotFound
            return outcome
        }
        if key.scheme == nil, let scheme = service.port(for: key.port)?.scheme { outcome.scheme = scheme }
        switch ExternalName(service.externalName) {
        case .address(let address):
            outcome.endpoints = [BackendEndpoint(TransportAddress(address, port))]
        case .forbidden(let rule):
            outcome.fault = .forbiddenName(rule)
        case .name(let name):
            outcome.externalName = name
            let known = addresses[name, default: []]
            let allowed = Set(known).filter { ExternalName.fault(of: $0) == nil }.sorted()
            outcome.endpoints = allowed.map { BackendEndpoint(TransportAddress($0, port)) }
            if let first = known.sorted().first, allowed.isEmpty {
                outcome.fault = .forbiddenName("leads to \(first), which \(ExternalName.fault(of: first) ?? "")")
            } else if allowed.isEmpty {
                outcome.fault = .unresolvedName(name)
            }
        }
        return outcome
    }

    /// The port at the external name: the target of the Service's port, or the number itself where there are no ports.
    private func externalPort(_ key: BackendKey, of service: Service) -> Port? {
        guard let port = service.port(for: key.port) else {
            guard service.ports.isEmpty else { return nil }
            return key.port.flatMap { Port(parsing: $0.description) }
        }
        if case .number(let number) = port.targetPort { return number }
        return port.port
    }
}

extension Service.ServicePort {
    /// How the port is spoken to, by its application protocol.
    fileprivate var scheme: Backend.Scheme {
        switch appProtocol?.lowercased() {
        case "https", "kubernetes.io/wss": .https
        default: .http
        }
    }
}
