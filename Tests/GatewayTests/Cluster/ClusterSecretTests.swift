import IngressDiscovery
import ListWatch
import Testing

@testable import Gateway

@Suite struct `The watches of Secrets` {
    private func names(_ counts: [Int]) -> Set<NamespacedName> {
        var names: Set<NamespacedName> = []
        for (namespace, count) in counts.enumerated() {
            for number in 0..<count { names.insert(NamespacedName("n\(namespace)", "s\(number)")) }
        }
        return names
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// How many Secrets are named in each namespace.
        let counts: [Int]
        let single: Int
        let namespaces: Int
        let isClusterWide: Bool

        init(_ description: String, _ counts: [Int], single: Int = 0, namespaces: Int = 0, isClusterWide: Bool = false)
        {
            testDescription = description
            self.counts = counts
            self.single = single
            self.namespaces = namespaces
            self.isClusterWide = isClusterWide
        }
    }

    static let rows = [
        Row("none", []),
        Row("one Secret", [1], single: 1),
        Row("three of a namespace", [3], single: 3),
        Row("four of a namespace", [4], namespaces: 1),
        Row("few and many", [2, 100, 1], single: 3, namespaces: 1),
        Row("24 namespaces with one each", Array(repeating: 1, count: 24), single: 24),
        Row("12 namespaces with two each", Array(repeating: 2, count: 12), single: 24),
        Row("13 namespaces with two each", Array(repeating: 2, count: 13), namespaces: 13),
        Row("24 namespaces with many each", Array(repeating: 50, count: 24), namespaces: 24),
        Row("25 namespaces with one each", Array(repeating: 1, count: 25), isClusterWide: true),
        Row("500 namespaces", Array(repeating: 3, count: 500), isClusterWide: true),
    ]

    @Test(arguments: rows)
    func `are few`(_ row: Row) {
        var watches = SecretWatches()
        watches.want(names(row.counts))
        let resources = watches.resources
        #expect(resources.count <= SecretWatches.watchesMax)
        #expect(resources.count { $0.fieldSelector?.hasPrefix("metadata.name=") == true } == row.single)
        let wide = resources.filter { $0.fieldSelector == "type=kubernetes.io/tls" }
        #expect(wide.count { $0.namespace != nil } == row.namespaces)
        #expect(wide.contains { $0.namespace == nil } == row.isClusterWide)
        // A Secret that nobody may read is no reason to serve nothing.
        #expect(resources.allSatisfy { $0.isOptional })
    }

    @Test func `look for what a wide one did not bring, within the bound`() {
        var watches = SecretWatches()
        let wanted = names([20])
        watches.want(wanted)
        watches.settled(brings: { $1.name < "s15" }, isRefused: { _ in false })
        let wide = SecretWatches.certificates(in: "n0")
        let missing = wanted.filter { $0.name >= "s15" }.sorted()
        #expect(Set(watches.resources) == Set([wide] + missing.prefix(8).map(SecretWatches.secret)))
        #expect(watches.unwatched == Set(missing.dropFirst(8)))
        #expect(missing.count > 8)
        // What is wanted no more makes room.
        watches.want(wanted.subtracting(missing.prefix(8)))
        watches.settled(brings: { $1.name < "s15" }, isRefused: { _ in false })
        #expect(watches.unwatched.isEmpty == (missing.count <= 16))
    }

    private func singles(_ names: Set<NamespacedName>) -> Set<WatchedResource> { Set(names.map(SecretWatches.secret)) }

