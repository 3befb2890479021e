/// What the gateway's command line says about Ingresses; the defaults are those of ingress-nginx.
package struct IngressSettings: Hashable, Sendable {
    /// The class that the older annotation names (`--ingress-class`).
    package var ingressClass = "nginx"
    /// The controllers whose classes are ours (`--controller-class`).
    package var controllerClasses: Set<String> = ["k8s.io/ingress-nginx", "fairlead.io/ingress"]
    /// Whether a class of the name `ingressClass` is ours whatever its controller (`--ingress-class-by-name`).
    package var matchesClassByName = false
    /// Whether an Ingress without any class is ours (`--watch-ingress-without-class`).
    package var watchesClassless = false
    /// The only namespace whose Ingresses count; nil for all (`--watch-namespace`).
    package var watchedNamespace: String?
    /// The labels of the namespaces whose Ingresses count; empty for all (`--watch-namespace-selector`).
    package var watchedNamespaceLabels: [String: String] = [:]
    /// What stands before the slash in the names of annotations (`--annotations-prefix`).
    package var annotationsPrefix = "nginx.ingress.kubernetes.io"
    /// The Service whose first port gets requests that nothing else takes (`--default-backend-service`).
    package var defaultBackendService: NamespacedName?
    /// The Secret with the certificate for hosts that have none (`--default-ssl-certificate`).
    package var defaultCertificate: NamespacedName?
    /// The ConfigMap with the options of the gateway as a whole (`--configmap`).
    package var configMap: NamespacedName?
    /// Whether Ingresses with a default backend are left out (`--disable-catch-all`).
    package var ignoresCatchAll = false
    /// Whether Services of type ExternalName lead nowhere (`--disable-svc-external-name`).
    package var ignoresExternalNames = false
    /// Whether only the paths whose own Ingress asks for patterns are patterns (`--strict-path-regex`).
    package var isPathRegexStrict = false
    /// The port in redirects to HTTPS, where the ConfigMap wants one.
    package var httpsPort: UInt16 = 443
    /// The zone that the gateway runs in, for topology hints; nil for none (`--enable-topology-aware-routing`).
    package var zone: String?

    /// Creates the settings of a gateway that is told nothing.
    package init() {}
}
