package import KubernetesAPI
package import ServiceModel

/// Something that happened to an object of the cluster, as a Kubernetes Event tells it.
package struct ClusterEvent: Hashable, Sendable {
    /// Whether somebody should look at it.
    package enum Severity: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    /// What kind of thing happened, in the words that kube-proxy uses where it tells the same.
    package enum Reason: String, Sendable {
        /// The health check port of a Service cannot be listened on.
        case healthCheckFailed = "FailedToStartServiceHealthcheck"
        /// The kernel refuses what a Service is to be programmed as.
        case programmingFailed = "FailedToProgramService"
    }

    /// The object.
    package let object: ObjectReference
    /// Whether somebody should look at it.
    package let severity: Severity
    /// What kind of thing happened.
    package let reason: Reason
    /// What happened, and what to do about it.
    package let message: String
    /// What tells the object from a later one of its name, if it is known: tools look for Events by it.
    package var uid: ObjectUID?

    /// Describes what happened to a Service.
    package init(_ service: ObjectName, _ severity: Severity, _ reason: Reason, _ message: String) {
        object = ObjectReference(kind: .service, namespace: service.namespace, name: service.name)
        self.severity = severity
        self.reason = reason
        self.message = message
    }
}
