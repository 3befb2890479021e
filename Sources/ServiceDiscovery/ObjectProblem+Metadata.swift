internal import KubernetesAPI

extension ObjectProblem {
    /// Creates a problem of the object that metadata belongs to.
    init(_ kind: ObjectKind, _ metadata: ObjectMetadata, field: String? = nil, message: String) {
        let reference = ObjectReference(kind: kind, namespace: metadata.namespace, name: metadata.name)
        self.init(origin: metadata.origin, object: reference.description, field: field, message: message)
    }
}

extension ServedService {
    /// Creates a problem of the Service.
    func problem(at field: String, _ message: String) -> ObjectProblem {
        let object = ObjectReference.service(claim.service).description
        return ObjectProblem(origin: origin, object: object, field: field, message: message)
    }
}

/// The path of an address that Kubernetes keeps both alone and, with others, in a list.
///
/// The first is named as people write it: `spec.clusterIP`, then `spec.clusterIPs[1]`.
func addressField(_ path: String, at index: Int) -> String {
    index == 0 ? path : "\(path)s[\(index)]"
}
