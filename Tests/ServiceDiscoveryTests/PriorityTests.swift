import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

struct `Services that come before all others` {
    private static let words = ["default/kubernetes", "kube-system/kube-dns", "k8s-app=kube-dns", "nonsense"]

    private func named(_ name: String, in namespace: String, labels: [String: String] = [:], _ last: Int) -> Service {
        service(name, clusterIPs: ["10.96.0.\(last)"]) {
            $0.metadata.namespace = namespace
            $0.metadata.labels = labels
        }
    }

    @Test(arguments: [
        ("kubernetes", "default", [:], true),
        ("kubernetes", "other", [:], false),
        ("kube-dns", "kube-system", [:], true),
        ("coredns", "dns", ["k8s-app": "kube-dns"], true),
        ("coredns", "dns", ["k8s-app": "other"], false),
        ("nonsense", "default", [:], false),
    ])
    func `are chosen by name or by label`(
        name: String,
        namespace: String,
        labels: [String: String],
        comesFirst: Bool
    ) {
        let choice = PriorityServices(words: Self.words)
        #expect(choice.contains(named(name, in: namespace, labels: labels, 1)) == comesFirst)
    }

    @Test func `are resolved alone when they are asked for, and the others wait`() {
        var directory = ServiceDirectory(nodeName: "node-a", priority: PriorityServices(words: Self.words))
        let first = named("kubernetes", in: "default", 1)
        let others = [named("a", in: "default", 2), named("b", in: "default", 3)]
        for service in [others[0], first, others[1]] { directory.apply(.applied(.service(service))) }
        func names(_ snapshots: [ServiceSnapshot]) -> [String] { snapshots.map(\.service.name) }
        #expect(names(directory.takeChangedSnapshots(isPriorityOnly: true)) == ["kubernetes"])
        #expect(directory.takeChangedSnapshots(isPriorityOnly: true).isEmpty)
        #expect(names(directory.takeChangedSnapshots()) == ["a", "b"])
        #expect(directory.priorityServices == [ObjectName(namespace: "default", name: "kubernetes")])
        directory.apply(.removed(KubernetesObject.service(first).reference))
        #expect(directory.priorityServices.isEmpty)
        #expect(names(directory.takeChangedSnapshots()) == ["kubernetes"])
    }
}
