import HTTPSemantics
import IngressDiscovery
import KubernetesAPI
import LoadBalancing
import NetworkAddress
import PatternMatching
import Routing
import Testing

/// A directory with what it told, and questions about what it compiled.
struct World {
    var directory: IngressDirectory
    var table = RoutingTable.empty(fallback: Route(id: 0, origin: RouteOrigin()))
    var last = IngressCompilation()

    /// Creates a world in which `nginx` is a class of ours.
    init(_ settings: IngressSettings = IngressSettings(), hasClass: Bool = true) {
        directory = IngressDirectory(settings: settings)
        if hasClass { add(.ingressClass(ingressClass("nginx"))) }
    }

    mutating func add(_ objects: KubernetesObject...) { for object in objects { directory.apply(.applied(object)) } }

    mutating func remove(_ kind: ObjectKind, _ name: String, in namespace: String = "demo") {
        directory.apply(.removed(ObjectReference(kind: kind, namespace: namespace, name: name)))
    }

    /// Compiles, and returns what had to be looked at.
    @discardableResult
    mutating func compile() -> IngressCompilation.Work {
        last = directory.compile()
        if let table = last.table { self.table = table }
        return last.work
    }

    /// Adds objects and compiles.
    mutating func settle(_ objects: KubernetesObject...) {
        for object in objects { directory.apply(.applied(object)) }
        compile()
    }

    /// The host for a name.
    func host(_ name: String) -> VirtualHost { table.host(Array(name.utf8).span) }

    /// The route of a request.
    func route(_ host: String, _ path: String) -> Route {
        var scratch = PatternScratch()
        return self.host(host).route(for: Array(path.utf8).span, scratch: &scratch)
    }

    /// What becomes of a request: the backend's name, `404`, `503`, or where it is redirected.
    func outcome(_ host: String, _ path: String) -> String {
        let route = route(host, path)
        if let redirect = route.redirect {
            return "\(redirect.status.rawValue) \(redirect.location.text)"
        }
        if let refusal = route.refusal { return "\(refusal.rawValue)" }
        guard let backend = backend(of: route) else { return "nothing" }
        return backend.endpoints.isEmpty ? "503" : backend.name
    }

    func backend(of route: Route) -> Backend? { route.backend.flatMap { table.backend($0) } }

    /// The endpoints of the backend that a request goes to.
    func endpoints(_ host: String, _ path: String = "/") -> [String] {
        backend(of: route(host, path))?.endpoints.map(\.address.description) ?? []
    }

    /// The problems, each as `Reason: field: message`.
    var problems: [String] {
        directory.problems.map { "\($0.reason.rawValue): \($0.problem.field ?? ""): \($0.problem.message)" }
    }

    /// The causes of the problems.
    var reasons: [String] { directory.problems.map(\.reason.rawValue) }
}

func ingressClass(
    _ name: String,
    controller: String = "k8s.io/ingress-nginx",
    isDefault: Bool = false
) -> IngressClass {
    IngressClass(metadata: ObjectMetadata(namespace: "", name: name), controller: controller, isDefault: isDefault)
}

/// One path of an Ingress: `Path("/foo", "web")` is the prefix /foo to port 80 of Service web.
func path(
    _ path: String,
    _ service: String = "web",
    _ type: Ingress.PathType = .prefix,
    port: Ingress.ServicePort = .number(.http)
) -> Ingress.Path {
    Ingress.Path(path: path, type: type, backend: .service(name: service, port: port))
}

func ingress(
    _ name: String,
    _ host: String? = nil,
    _ paths: [Ingress.Path] = [],
    namespace: String = "demo",
    annotations: [String: String] = [:],
    age: String? = nil,
    tls: [Ingress.TLS] = [],
    defaultBackend: String? = nil,
    className: String? = "nginx"
) -> KubernetesObject {
    var rules: [Ingress.Rule] = []
    if let host {
        let placed = paths.enumerated().map { index, path in
            var path = path
            path.position = index
            return path
        }
        rules = [Ingress.Rule(host: host, paths: placed)]
    }
    var keyed: [String: String] = [:]
    for (key, value) in annotations {
        keyed[key.contains("/") ? key : "nginx.ingress.kubernetes.io/\(key)"] = value
    }
    return .ingress(
        Ingress(
            metadata: ObjectMetadata(namespace: namespace, name: name, creationTimestamp: age),
            annotations: keyed,
            className: className,
            defaultBackend: defaultBackend.map { .service(name: $0, port: .number(.http)) },
            tls: tls.enumerated().map { index, entry in
                var entry = entry
                entry.position = index
                return entry
            },
            rules: rules
        )
    )
}

func service(
    _ name: String,
    namespace: String = "demo",
    ports: [Service.ServicePort] = [Service.ServicePort(port: .http, targetPort: .number(.alternate))],
    clusterIPs: [IPAddress] = [],
    externalName: String? = nil
) -> KubernetesObject {
    .service(
        Service(
            metadata: ObjectMetadata(namespace: namespace, name: name),
            type: externalName == nil ? .clusterIP : .externalName,
            clusterIPs: clusterIPs,
            ports: ports,
            externalName: externalName
        )
    )
}

func slice(
    of service: String,
    _ endpoints: [EndpointSlice.SliceEndpoint],
    name: String? = nil,
    namespace: String = "demo",
    ports: [EndpointSlice.EndpointPort] = [EndpointSlice.EndpointPort(port: .alternate)]
) -> KubernetesObject {
    .endpointSlice(
        EndpointSlice(
            metadata: ObjectMetadata(
                namespace: namespace,
                name: name ?? "\(service)-1",
                labels: [EndpointSlice.serviceNameLabel: service]
            ),
            ports: ports,
            endpoints: endpoints
        )
    )
}

/// An endpoint at 10.0.0.n.
func pod(
    _ number: UInt8,
    ready: Bool = true,
    serving: Bool = true,
    terminating: Bool = false,
    zones: [String] = []
) -> EndpointSlice.SliceEndpoint {
    EndpointSlice.SliceEndpoint(
        address: IPAddress(10, 0, 0, number),
        isReady: ready,
        isServing: serving,
        isTerminating: terminating,
        zoneHints: zones
    )
}

extension Port {
    static let http = port(80)
    static let alternate = port(8080)
    static let secure = port(443)
}

func port(_ number: Int) -> Port {
    guard let port = Port(number) else { preconditionFailure("\(number) is not a port") }
    return port
}

extension World {
    /// Adds a Service with one ready endpoint.
    mutating func addService(_ name: String, at number: UInt8 = 1, namespace: String = "demo") {
        add(service(name, namespace: namespace), slice(of: name, [pod(number)], namespace: namespace))
    }
}
