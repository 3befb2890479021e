import IngressDiscovery
import KubernetesAPI
import Testing

struct `Referenced Secrets` {
    private func ingress(_ name: String, secrets: [String], className: String = "nginx") -> KubernetesObject {
        .ingress(
            Ingress(
                metadata: ObjectMetadata(namespace: "demo", name: name),
                className: className,
                tls: secrets.map { Ingress.TLS(hosts: ["foo.com"], secretName: $0) },
                rules: [Ingress.Rule(host: "foo.com")]
            )
        )
    }

    private func names(_ names: String...) -> Set<NamespacedName> { Set(names.map { NamespacedName("demo", $0) }) }

    @Test func `are those of served Ingresses, told before anything is compiled`() {
        var directory = IngressDirectory()
        directory.apply(
            .applied(
                .ingressClass(
                    IngressClass(
                        metadata: ObjectMetadata(namespace: "", name: "nginx"),
                        controller: "k8s.io/ingress-nginx"
                    )
                )
            )
        )
        #expect(directory.takeReferencedSecrets() == [])
        directory.apply(.applied(ingress("a", secrets: ["one", "two", ""])))
        directory.apply(.applied(ingress("foreign", secrets: ["three"], className: "other")))
        #expect(directory.takeReferencedSecrets() == names("one", "two"))
        #expect(directory.takeReferencedSecrets() == nil)
        _ = directory.compile()
        directory.apply(.applied(ingress("b", secrets: ["two"])))
        #expect(directory.takeReferencedSecrets() == nil)
        _ = directory.compile()
        directory.apply(.applied(ingress("a", secrets: ["four"])))
        #expect(directory.takeReferencedSecrets() == names("two", "four"))
        _ = directory.compile()
        directory.apply(.removed(ObjectReference(kind: .ingress, namespace: "demo", name: "b")))
        #expect(directory.takeReferencedSecrets() == names("four"))
        // A class that becomes another's takes its Ingresses with it.
        directory.apply(
            .applied(
                .ingressClass(IngressClass(metadata: ObjectMetadata(namespace: "", name: "nginx"), controller: "other"))
            )
        )
        #expect(directory.takeReferencedSecrets() == [])
    }

    @Test func `have the default certificate among them`() {
        var settings = IngressSettings()
        settings.defaultCertificate = NamespacedName("gw", "fallback")
        var directory = IngressDirectory(settings: settings)
        #expect(directory.takeReferencedSecrets() == [NamespacedName("gw", "fallback")])
    }

    @Test func `and a status that changes compiles nothing, and is told`() {
        var world = World()
        world.settle(ingressOf("a", published: []))
        world.settle(ingressOf("a", published: [Ingress.PublishedAddress(ip: "192.0.2.1")]))
        #expect(world.last.work.ingresses == 0)
        #expect(world.last.table == nil)
        let name = NamespacedName("demo", "a")
        #expect(world.last.ingresses == [name])
        #expect(world.directory.served(name)?.published.map(\.ip) == ["192.0.2.1"])
        world.compile()
        #expect(world.last.ingresses == [])
    }

    private func ingressOf(_ name: String, published: [Ingress.PublishedAddress]) -> KubernetesObject {
        guard case .ingress(var object) = ingress(name, secrets: []) else { return ingress(name, secrets: []) }
        object.published = published
        return .ingress(object)
    }
}
