/// What the metrics of a route are told apart by.
package struct RouteLabels: Hashable, Sendable {
    /// The namespace of the Ingress.
    package var namespace: String
    /// The name of the Ingress.
    package var ingress: String
    /// The name of the Service.
    package var service: String
    /// The port of the Service, by name or number; part of the name of a backend, not a label.
    package var servicePort: String
    /// The path as the Ingress has it, not the one that was asked for.
    package var path: String
    /// The host of the rule; a label only if metrics are kept per host.
    package var host: String
    /// The canary's backend as `namespace-service-port`, or nothing.
    package var canary: String

    /// Describes a route.
    package init(
        namespace: String,
        ingress: String,
        service: String,
        servicePort: String,
        path: String,
        host: String,
        canary: String = ""
    ) {
        self.namespace = namespace
        self.ingress = ingress
        self.service = service
        self.servicePort = servicePort
        self.path = path
        self.host = host
        self.canary = canary
    }
}

/// The number by which workers count for a route.
///
/// Numbers are small and used again after their route has long been gone, each time under another generation.
package struct RouteID: BitwiseCopyable, Hashable, Sendable {
    let index: UInt32
    let generation: UInt32
}

/// The labels that all metrics of a gateway have.
package struct ControllerLabels: Hashable, Sendable {
    /// The controller class, such as `k8s.io/ingress-nginx`.
    package var controllerClass: String
    /// The namespace of the gateway's pod.
    package var namespace: String
    /// The name of the gateway's pod.
    package var pod: String

    /// Describes a gateway.
    package init(controllerClass: String, namespace: String, pod: String) {
        self.controllerClass = controllerClass
        self.namespace = namespace
        self.pod = pod
    }
}

/// The methods that metrics tell apart: a client that invents methods must not make metrics without end.
package enum MethodLabel: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    case get, head, post, put, delete, connect, options, trace, patch, other

    /// Creates the label of a method's name, which is case-sensitive.
    package init(_ name: Span<UInt8>) {
        self = Self.allCases.first { $0 != .other && name.spells($0.text) } ?? .other
    }

    /// The label's text.
    package var text: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .other: "OTHER"
        }
    }
}

extension Span<UInt8> {
    fileprivate func spells(_ text: String) -> Bool {
        let letters = text.utf8.span
        guard letters.count == count else { return false }
        for index in indices where self[index] != letters[index] { return false }
        return true
    }
}
