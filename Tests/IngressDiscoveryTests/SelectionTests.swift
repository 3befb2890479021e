import IngressDiscovery
import KubernetesAPI
import Routing
import Testing

struct `An Ingress is ours` {
    struct Case: CustomTestStringConvertible {
        let name: String
        var settings = IngressSettings()
        var classes: [IngressClass] = []
        var className: String?
        var annotation: String?
        var origin: String?
        let isOurs: Bool
        var reasons: [String] = []
        var testDescription: String { name }
    }

    private static func settings(_ change: (inout IngressSettings) -> Void) -> IngressSettings {
        var settings = IngressSettings()
        change(&settings)
        return settings
    }

    static let cases = [
        Case(name: "by a class of ingress-nginx", classes: [ingressClass("x")], className: "x", isOurs: true),
        Case(
            name: "by a class of our own",
            classes: [ingressClass("x", controller: "fairlead.io/ingress")],
            className: "x",
            isOurs: true
        ),
        Case(
            name: "not by a class of others",
            classes: [ingressClass("nginx", controller: "traefik.io/ingress-controller")],
            className: "nginx",
            isOurs: false
        ),
        Case(
            name: "by the name of the class where that counts",
            settings: settings { $0.matchesClassByName = true },
            classes: [ingressClass("nginx", controller: "example.com/other")],
            className: "nginx",
            isOurs: true
        ),
        Case(name: "not by a class that is not there", className: "nginx", isOurs: false, reasons: ["ClassNotFound"]),
        Case(name: "not by another class that is not there", className: "other", isOurs: false),
        Case(name: "by the older annotation", annotation: "nginx", isOurs: true),
        Case(name: "not by the annotation of others", annotation: "traefik", isOurs: false),
        Case(
            name: "not by the annotation beside an unknown class",
            className: "other",
            annotation: "nginx",
            isOurs: false
        ),
        Case(name: "not without a class", isOurs: false),
        Case(
            name: "without a class where that counts",
            settings: settings { $0.watchesClassless = true },
            isOurs: true
        ),
        Case(
            name: "not by the default class where the API server should have said so",
            classes: [ingressClass("x", isDefault: true)],
            isOurs: false
        ),
        Case(
            name: "by the default class in a manifest",
            classes: [ingressClass("x", isDefault: true)],
            origin: "web.yaml document 1",
            isOurs: true
        ),
        Case(
            name: "in the watched namespace",
            settings: settings { $0.watchedNamespace = "demo" },
            annotation: "nginx",
            isOurs: true
        ),
        Case(
            name: "not in another namespace",
            settings: settings { $0.watchedNamespace = "prod" },
            annotation: "nginx",
            isOurs: false
        ),
    ]

    @Test(arguments: cases) func `by its class`(_ one: Case) {
        var world = World(one.settings, hasClass: false)
        world.addService("web")
        for object in one.classes { world.add(.ingressClass(object)) }
        var annotations: [String: String] = [:]
        annotations["kubernetes.io/ingress.class"] = one.annotation
        let object = ingress("a", "foo.com", [path("/")], annotations: annotations, className: one.className)
        world.settle(object.settingOrigin(to: one.origin))
        #expect(world.table.hostCount == (one.isOurs ? 1 : 0))
        #expect(world.reasons == one.reasons)
    }

    @Test func `from when its class comes until it goes`() {
        var world = World(hasClass: false)
        world.addService("web")
        world.settle(ingress("a", "foo.com", [path("/")]))
        #expect(world.table.hostCount == 0)
        #expect(world.reasons == ["ClassNotFound"])
        world.settle(.ingressClass(ingressClass("nginx")))
        #expect(world.table.hostCount == 1)
        #expect(world.problems == [])
        world.settle(.ingressClass(ingressClass("nginx", controller: "example.com/other")))
        #expect(world.table.hostCount == 0)
        world.settle(.ingressClass(ingressClass("nginx")))
        world.remove(.ingressClass, "nginx", in: "")
        world.compile()
        #expect(world.table.hostCount == 0)
    }

