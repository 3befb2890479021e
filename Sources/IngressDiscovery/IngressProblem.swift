package import KubernetesAPI

/// Something that an object asks for and does not get, in words for the operator who can mend it.
package struct IngressProblem: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The one word for the cause that an Event about the object carries.
    package enum Reason: String, CaseIterable, Sendable {
        /// Another Ingress, which goes before, has the same path, certificate or setting of the host.
        case conflict = "Conflict"
        /// The Service of a backend is not there.
        case serviceNotFound = "ServiceNotFound"
        /// The Service of a backend has no such port.
        case portNotFound = "PortNotFound"
        /// The Service of a backend has no endpoint that could serve.
        case noEndpoints = "NoEndpoints"
        /// The Secret with a certificate is not there.
        case secretNotFound = "SecretNotFound"
        /// The certificate, or its key, cannot be used.
        case invalidCertificate = "InvalidCertificate"
        /// The Secret cannot be used any more, and the certificate that it held before is presented.
        case outdatedCertificate = "OutdatedCertificate"
        /// The certificate does not cover the host.
        case certificateMismatch = "CertificateMismatch"
        /// The value of an annotation breaks its rule.
        case invalidAnnotation = "InvalidAnnotation"
        /// The annotation is known, but not obeyed.
        case unsupportedAnnotation = "UnsupportedAnnotation"
        /// There is no annotation of this name.
        case unknownAnnotation = "UnknownAnnotation"
        /// A path or another pattern cannot be compiled.
        case invalidRegex = "InvalidRegex"
        /// A backend is of a kind that gets no requests.
        case unsupportedBackend = "UnsupportedBackend"
        /// A canary has nothing to stand beside.
        case canaryWithoutMain = "CanaryWithoutMain"
        /// The external name leads where no request may go.
        case forbiddenExternalName = "ForbiddenExternalName"
        /// The class of an Ingress is not there.
        case classNotFound = "ClassNotFound"
        /// An option of the ConfigMap is unknown, not obeyed, or has a wrong value.
        case invalidOption = "InvalidOption"
    }

    /// The cause in one word.
    package let reason: Reason
    /// The object that an Event would be about.
    package let object: ObjectReference
    /// Where, what, and what follows.
    package let problem: ObjectProblem

    /// Creates a problem of an object.
    package init(_ reason: Reason, _ object: ObjectReference, origin: String?, field: String?, message: String) {
        self.reason = reason
        self.object = object
        problem = ObjectProblem(origin: origin, object: object.description, field: field, message: message)
    }

    /// The parts in one line, the cause in front.
    package var description: String { "\(reason.rawValue): \(problem)" }

    package static func < (left: IngressProblem, right: IngressProblem) -> Bool {
        if left.object != right.object { return left.object < right.object }
        return (left.problem.field ?? "", left.problem.message, left.reason.rawValue, left.problem.origin ?? "")
            < (right.problem.field ?? "", right.problem.message, right.reason.rawValue, right.problem.origin ?? "")
    }
}
