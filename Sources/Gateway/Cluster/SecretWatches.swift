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
///
/// A wide watch may be refused where the narrow ones were let pass. So what it is to replace goes on until it has
/// brought what it can; what it does not bring has watches of its own again, up to a higher bound.
struct SecretWatches {
    /// The most watches there are at once, where none is refused.
    static let watchesMax = 32
    /// The most names of a namespace that have a watch each.
    static let namesMax = 3
    /// Watches that are kept for Secrets of other types.
    static let strayMax = 8
    /// The most watches there are at once where wide ones are refused.
    static let refusedMax = 256

    private var wideNamespaces: Set<String> = []
    private var isClusterWide = false
    /// Whether the server does not let this program watch the Secrets of all namespaces.
    private var isClusterRefused = false
    /// Wanted Secrets that a wide watch did not bring.
    private var strays: Set<NamespacedName> = []
    private var wanted: Set<NamespacedName> = []
    private var planned: Set<WatchedResource> = []
    /// What is replaced, and goes on until that has brought what it can.
    private var superseded: Set<WatchedResource> = []

    /// The watches.
    var resources: [WatchedResource] {
        planned.union(superseded).sorted { ($0.path, $0.fieldSelector ?? "") < ($1.path, $1.fieldSelector ?? "") }
    }

    /// The wanted Secrets beyond the bound, which nobody watches.
    private(set) var unwatched: Set<NamespacedName> = []

    /// Takes all names that are wanted from now on.
    mutating func want(_ names: Set<NamespacedName>) {
        wanted = names
        strays.formIntersection(names)
        replace()
    }

    /// Takes what came of the watches, when all of them have brought what they can.
    ///
    /// - Parameters:
    ///   - brings: Whether a watch has brought a Secret.
    ///   - isRefused: Whether the server does not let this program have a watch.
    mutating func settled(
        brings: (WatchedResource, NamespacedName) -> Bool,
        isRefused: (WatchedResource) -> Bool
    ) {
        if isClusterWide, isRefused(Self.certificates(in: nil)) {
            (isClusterWide, isClusterRefused) = (false, true)
            replace()
            return
        }
        let missing = wanted.filter { name in
            guard let watch = watch(of: name) else { return true }
            return watch != Self.secret(name) && !brings(watch, name)
        }
        // What has a watch of its own already goes before what would need one.
        let candidates = missing.subtracting(strays).sorted { left, right in
            let (isLeft, isRight) = (superseded.contains(Self.secret(left)), superseded.contains(Self.secret(right)))
            return isLeft == isRight ? left < right : isLeft
        }
        let others = planned.count - strays.count
        let room = isClusterRefused || planned.contains(where: isRefused) ? Self.refusedMax - others : Self.strayMax
        strays.formUnion(candidates.prefix(max(0, room - strays.count)))
        unwatched = missing.subtracting(strays)
        plan()
        superseded = []
    }

    // MARK: - Planning

    /// Plans anew; what is still of use of the former watches goes on beside the new ones.
    private mutating func replace() {
        let former = planned.union(superseded)
        widen()
        plan()
        let namespaces = Set(wanted.map(\.namespace))
        let own = Set(wanted.map(Self.secret))
        superseded = former.subtracting(planned).filter { resource in
            guard let namespace = resource.namespace else { return !isClusterRefused && !wanted.isEmpty }
            return own.contains(resource)
                || (resource == Self.certificates(in: namespace) && namespaces.contains(namespace))
        }
    }

    /// The watch that is to bring a Secret; nil for one beyond the bound.
    private func watch(of name: NamespacedName) -> WatchedResource? {
        let watch =
            isClusterWide
            ? Self.certificates(in: nil)
            : wideNamespaces.contains(name.namespace)
                ? Self.certificates(in: name.namespace) : Self.secret(name)
        return planned.contains(watch) ? watch : nil
    }

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
        if watchCount() > most, !isClusterRefused { isClusterWide = true }
    }

    private mutating func plan() {
        var plan = Set(strays.map(Self.secret))
        for name in wanted.sorted() where plan.count < Self.refusedMax {
            if isClusterWide {
                plan.insert(Self.certificates(in: nil))
            } else if wideNamespaces.contains(name.namespace) {
                plan.insert(Self.certificates(in: name.namespace))
            } else {
                plan.insert(Self.secret(name))
            }
        }
        planned = plan
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
