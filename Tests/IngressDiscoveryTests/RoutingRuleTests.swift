import IngressDiscovery
import KubernetesAPI
import Testing

struct `A request is led` {
    struct Case: CustomTestStringConvertible {
        let name: String
        let paths: [Ingress.Path]
        let requests: [(path: String, outcome: String)]
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "by an exact path",
            paths: [path("/foo", "foo-exact", .exact)],
            requests: [("/foo", "demo-foo-exact-80"), ("/foo/", "404"), ("/FOO", "404"), ("/bar", "404")]
        ),
        Case(
            name: "by an exact path with a final slash",
            paths: [path("/foo/", "slash", .exact)],
            requests: [("/foo", "404"), ("/foo/", "demo-slash-80")]
        ),
        Case(
            name: "by a prefix of whole elements",
            paths: [path("/foo", "foo-prefix")],
            requests: [
                ("/foo", "demo-foo-prefix-80"), ("/foo/", "demo-foo-prefix-80"), ("/foo/x", "demo-foo-prefix-80"),
                ("/foobar", "404"), ("/FOO", "404"),
            ]
        ),
        Case(
            name: "by the longer of two prefixes",
            paths: [path("/aaa/bbb", "deep"), path("/aaa", "shallow")],
            requests: [
                ("/aaa/bbb", "demo-deep-80"), ("/aaa/bbb/ccc", "demo-deep-80"), ("/aaa/ccc", "demo-shallow-80"),
                ("/aaaccc", "404"),
            ]
        ),
        Case(
            name: "by an exact path before a prefix",
            paths: [path("/foo", "prefix"), path("/foo", "exact", .exact)],
            requests: [("/foo", "demo-exact-80"), ("/foo/x", "demo-prefix-80")]
        ),
        Case(
            name: "by a prefix whatever its final slash",
            paths: [path("/aaa/bbb/", "slash")],
            requests: [("/aaa/bbb", "demo-slash-80"), ("/aaa/bbb/", "demo-slash-80"), ("/aaa/bbbx", "404")]
        ),
        Case(
            name: "by an implementation-specific path as by a prefix",
            paths: [path("/foo", "web", .implementationSpecific)],
            requests: [("/foo/x", "demo-web-80"), ("/foox", "404")]
        ),
        Case(
            name: "by a prefix that holds everything",
            paths: [path("/"), path("/aaa", "aaa")],
            requests: [("/", "demo-web-80"), ("/x", "demo-web-80"), ("/aaa/ccc", "demo-aaa-80")]
        ),
    ]

    @Test(arguments: cases) func `by its path`(_ one: Case) {
        var world = World()
        for path in one.paths {
            if case .service(let name, _) = path.backend { world.addService(name) }
        }
        world.settle(ingress("a", "foo.com", one.paths))
        #expect(world.problems == [])
        for request in one.requests {
            #expect(world.outcome("foo.com", request.path) == request.outcome, "\(request.path)")
        }
    }

    @Test func `by its host`() {
        var world = World()
        for name in ["exact", "wild", "any"] { world.addService(name) }
        world.settle(
            ingress("a", "bar.foo.com", [path("/x", "exact")]),
            ingress("b", "*.foo.com", [path("/", "wild")]),
            ingress("c", "", [path("/", "any")])
        )
        #expect(world.outcome("bar.foo.com", "/x") == "demo-exact-80")
        // The most specific host owns the request, even where it has no path for it.
        #expect(world.outcome("bar.foo.com", "/y") == "404")
        #expect(world.outcome("baz.foo.com", "/y") == "demo-wild-80")
        #expect(world.outcome("baz.bar.foo.com", "/y") == "demo-any-80")
        #expect(world.outcome("foo.com", "/y") == "demo-any-80")
        #expect(world.outcome("", "/y") == "demo-any-80")
    }

    @Test func `by patterns on a host where one Ingress asks for them`() {
        var world = World()
        for name in ["web", "api"] { world.addService(name) }
        world.settle(
            ingress(
                "a",
                "foo.com",
                [path("/api/v[0-9]+", "api", .implementationSpecific)],
                annotations: ["use-regex": "true"]
            ),
            ingress("b", "foo.com", [path("/foo", "web")])
        )
        #expect(world.outcome("foo.com", "/API/v12/x") == "demo-api-80")
        #expect(world.outcome("foo.com", "/foobar") == "demo-web-80")
        #expect(world.problems == [])
    }

    @Test func `by patterns on the paths that ask for them alone, where that is strict`() {
        var settings = IngressSettings()
        settings.isPathRegexStrict = true
        var world = World(settings)
        for name in ["web", "api"] { world.addService(name) }
        world.settle(
            ingress("a", "foo.com", [path("/api/v[0-9]+", "api")], annotations: ["use-regex": "true"]),
            ingress("b", "foo.com", [path("/foo", "web")])
        )
        #expect(world.outcome("foo.com", "/api/v12") == "demo-api-80")
        #expect(world.outcome("foo.com", "/foobar") == "404")
    }

    @Test func `past a path that is no pattern, which is reported`() {
        var world = World()
        world.addService("web")
        world.settle(
            ingress(
                "a",
                "foo.com",
                [path("/a(", "web", .implementationSpecific), path("/b")],
                annotations: ["use-regex": "true"]
            )
        )
        #expect(world.outcome("foo.com", "/b") == "demo-web-80")
        #expect(world.outcome("foo.com", "/a(") == "404")
        #expect(world.reasons == ["InvalidRegex"])
        #expect(
            world.problems.first?.hasPrefix(#"InvalidRegex: spec.rules[0].http.paths[0].path: "/a(" is no pattern"#)
                == true
        )
    }
}

