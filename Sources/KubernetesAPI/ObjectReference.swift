/// The kinds of object that Fairlead reads.
package enum ObjectKind: String, CaseIterable, Comparable, Sendable {
    case service = "Service"
    case endpointSlice = "EndpointSlice"
    case endpoints = "Endpoints"
    case node = "Node"
    case pod = "Pod"
    case serviceCIDR = "ServiceCIDR"
    case ingress = "Ingress"
    case ingressClass = "IngressClass"
    case secret = "Secret"
    case configMap = "ConfigMap"
    case namespace = "Namespace"

    package static func < (left: ObjectKind, right: ObjectKind) -> Bool { left.rawValue < right.rawValue }
}

/// The kind, namespace and name that identify one object.
package struct ObjectReference: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The kind of the object.
    package let kind: ObjectKind

    /// The namespace; empty for kinds that have none.
    package let namespace: String

    /// The name.
    package let name: String

    /// Creates a reference to an object.
    package init(kind: ObjectKind, namespace: String, name: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// `Service default/web`, as messages name an object.
    package var description: String {
        namespace.isEmpty ? "\(kind.rawValue) \(name)" : "\(kind.rawValue) \(namespace)/\(name)"
    }

    package static func < (left: ObjectReference, right: ObjectReference) -> Bool {
        (left.kind.rawValue, left.namespace, left.name) < (right.kind.rawValue, right.namespace, right.name)
    }
}
