/// One object of a kind that Fairlead reads.
package enum KubernetesObject: Hashable, Sendable {
    case service(Service)
    case endpointSlice(EndpointSlice)
    case endpoints(Endpoints)
    case node(Node)
    case pod(Pod)
    case serviceCIDR(ServiceCIDR)
    case ingress(Ingress)
    case ingressClass(IngressClass)
    case secret(Secret)
    case configMap(ConfigMap)
    case namespace(Namespace)

    /// The metadata of the object.
    package var metadata: ObjectMetadata {
        switch self {
        case .service(let object): object.metadata
        case .endpointSlice(let object): object.metadata
        case .endpoints(let object): object.metadata
        case .node(let object): object.metadata
        case .pod(let object): object.metadata
        case .serviceCIDR(let object): object.metadata
        case .ingress(let object): object.metadata
        case .ingressClass(let object): object.metadata
        case .secret(let object): object.metadata
        case .configMap(let object): object.metadata
        case .namespace(let object): object.metadata
        }
    }

    /// The kind of the object.
    package var kind: ObjectKind {
        switch self {
        case .service: .service
        case .endpointSlice: .endpointSlice
        case .endpoints: .endpoints
        case .node: .node
        case .pod: .pod
        case .serviceCIDR: .serviceCIDR
        case .ingress: .ingress
        case .ingressClass: .ingressClass
        case .secret: .secret
        case .configMap: .configMap
        case .namespace: .namespace
        }
    }

    /// The same object, read elsewhere.
    package func settingOrigin(to origin: String?) -> KubernetesObject {
        switch self {
        case .service(var object):
            object.metadata.origin = origin
            return .service(object)
        case .endpointSlice(var object):
            object.metadata.origin = origin
            return .endpointSlice(object)
        case .endpoints(var object):
            object.metadata.origin = origin
            return .endpoints(object)
        case .node(var object):
            object.metadata.origin = origin
            return .node(object)
        case .pod(var object):
            object.metadata.origin = origin
            return .pod(object)
        case .serviceCIDR(var object):
            object.metadata.origin = origin
            return .serviceCIDR(object)
        case .ingress(var object):
            object.metadata.origin = origin
            return .ingress(object)
        case .ingressClass(var object):
            object.metadata.origin = origin
            return .ingressClass(object)
        case .secret(var object):
            object.metadata.origin = origin
            return .secret(object)
        case .configMap(var object):
            object.metadata.origin = origin
            return .configMap(object)
        case .namespace(var object):
            object.metadata.origin = origin
            return .namespace(object)
        }
    }

    /// What identifies the object.
    package var reference: ObjectReference {
        let metadata = metadata
        return ObjectReference(kind: kind, namespace: metadata.namespace, name: metadata.name)
    }
}

/// One change of what a source holds.
package enum ObjectChange: Hashable, Sendable {
    /// The object is new, or has replaced the one with its reference.
    case applied(KubernetesObject)
    /// The object is gone.
    case removed(ObjectReference)

    /// What identifies the object that changed.
    package var reference: ObjectReference {
        switch self {
        case .applied(let object): object.reference
        case .removed(let reference): reference
        }
    }
}
