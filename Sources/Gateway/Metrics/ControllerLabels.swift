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
