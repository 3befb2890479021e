/// What a set of problems was found for; they are replaced together.
enum ProblemOwner: Hashable, Sendable {
    /// The words of an Ingress: its class and its annotations.
    case ingress(NamespacedName)
    /// The paths of a host.
    case host(String)
    /// The backends of a host's routes.
    case backends(String)
    /// The certificates of a host.
    case certificates(String)
    /// The certificate for all other hosts.
    case defaultCertificate
    /// The ConfigMap.
    case options
}
