/// A networking.k8s.io/v1 IngressClass: which controller the Ingresses of a class are for.
package struct IngressClass: Hashable, Sendable {
    /// The metadata.
    package var metadata: ObjectMetadata
    /// `spec.controller`, such as `k8s.io/ingress-nginx`.
    package var controller: String
    /// Whether an Ingress that is made without a class gets this one.
    package var isDefault: Bool

    /// Creates a class.
    package init(metadata: ObjectMetadata, controller: String, isDefault: Bool = false) {
        self.metadata = metadata
        self.controller = controller
        self.isDefault = isDefault
    }
}

extension IngressClass {
    /// Reads a class; its parameters, which no controller of ours has, are not looked at.
    init(_ metadata: ObjectMetadata, fields: Fields) throws(InvalidField) {
        do throws(InvalidField) {
            let annotations = try fields.object("metadata").stringMap("annotations")
            isDefault = annotations["ingressclass.kubernetes.io/is-default-class"] == "true"
        } catch { throw error.within("metadata") }
        do throws(InvalidField) {
            controller = try fields.object("spec").string("controller") ?? ""
        } catch { throw error.path == "spec" ? error : error.within("spec") }
        self.metadata = metadata
    }
}
