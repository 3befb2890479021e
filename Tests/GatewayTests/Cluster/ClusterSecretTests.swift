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
        watches.settled { $0.name < "s15" }
        let wide = SecretWatches.certificates(in: "n0")
        let missing = wanted.filter { $0.name >= "s15" }.sorted()
        #expect(Set(watches.resources) == Set([wide] + missing.prefix(8).map(SecretWatches.secret)))
        #expect(watches.unwatched == Set(missing.dropFirst(8)))
        #expect(missing.count > 8)
        // What is wanted no more makes room.
        watches.want(wanted.subtracting(missing.prefix(8)))
        watches.settled { $0.name < "s15" }
        #expect(watches.unwatched.isEmpty == (missing.count <= 16))
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
