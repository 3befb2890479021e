package import KubernetesAPI
package import NetworkAddress
package import TLS

/// All objects seen, and the routes, backends and certificates that they come to.
package struct IngressDirectory: Sendable {
    /// The kinds of object that it reads.
    package static let kinds: Set<ObjectKind> = [
        .ingress, .ingressClass, .service, .endpointSlice, .endpoints, .secret, .configMap, .namespace,
    ]

    let settings: IngressSettings
    let builtInCertificate: TLSCertificate?

    /// Creates a directory without objects.
    ///
    /// - Parameters:
    ///   - settings: What the command line says.
    ///   - builtInCertificate: What is presented where there is no other certificate.
    package init(settings: IngressSettings = IngressSettings(), builtInCertificate: TLSCertificate? = nil) {
        self.settings = settings
        self.builtInCertificate = builtInCertificate
    }

    /// Takes one change, and marks what depends on it.
    package mutating func apply(_ change: ObjectChange) {}

    /// Takes the addresses of an external name as DNS has them; none when it has no such name.
    package mutating func resolved(externalName: String, addresses: [IPAddress]) {}

    /// Compiles what depends on the changes since the last call.
    package mutating func compile() -> IngressCompilation { IngressCompilation() }

    /// The problems that stand as of the last `compile`, in order.
    package var problems: [IngressProblem] { [] }

    /// The compiled routes, backends and certificates as text for people, as of the last `compile`.
    package func describe() -> String { "" }
}
