internal import KubernetesAPI
internal import LoadBalancing
internal import Routing

/// What makes two backends one: a port of a Service, and how its endpoints are used.
struct BackendKey: Hashable, Comparable, Sendable {
    /// The Service.
    let service: NamespacedName
    /// The port that the Ingress names; nil for the first one.
    let port: Ingress.ServicePort?
    /// How endpoints are spoken to; nil when the Service's port says it.
    var scheme: Backend.Scheme?
    /// How endpoints take turns.
    var policy = BalancingPolicy.roundRobin
    /// Whether the Service's own address is used.
    var usesServiceAddress = false

    /// The name in access logs.
    var name: String { "\(service.namespace)-\(service.name)-\(port?.description ?? "default")" }

    static func < (left: BackendKey, right: BackendKey) -> Bool { left.order < right.order }

    private var order: (String, String, String, UInt8, UInt8) {
        (
            service.namespace, service.name, port?.description ?? "", (scheme?.rawValue).map { $0 + 1 } ?? 0,
            policy.rawValue * 2 + (usesServiceAddress ? 1 : 0)
        )
    }
}

/// Why requests to a backend are answered 503.
enum BackendFault: Hashable, Sendable {
    case serviceNotFound
    case portNotFound
    case noEndpoints
    case forbiddenName(String)
    case unresolvedName(String)
    case externalNamesOff

    /// The problem of an Ingress whose backend has the fault.
    func problem(of use: BackendUse, _ key: BackendKey) -> IngressProblem {
        let (reason, message): (IngressProblem.Reason, String) =
            switch self {
            case .serviceNotFound: (.serviceNotFound, "there is no Service \(key.service)")
            case .portNotFound:
                (.portNotFound, "Service \(key.service) has no port \(key.port?.description ?? "at all")")
            case .noEndpoints: (.noEndpoints, "no endpoint of Service \(key.service) is ready")
            case .forbiddenName(let rule):
                (.forbiddenExternalName, "the external name of Service \(key.service) \(rule)")
            case .unresolvedName(let name):
                (.noEndpoints, "DNS has no address for \(name), which Service \(key.service) names")
            case .externalNamesOff:
                (.forbiddenExternalName, "Service \(key.service) is an external name, and those are switched off")
            }
        return IngressProblem(
            reason,
            use.object,
            origin: use.origin,
            field: use.field,
            message: "\(message); requests are answered 503"
        )
    }
}

/// A place where an object names a backend.
struct BackendUse: Hashable, Sendable {
    /// The number of the backend.
    let backend: Backend.ID
    /// The object.
    let object: ObjectReference
    /// Where the object was read.
    let origin: String?
    /// The field.
    let field: String
}

/// A backend while something uses it.
struct BackendEntry: Sendable {
    /// What it is.
    let key: BackendKey
    /// The hosts whose routes lead to it.
    var hosts: Set<String> = []
    /// The hosts that report its fault.
    var reporters: Set<String> = []
    /// What the workers have.
    var compiled: Backend?
    /// Why it has no endpoint.
    var fault: BackendFault?
    /// The name whose addresses it needs.
    var externalName: String?
}
