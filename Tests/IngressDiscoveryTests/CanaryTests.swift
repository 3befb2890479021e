import IngressDiscovery
import KubernetesAPI
import LoadBalancing
import PatternMatching
import Routing
import Testing

struct `A canary` {
    private func world(_ annotations: [String: String], main: [String: String] = [:]) -> World {
        var world = World()
        world.addService("web")
        world.addService("next", at: 2)
        let canary = annotations.merging(["canary": "true"]) { $1 }
        world.settle(
            ingress("canary", "foo.com", [path("/", "next")], annotations: canary),
            ingress("main", "foo.com", [path("/")], annotations: main)
        )
        return world
    }

    private func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

    @Test func `takes a share of the main one's requests`() throws {
        let world = world(["canary-weight": "30"])
        let canary = try #require(world.route("foo.com", "/").canary)
        #expect(world.outcome("foo.com", "/") == "demo-web-80")
        #expect((canary.weight, canary.weightTotal) == (30, 100))
        #expect(canary.name == "demo-next-80")
        #expect(world.table.backend(canary.backend)?.name == "demo-next-80")
        #expect(world.problems == [])
    }

    @Test(
        arguments: [
            ("0", nil, 0, 100), ("100", nil, 100, 100), ("50", "200", 50, 200), ("200", "200", 200, 200),
            ("300", "200", 200, 200), ("5", "10", 5, 100),
        ] as [(String, String?, Int, Int)]
    )
    func `has a weight of a total`(_ weight: String, _ total: String?, _ expected: Int, _ expectedTotal: Int) throws {
        var annotations = ["canary-weight": weight]
        annotations["canary-weight-total"] = total
        let canary = try #require(world(annotations).route("foo.com", "/").canary)
        #expect(canary.weight == expected)
        #expect(canary.weightTotal == expectedTotal)
    }

    @Test func `is asked for by a field's value, a pattern or a cookie`() throws {
        let byValue = try #require(
            world(["canary-by-header": "X-Next", "canary-by-header-value": "on", "canary-by-header-pattern": "("])
                .route("foo.com", "/").canary
        )
        #expect(text(byValue.header) == "x-next")
        guard case .equals(let value) = byValue.headerRule else {
            Issue.record("another rule")
            return
        }
        #expect(text(value) == "on")
        let byPattern = try #require(
            world(["canary-by-header": "x-next", "canary-by-header-pattern": "^beta"]).route("foo.com", "/").canary
        )
        guard case .matches(let pattern) = byPattern.headerRule else {
            Issue.record("another rule")
            return
        }
        #expect(pattern.text == "^beta")
        let byCookie = try #require(world(["canary-by-cookie": "next"]).route("foo.com", "/").canary)
        #expect(text(byCookie.cookie) == "next")
        #expect(byCookie.header == nil)
    }

    @Test func `with a bad pattern is not asked for by the field`() throws {
        let world = world(["canary-by-header": "x-next", "canary-by-header-pattern": "(", "canary-weight": "5"])
        let canary = try #require(world.route("foo.com", "/").canary)
        #expect(canary.header == nil)
        #expect(canary.weight == 5)
        #expect(world.reasons == ["InvalidRegex"])
    }

    @Test func `keeps its own turns, and speaks as the main one does`() throws {
        let world = world(
            ["load-balance": "ewma", "backend-protocol": "HTTPS", "affinity-canary-behavior": "legacy"],
            main: ["affinity": "cookie"]
        )
        let route = world.route("foo.com", "/")
        let canary = try #require(route.canary)
        let backend = try #require(world.table.backend(canary.backend))
        #expect(backend.policy == .peakEWMA)
        #expect(backend.scheme == .http)
        #expect(!canary.keepsAffinity)
        #expect(route.affinity != nil)
    }

    @Test func `without a main one makes no host`() {
        var world = World()
        world.addService("next")
        world.settle(
            ingress("canary", "foo.com", [path("/", "next")], annotations: ["canary": "true", "canary-weight": "100"])
        )
        #expect(world.outcome("foo.com", "/") == "404")
        #expect(world.table.hostCount == 0)
        #expect(world.reasons == ["CanaryWithoutMain"])
        // The main one may come later.
        world.addService("web")
        world.settle(ingress("main", "foo.com", [path("/")]))
        #expect(world.route("foo.com", "/").canary?.weight == 100)
        #expect(world.problems == [])
    }

    @Test func `of another path or type finds no main one`() {
        var world = World()
        world.addService("web")
        world.addService("next")
        world.settle(
            ingress("main", "foo.com", [path("/a")]),
            ingress(
                "canary",
                "foo.com",
                [path("/a", "next", .exact), path("/b", "next")],
                annotations: ["canary": "true"]
            )
        )
        #expect(world.route("foo.com", "/a").canary == nil)
        #expect(world.reasons == ["CanaryWithoutMain", "CanaryWithoutMain"])
    }

    @Test func `that is not the first gets nothing`() {
        var world = World()
        for name in ["web", "one", "two"] { world.addService(name) }
        world.settle(
            ingress("main", "foo.com", [path("/")]),
            ingress("b", "foo.com", [path("/", "two")], annotations: ["canary": "true"], age: "2024-02-01T00:00:00Z"),
            ingress("a", "foo.com", [path("/", "one")], annotations: ["canary": "true"], age: "2024-01-01T00:00:00Z")
        )
        #expect(world.route("foo.com", "/").canary?.name == "demo-one-80")
        #expect(
            world.problems == [
                "Conflict: spec.rules[0].http.paths[0]: the path has a canary already, Ingress demo/a; this one gets nothing"
            ]
        )
    }

    @Test func `of the default backend stands beside it`() {
        var world = World()
        for name in ["web", "next"] { world.addService(name) }
        world.settle(
            ingress("main", defaultBackend: "web"),
            ingress("canary", annotations: ["canary": "true", "canary-weight": "10"], defaultBackend: "next")
        )
        #expect(world.route("foo.com", "/").canary?.name == "demo-next-80")
        #expect(world.problems == [])
    }

    @Test func `needs the word canary`() {
        var world = World()
        world.addService("web")
        world.settle(ingress("a", "foo.com", [path("/")], annotations: ["canary-weight": "10"]))
        #expect(world.reasons == ["InvalidAnnotation"])
        #expect(world.outcome("foo.com", "/") == "demo-web-80")
    }
}
