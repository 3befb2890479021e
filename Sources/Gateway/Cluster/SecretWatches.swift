internal import IngressDiscovery
internal import KubernetesAPI
internal import ListWatch

/// Which watches bring the Secrets that Ingresses name, with a bound on their number.
///
/// Each watch holds a connection to the API server. Few names of a namespace have a watch each, which a Role with
/// `resourceNames` lets pass. Many have one watch of the namespace's Secrets of type `kubernetes.io/tls`; and if even
/// that would be too many watches, one of such Secrets of all namespaces serves for all. What has become wide stays
/// wide: to go back would end a watch and begin others for nothing. Secrets of another type that wide watches do not
/// see have watches of their own, as many as the bound allows.
struct SecretWatches {
    /// The most watches there are at once.
    static let watchesMax = 32
    /// The most names of a namespace that have a watch each.
    static let namesMax = 3
    /// Watches that are kept for Secrets of other types.
    static let strayMax = 8

    private var wideNamespaces: Set<String> = []
    private var isClusterWide = false
    /// Wanted Secrets that a wide watch did not bring.
    private var strays: Set<NamespacedName> = []
    private var wanted: Set<NamespacedName> = []

    /// The watches.
    private(set) var resources: [WatchedResource] = []

    /// The wanted Secrets beyond the bound, which nobody watches.
    private(set) var unwatched: Set<NamespacedName> = []

    /// Takes all names that are wanted from now on.
    mutating func want(_ names: Set<NamespacedName>) {
        wanted = names
        strays.formIntersection(names)
        widen()
        plan()
    }

    /// Takes which Secrets are there, when all watches have brought what they can.
    mutating func settled(known: (NamespacedName) -> Bool) {
        let missing = wanted.filter { isWide($0) && !known($0) && !strays.contains($0) }.sorted()
        strays.formUnion(missing.prefix(max(0, Self.strayMax - strays.count)))
        unwatched = Set(missing).subtracting(strays)
        plan()
    }

    private func isWide(_ name: NamespacedName) -> Bool { isClusterWide || wideNamespaces.contains(name.namespace) }

    private mutating func widen() {
        let namesByNamespace = Dictionary(grouping: wanted, by: \.namespace)
        for (namespace, names) in namesByNamespace where names.count > Self.namesMax {
            wideNamespaces.insert(namespace)
        }
        let most = Self.watchesMax - Self.strayMax
        func watchCount() -> Int {
            namesByNamespace.reduce(0) { $0 + (wideNamespaces.contains($1.key) ? 1 : $1.value.count) }
        }
        if watchCount() > most {
            for (namespace, names) in namesByNamespace where names.count > 1 { wideNamespaces.insert(namespace) }
        }
        if watchCount() > most { isClusterWide = true }
    }

    private mutating func plan() {
        var planned: Set<WatchedResource> = []
        for name in wanted {
            if isClusterWide {
                planned.insert(Self.certificates(in: nil))
            } else if wideNamespaces.contains(name.namespace) {
                planned.insert(Self.certificates(in: name.namespace))
            } else {
                planned.insert(Self.secret(name))
            }
        }
        for name in strays { planned.insert(Self.secret(name)) }
        resources = planned.sorted { ($0.path, $0.fieldSelector ?? "") < ($1.path, $1.fieldSelector ?? "") }
    }

    /// One Secret.
    static func secret(_ name: NamespacedName) -> WatchedResource {
        WatchedResource(
            plural: "secrets",
            kind: .secret,
            namespace: name.namespace,
            fieldSelector: "metadata.name=\(name.name)",
            isOptional: true
        )
    }

    /// The certificates of a namespace, or of all.
    static func certificates(in namespace: String?) -> WatchedResource {
        WatchedResource(
            plural: "secrets",
            kind: .secret,
            namespace: namespace,
            fieldSelector: "type=kubernetes.io/tls",
            isOptional: true
        )
    }
}
