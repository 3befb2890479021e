/// A text with variables of nginx in it, read once and put together for each request.
package struct RequestTemplate: Hashable, Sendable {
    /// A piece of a template.
    package enum Part: Hashable, Sendable {
        /// These bytes, as they are sent.
        case literal([UInt8])
        /// What a variable stands for, before or behind the question mark of the whole.
        case variable(RequestVariable, isInQuery: Bool)
    }

    /// The text as it was written.
    package let text: String
    /// Its pieces, in order.
    package let parts: [Part]

    /// Creates a template that has been read.
    init(text: String, parts: [Part]) {
        self.text = text
        self.parts = parts
    }

    /// Whether it asks for what groups of a pattern caught.
    package var asksForGroups: Bool { variables.contains { if case .group = $0 { true } else { false } } }

    /// Its variables, in order.
    package var variables: [RequestVariable] {
        parts.compactMap { if case .variable(let variable, _) = $0 { variable } else { nil } }
    }

    /// The text for all requests of one route, or nil where it depends on the request.
    package func text(for origin: RouteOrigin) -> [UInt8]? {
        var text: [UInt8] = []
        for part in parts {
            switch part {
            case .literal(let bytes): text += bytes
            case .variable(let variable, _):
                guard let value = variable.value(of: origin) else { return nil }
                text += Array(value.utf8)
            }
        }
        return text
    }
}

extension RequestVariable {
    /// What the variable stands for in all requests of a route; nil where it depends on the request.
    package func value(of origin: RouteOrigin) -> String? {
        switch self {
        case .namespace: origin.namespace
        case .ingress: origin.ingress
        case .service: origin.service
        case .servicePort: origin.servicePort
        case .declaredPath: origin.path
        case .declaredHost: origin.host
        default: nil
        }
    }
}
