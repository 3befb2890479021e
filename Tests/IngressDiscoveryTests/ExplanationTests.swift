import IngressDiscovery
import KubernetesAPI
import Testing

struct `An explanation` {
    private func world() -> World {
        var world = World()
        world.addService("web")
        world.addService("api")
        world.add(ingress("shop", "shop.com", [path("/", "web"), path("/api", "api"), path("/api/v2", "gone")]))
        world.add(
            ingress(
                "old",
                "old.com",
                [path("/a/(.*)", "web", .implementationSpecific), path("/other/longer", "api")],
                annotations: ["rewrite-target": "/new/$1"]
            )
        )
        world.add(ingress("moved", "moved.com", [path("/")], annotations: ["permanent-redirect": "https://shop.com/"]))
        world.add(ingress("wild", "*.wild.com", [path("/", "web")]))
        world.compile()
        return world
    }

    @Test(arguments: [
        (
            "shop.com", "/api/x",
            [
                "Host      shop.com, by exactly this name", "Path      /api/x",
                "Not       prefix /api/v2 of Ingress demo/shop",
                "Route     prefix /api of Ingress demo/shop", "Backend   demo-api-80",
            ]
        ),
        ("shop.com", "/api/v2", ["Backend   demo-gone-80", "Endpoints none: there is no such Service; 503"]),
        (
            "old.com", "/A/b",
            [
                "Not       regex /other/longer of Ingress demo/old", "Route     regex /a/(.*) of Ingress demo/old",
                "Rewritten to /new/b",
            ]
        ),
        ("old.com", "/none", ["Route     what no path takes, of Ingress demo/old", "Answer    404"]),
        ("moved.com", "/", ["Answer    301 to https://shop.com/ (permanent-redirect or temporal-redirect)"]),
        ("a.wild.com", "/", ["Host      *.wild.com, whose star stands for one label"]),
        ("a.b.wild.com", "/", ["Host      _, which takes all names that no Ingress has", "Answer    404"]),
    ])
    func `says which route takes a request and what was asked before`(host: String, path: String, lines: [String]) {
        let text = world().directory.explain(host: host, path: Array(path.utf8))
        let found = text.split(separator: "\n").map(String.init).filter(lines.contains)
        #expect(found == lines, "\(text)")
    }

    @Test func `agrees with what workers do`() {
        let world = world()
        for host in ["shop.com", "old.com", "a.wild.com", "nobody.com"] {
            for path in ["/", "/api", "/api/", "/apis", "/api/v2/x", "/a/b", "/other/longer/x"] {
                let text = world.directory.explain(host: host, path: Array(path.utf8))
                let outcome = world.outcome(host, path)
                let isSaid =
                    outcome == "404"
                    ? text.contains("Answer    404")
                    : outcome == "503" ? text.contains("; 503") : text.contains("Backend   \(outcome)\n")
                #expect(isSaid, "\(host)\(path) comes to \(outcome):\n\(text)")
            }
        }
    }

    @Test func `tells nothing before there are routes`() {
        #expect(IngressDirectory().explain(host: "a", path: [47]) == "there are no routes yet\n")
    }
}

struct `The fingerprint of a configuration` {
    @Test func `is the same whatever the order of objects was, and another when they are others`() {
        var (one, other) = (World(), World())
        one.add(ingress("a", "a.com", [path("/")]), ingress("b", "b.com", [path("/")]))
        other.add(ingress("b", "b.com", [path("/")]), ingress("a", "a.com", [path("/")]))
        one.compile()
        other.compile()
        let fingerprint = one.directory.fingerprint
        #expect(fingerprint == other.directory.fingerprint)
        #expect(fingerprint < 1 << 53)
        // A warning alone changes nothing that is configured.
        other.settle(ingress("a", "a.com", [path("/")], annotations: ["no-such": "thing"]))
        #expect(other.directory.fingerprint == fingerprint)
        other.settle(ingress("a", "a.com", [path("/x")]))
        #expect(other.directory.fingerprint != fingerprint)
    }

    @Test func `covers the certificates`() {
        var world = World()
        world.add(ingress("a", "bar.com", [path("/")], tls: [Ingress.TLS(hosts: ["bar.com"], secretName: "own")]))
        world.compile()
        let without = world.directory.fingerprint
        #expect(world.directory.certificateUses.map(\.host) == [])
        world.settle(TestCertificate.bar.secret("own"))
        #expect(world.directory.fingerprint != without)
        let uses = world.directory.certificateUses
        #expect(uses.map(\.host) == ["bar.com"])
        #expect(uses.first?.secret == NamespacedName("demo", "own"))
    }
}
