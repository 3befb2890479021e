internal import KubernetesAPI
internal import Routing
internal import TLS

/// What identifies a route within its host.
enum RouteSlot: Hashable, Sendable {
    /// What becomes of requests that no path takes.
    case fallback
    /// A path, and how it is compared.
    case path(String, PathRule.Match)
}

/// A host, by its name as declared, and what it was compiled to; the empty name stands for all other hosts.
struct HostState: Sendable {
    /// The Ingresses that name it.
    var ingresses: Set<NamespacedName> = []
    /// Whether one of them that is no canary has a `tls` section.
    var hasTLS = false
    /// What the workers have.
    var compiled: VirtualHost?
    /// The numbers of its routes.
    var routeIDs: [RouteSlot: Int] = [:]
    /// The backends of its routes.
    var backends: Set<Backend.ID> = []
    /// The places where its backends are named.
    var uses: [BackendUse] = []
    /// The Secrets that its certificates may come from.
    var secrets: Set<NamespacedName> = []
    /// What is presented to its clients; empty for the default certificate.
    var certificates: [TLSCertificate] = []

    /// Whether nothing is left of it.
    var isVacant: Bool { ingresses.isEmpty && compiled == nil && secrets.isEmpty && certificates.isEmpty }
}
