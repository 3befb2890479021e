package import KubernetesAPI
package import NetworkAddress
internal import Routing
package import TLS

/// All objects seen, and the routes, backends and certificates that they come to.
///
///     object ──▶ marks ──▶ options ──▶ Ingresses read ──▶ hosts ──▶ backends ──▶ table
///          apply                                   └──▶ certificates ──▶ table     compile
///
/// Every Kubernetes rule of meaning for the gateway is applied here, and nothing else: no I/O, no clock. The outcome
/// depends on the objects as they stand, never on the order in which they came, but for one thing: a Secret that becomes
/// unusable keeps the certificate that it held. Only what a change touches is compiled again: a new endpoint makes a new
/// backend and looks at no host.
package struct IngressDirectory: Sendable {
    /// The kinds of object that it reads.
    package static let kinds: Set<ObjectKind> = [
        .ingress, .ingressClass, .service, .endpointSlice, .endpoints, .secret, .configMap, .namespace,
    ]

    let settings: IngressSettings
    let builtInCertificate: TLSCertificate?

    // The objects.
    var ingresses: [NamespacedName: Ingress] = [:]
    var classes: [String: IngressClass] = [:]
    var services: [NamespacedName: Service] = [:]
    var sources: [NamespacedName: EndpointSource] = [:]
    var serviceBySlice: [NamespacedName: NamespacedName] = [:]
    var secrets: [NamespacedName: Secret] = [:]
    var configMap: ConfigMap?
    var namespaceLabels: [String: [String: String]] = [:]
    var addresses: [String: [IPAddress]] = [:]

    // What they come to.
    var options = GatewayOptions()
    var readings: [NamespacedName: IngressReading] = [:]
    var hosts: [String: HostState] = ["": HostState()]
    var registers = Registers()
    var readCertificates: [NamespacedName: SecretReading] = [:]
    /// The certificates that Secrets held which were replaced since.
    var formerCertificates: [NamespacedName: TLSCertificate] = [:]
    var ledger = ProblemLedger<ProblemOwner, IngressProblem>()
    var table: RoutingTable?
    var certificates: CertificateTable

    // Who depends on what.
    var ingressesByClass: [String: Set<NamespacedName>] = [:]
    var ingressesByNamespace: [String: Set<NamespacedName>] = [:]
    var hostsByParent: [String: Set<String>] = [:]
    var hostsBySecret: [NamespacedName: Set<String>] = [:]

    /// The Secrets that each served Ingress names, as of the last `takeReferencedSecrets`.
    var secretsByIngress: [NamespacedName: Set<NamespacedName>] = [:]
    /// How many served Ingresses name each Secret; nil before the first `takeReferencedSecrets`.
    var secretUses: [NamespacedName: Int]?

    // What the next compilation looks at.
    /// The hosts whose backends are others, so that what is wrong with those is to be told anew.
    var uncheckedReporters: Set<String> = []
    var touchedOptions: Bool
    var touchedIngresses: Set<NamespacedName> = []
    /// The Ingresses of which nothing changed but their status.
    var republishedIngresses: Set<NamespacedName> = []
    var touchedHosts: Set<String> = [""]
    var touchedCertificates: Set<String> = []
    var touchedDefaultCertificate = true

    /// Creates a directory without objects.
    ///
    /// - Parameters:
    ///   - settings: What the command line says.
    ///   - builtInCertificate: What is presented where there is no other certificate.
    package init(settings: IngressSettings = IngressSettings(), builtInCertificate: TLSCertificate? = nil) {
        self.settings = settings
        self.builtInCertificate = builtInCertificate
        touchedOptions = settings.configMap != nil
        certificates = CertificateTable(fallback: CertificateTable.Host(certificates: []))
    }

    /// Takes one change, and marks what depends on it.
    ///
    /// - Complexity: Proportional to the object and to what depends on it directly.
    package mutating func apply(_ change: ObjectChange) {
        switch change {
        case .applied(.ingress(let object)): replaceIngress(object.name, with: object)
        case .applied(.ingressClass(let object)): replaceClass(object.metadata.name, with: object)
        case .applied(.service(let object)): replaceService(NamespacedName(change.reference), with: object)
        case .applied(.endpointSlice(let object)): replaceSlice(NamespacedName(change.reference), with: object)
        case .applied(.endpoints(let object)): replaceEndpoints(NamespacedName(change.reference), with: object)
        case .applied(.secret(let object)): replaceSecret(NamespacedName(change.reference), with: object)
        case .applied(.configMap(let object)): replaceConfigMap(NamespacedName(change.reference), with: object)
        case .applied(.namespace(let object)): replaceNamespace(object.metadata.name, with: object)
        // A gateway has no use for what a node agent reads.
        case .applied(.node), .applied(.pod), .applied(.serviceCIDR): break
        case .removed(let reference): remove(reference)
        }
    }

    /// Takes the addresses of an external name as DNS has them; none when it has no such name.
    ///
    /// Loopback and link-local addresses are kept out, and reported, when the backend is compiled.
    package mutating func resolved(externalName: String, addresses: [IPAddress]) {
        guard registers.backends.wants(externalName: externalName), self.addresses[externalName] != addresses else {
            return
        }
        self.addresses[externalName] = addresses
        registers.backends.touch(externalName: externalName)
    }

    /// The problems that stand as of the last `compile`, in order.
    ///
    /// - Complexity: O(*n* log *n*) in the number of problems.
    package var problems: [IngressProblem] { ledger.all }

    private mutating func remove(_ reference: ObjectReference) {
        let name = NamespacedName(reference)
        switch reference.kind {
        case .ingress: replaceIngress(name, with: nil)
        case .ingressClass: replaceClass(reference.name, with: nil)
        case .service: replaceService(name, with: nil)
        case .endpointSlice: replaceSlice(name, with: nil)
        case .endpoints: replaceEndpoints(name, with: nil)
        case .secret: replaceSecret(name, with: nil)
        case .configMap: replaceConfigMap(name, with: nil)
        case .namespace: replaceNamespace(reference.name, with: nil)
        case .node, .pod, .serviceCIDR: break
        }
    }
}