    @Test func `go on until the wide one in their place has brought what it can`() {
        var watches = SecretWatches()
        watches.want(names([3]))
        watches.settled(brings: { _, _ in true }, isRefused: { _ in false })
        #expect(Set(watches.resources) == singles(names([3])))
        let wide = SecretWatches.certificates(in: "n0")
        watches.want(names([5]))
        #expect(Set(watches.resources) == singles(names([3])).union([wide]))
        // Wanted meanwhile, wanted no more: what is replaced stays as far as it is of use.
        watches.want(names([4]).subtracting([NamespacedName("n0", "s0")]))
        #expect(
            Set(watches.resources) == singles(names([3]).subtracting([NamespacedName("n0", "s0")])).union([wide])
        )
        // One of them is of a type that the wide watch does not see, and keeps its own without a break.
        watches.settled(brings: { $0 == wide && $1.name != "s2" }, isRefused: { _ in false })
        #expect(Set(watches.resources) == [wide, SecretWatches.secret(NamespacedName("n0", "s2"))])
    }

    @Test func `are single again where the wide one is refused, those first that were`() {
        var watches = SecretWatches()
        watches.want(names([3]))
        watches.settled(brings: { _, _ in true }, isRefused: { _ in false })
        let wide = SecretWatches.certificates(in: "n0")
        watches.want(names([50]))
        watches.settled(brings: { watch, _ in watch != wide }, isRefused: { $0 == wide })
        // It is asked for again from time to time: somebody may grant it.
        #expect(Set(watches.resources) == singles(names([50])).union([wide]))
        #expect(watches.unwatched.isEmpty)
        let followed = watches.resources
        watches.settled(brings: { watch, _ in watch != wide }, isRefused: { $0 == wide })
        #expect(watches.resources == followed)

        watches.want(names([400]))
        watches.settled(brings: { watch, _ in watch != wide }, isRefused: { $0 == wide })
        #expect(watches.resources.count == SecretWatches.refusedMax)
        #expect(watches.unwatched.count == 400 - (SecretWatches.refusedMax - 1))
        #expect(watches.unwatched.isDisjoint(with: names([50])))
    }

    @Test func `are those of namespaces again where the one of all is refused`() {
        var watches = SecretWatches()
        let all = SecretWatches.certificates(in: nil)
        let before = names(Array(repeating: 1, count: 24))
        watches.want(before)
        watches.settled(brings: { _, _ in true }, isRefused: { _ in false })
        let wanted = names(Array(repeating: 1, count: 30) + [9])
        watches.want(wanted)
        #expect(Set(watches.resources) == singles(before).union([all]))
        watches.settled(brings: { watch, _ in watch != all }, isRefused: { $0 == all })
        let many = SecretWatches.certificates(in: "n30")
        #expect(Set(watches.resources) == singles(wanted.filter { $0.namespace != "n30" }).union([many]))
        watches.settled(brings: { watch, _ in watch != all }, isRefused: { $0 == all })
        #expect(watches.unwatched.isEmpty && watches.resources.count == 31)
        // It is not tried again for each new name.
        watches.want(wanted.union(names(Array(repeating: 1, count: 40))))
        #expect(!watches.resources.contains(all))
    }

    @Test func `stay wide, and go when nothing is wanted there`() {
        var watches = SecretWatches()
        watches.want(names([4]))
        watches.want(names([1]))
        #expect(watches.resources == [SecretWatches.certificates(in: "n0")])
        watches.want([])
        #expect(watches.resources == [])
    }

    @Test(arguments: [nil, "team"] as [String?])
    func `come beside those of everything else`(_ namespace: String?) {
        var settings = IngressSettings()
        settings.watchedNamespace = namespace
        settings.configMap = NamespacedName("gw", "options")
        settings.watchedNamespaceLabels = namespace == nil ? ["b": "2", "a": "1"] : [:]
        settings.defaultBackendService = NamespacedName("gw", "fallback")
        let resources = GatewayResources.resources(settings: settings, publishing: NamespacedName("gw", "front"))
        let everywhere = [
            "ingresses.networking.k8s.io", "ingressclasses.networking.k8s.io", "services",
            "endpointslices.discovery.k8s.io", "configmaps in namespace gw with metadata.name=options", "namespaces",
        ]
        let inTeam = [
            "ingresses.networking.k8s.io in namespace team", "ingressclasses.networking.k8s.io",
            "services in namespace team", "endpointslices.discovery.k8s.io in namespace team",
            "configmaps in namespace gw with metadata.name=options",
            "services in namespace gw with metadata.name=fallback", "endpointslices.discovery.k8s.io in namespace gw",
            "services in namespace gw with metadata.name=front", "endpointslices.discovery.k8s.io in namespace gw",
        ]
        #expect(resources.map(\.description) == (namespace == nil ? everywhere : inTeam))
        #expect(resources.last?.labelSelector == (namespace == nil ? "a=1,b=2" : "kubernetes.io/service-name=front"))
    }
}