struct `What no path takes` {
    @Test func `is answered 404 where nothing is said`() {
        var world = World()
        world.compile()
        #expect(world.outcome("foo.com", "/") == "404")
    }

    @Test func `goes to the default backend of the Ingress that has the host`() {
        var world = World()
        for name in ["web", "rest"] { world.addService(name) }
        world.settle(ingress("a", "foo.com", [path("/x")], defaultBackend: "rest"))
        #expect(world.outcome("foo.com", "/x") == "demo-web-80")
        #expect(world.outcome("foo.com", "/y") == "demo-rest-80")
        #expect(world.outcome("other.com", "/y") == "404")
    }

    @Test func `of any host goes to the oldest Ingress with a default backend and no rules`() {
        var world = World()
        for name in ["old", "new"] { world.addService(name) }
        world.settle(
            ingress("z", age: "2024-01-01T00:00:00Z", defaultBackend: "new"),
            ingress("a", age: "2023-01-01T00:00:00Z", defaultBackend: "old")
        )
        #expect(world.outcome("foo.com", "/") == "demo-old-80")
        #expect(
            world.problems == [
                "Conflict: spec.defaultBackend: the default backend is already that of Ingress demo/a; this one is left out"
            ]
        )
    }

    @Test func `goes to the Service of the command line`() {
        var settings = IngressSettings()
        settings.defaultBackendService = NamespacedName("system", "rest")
        var world = World(settings)
        world.addService("web")
        world.settle(ingress("a", "foo.com", [path("/x")]))
        #expect(world.outcome("other.com", "/") == "503")
        #expect(
            world.problems == [
                "ServiceNotFound: --default-backend-service: there is no Service system/rest; requests are answered 503"
            ]
        )
        world.addService("rest", namespace: "system")
        world.compile()
        #expect(world.outcome("other.com", "/") == "system-rest-default")
        #expect(world.outcome("foo.com", "/y") == "system-rest-default")
        #expect(world.problems == [])
    }

    @Test func `is left to others where catch-all Ingresses are switched off`() {
        var settings = IngressSettings()
        settings.ignoresCatchAll = true
        var world = World(settings)
        world.addService("web")
        world.settle(ingress("a", "foo.com", [path("/")], defaultBackend: "web"))
        #expect(world.outcome("foo.com", "/") == "404")
        #expect(world.reasons == ["UnsupportedBackend"])
    }
}