    @Test func `where its namespace has the labels`() {
        var settings = IngressSettings()
        settings.watchedNamespaceLabels = ["team": "a"]
        var world = World(settings)
        world.addService("web")
        world.settle(ingress("a", "foo.com", [path("/")]))
        #expect(world.table.hostCount == 0)
        world.settle(
            .namespace(Namespace(metadata: ObjectMetadata(namespace: "", name: "demo", labels: ["team": "a"])))
        )
        #expect(world.table.hostCount == 1)
        world.remove(.namespace, "demo", in: "")
        world.compile()
        #expect(world.table.hostCount == 0)
    }
}

struct `Of two Ingresses with one path` {
    @Test(
        arguments: [
            ("the older wins", "2024-01-01T00:00:00Z", "2023-01-01T00:00:00Z", "demo-b-80", "a"),
            ("the one of known age wins", nil, "2023-01-01T00:00:00Z", "demo-b-80", "a"),
            (
                "the later name wins among those of one age", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z",
                "demo-b-80", "a"
            ),
            ("the later name wins among those of unknown age", nil, nil, "demo-b-80", "a"),
            ("the older wins whatever its name", "2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "demo-a-80", "b"),
        ] as [(String, String?, String?, String, String)]
    )
    func `one wins`(_ name: String, _ ageOfA: String?, _ ageOfB: String?, _ winner: String, _ loser: String) {
        var world = World()
        world.addService("a")
        world.addService("b")
        world.settle(
            ingress("a", "foo.com", [path("/x", "a")], age: ageOfA),
            ingress("b", "foo.com", [path("/x", "b"), path("/\(name.count)", "b")], age: ageOfB)
        )
        #expect(world.outcome("foo.com", "/x") == winner)
        let owner = loser == "a" ? "b" : "a"
        #expect(world.directory.problems.map(\.object.name) == [loser])
        #expect(
            world.problems == [
                "Conflict: spec.rules[0].http.paths[0].path: Prefix /x of host foo.com is already that of Ingress "
                    + "demo/\(owner); this path is left out"
            ]
        )
    }

    @Test func `both stay where their types differ`() {
        var world = World()
        world.addService("a")
        world.addService("b")
        world.settle(ingress("a", "foo.com", [path("/x", "a")]), ingress("b", "foo.com", [path("/x", "b", .exact)]))
        #expect(world.outcome("foo.com", "/x") == "demo-b-80")
        #expect(world.outcome("foo.com", "/x/y") == "demo-a-80")
        #expect(world.problems == [])
    }

    @Test func `the loser takes over when the winner goes`() {
        var world = World()
        world.addService("a")
        world.addService("b")
        world.settle(ingress("a", "foo.com", [path("/x", "a")]), ingress("b", "foo.com", [path("/x", "b")]))
        let id = world.route("foo.com", "/x").id
        world.remove(.ingress, "b")
        world.compile()
        #expect(world.outcome("foo.com", "/x") == "demo-a-80")
        // What the winner's requests counted is not told as the loser's.
        #expect(world.route("foo.com", "/x").id != id)
        #expect(world.problems == [])
    }

    @Test func `prefixes that differ in a final slash are one`() {
        var world = World()
        world.addService("a")
        world.addService("b")
        world.settle(
            ingress("a", "foo.com", [path("/x/", "a")]),
            ingress("b", "foo.com", [path("/x", "b")], age: "2024-01-01T00:00:00Z")
        )
        #expect(world.outcome("foo.com", "/x/y") == "demo-b-80")
        #expect(world.reasons == ["Conflict"])
    }

    @Test func `of different namespaces the host is shared`() {
        var world = World()
        world.addService("web")
        world.addService("web", namespace: "other")
        world.settle(
            ingress("a", "foo.com", [path("/a")]),
            ingress("a", "foo.com", [path("/b")], namespace: "other")
        )
        #expect(world.outcome("foo.com", "/a") == "demo-web-80")
        #expect(world.outcome("foo.com", "/b") == "other-web-80")
    }
}
