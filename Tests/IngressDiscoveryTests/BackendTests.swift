import IngressDiscovery
import KubernetesAPI
import LoadBalancing
import NetworkAddress
import Routing
import Testing

struct `A backend` {
    static let named = Service.ServicePort(name: "web", port: .http, targetPort: .name("http"))
    static let admin = Service.ServicePort(name: "admin", port: .secure, targetPort: .number(.alternate))

    @Test(
        arguments: [
            (Ingress.ServicePort.number(.http), ["10.0.0.1:3000"]), (.name("web"), ["10.0.0.1:3000"]),
            (.name("http"), ["10.0.0.1:3000"]), (.number(.secure), ["10.0.0.1:4000"]),
            (.name("admin"), ["10.0.0.1:4000"]),
            (.number(.alternate), ["10.0.0.1:4000"]), (.name("8080"), ["10.0.0.1:4000"]),
            (.name("80"), ["10.0.0.1:3000"]),
        ]
    )
    func `is found by the number, the name or the target of a port`(_ wanted: Ingress.ServicePort, _ expected: [String])
    {
        var world = World()
        let ports = [("web", 3000), ("admin", 4000)].map { EndpointSlice.EndpointPort(name: $0.0, port: port($0.1)) }
        world.settle(
            service("web", ports: [Self.named, Self.admin]),
            slice(of: "web", [pod(1)], ports: ports),
            ingress("a", "foo.com", [path("/", port: wanted)])
        )
        #expect(world.endpoints("foo.com") == expected)
        #expect(world.problems == [])
    }

    struct Readiness: CustomTestStringConvertible {
        let name: String
        let endpoints: [EndpointSlice.SliceEndpoint]
        let expected: [String]
        var testDescription: String { name }
    }

    static let readiness = [
        Readiness(name: "ready ones", endpoints: [pod(2), pod(1)], expected: ["10.0.0.1:8080", "10.0.0.2:8080"]),
        Readiness(
            name: "ready ones before those that end",
            endpoints: [pod(1, ready: false, terminating: true), pod(2)],
            expected: ["10.0.0.2:8080"]
        ),
        Readiness(
            name: "those that serve while they end, where none is ready",
            endpoints: [
                pod(1, ready: false, terminating: true), pod(2, ready: false),
                pod(3, ready: false, serving: false, terminating: true),
            ],
            expected: ["10.0.0.1:8080"]
        ),
        Readiness(name: "none where none serves", endpoints: [pod(1, ready: false)], expected: []),
        Readiness(name: "each once", endpoints: [pod(1), pod(1)], expected: ["10.0.0.1:8080"]),
    ]

    @Test(arguments: readiness) func `has the endpoints that serve`(_ one: Readiness) {
        var world = World()
        world.settle(service("web"), slice(of: "web", one.endpoints), ingress("a", "foo.com", [path("/")]))
        #expect(world.endpoints("foo.com") == one.expected)
        #expect(world.reasons == (one.expected.isEmpty ? ["NoEndpoints"] : []))
    }

    @Test func `has the endpoints of all its slices, each with its own port`() {
        var world = World()
        world.settle(
            service("web"),
            slice(of: "web", [pod(1), pod(2)]),
            slice(of: "web", [pod(2), pod(3)], name: "web-2", ports: [EndpointSlice.EndpointPort(port: port(9090))]),
            slice(of: "other", [pod(9)]),
            ingress("a", "foo.com", [path("/")])
        )
        #expect(world.endpoints("foo.com") == ["10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.2:9090", "10.0.0.3:9090"])
        world.remove(.endpointSlice, "web-1")
        world.compile()
        #expect(world.endpoints("foo.com") == ["10.0.0.2:9090", "10.0.0.3:9090"])
    }

    @Test func `of a slice without ports has the Service's own target`() {
        var world = World()
        world.settle(service("web"), slice(of: "web", [pod(1)], ports: []), ingress("a", "foo.com", [path("/")]))
        #expect(world.endpoints("foo.com") == ["10.0.0.1:8080"])
    }

    @Test func `has the endpoints of the older object where there is no slice`() {
        var world = World()
        let subset = Endpoints.Subset(
            addresses: [Endpoints.EndpointAddress(address: IPAddress(10, 0, 0, 7))],
            ports: [EndpointSlice.EndpointPort(port: .alternate)]
        )
        world.settle(
            service("web"),
            .endpoints(Endpoints(metadata: ObjectMetadata(namespace: "demo", name: "web"), subsets: [subset])),
            ingress("a", "foo.com", [path("/")])
        )
        #expect(world.endpoints("foo.com") == ["10.0.0.7:8080"])
        world.settle(slice(of: "web", [pod(1)]))
        #expect(world.endpoints("foo.com") == ["10.0.0.1:8080"])
    }

    @Test func `has the endpoints of the gateway's zone where all are meant for zones`() {
        var settings = IngressSettings()
        settings.zone = "a"
        var world = World(settings)
        world.settle(
            service("web"),
            slice(of: "web", [pod(1, zones: ["a"]), pod(2, zones: ["b"])]),
            ingress("x", "foo.com", [path("/")])
        )
        #expect(world.endpoints("foo.com") == ["10.0.0.1:8080"])
        world.settle(slice(of: "web", [pod(1, zones: ["a"]), pod(2)]))
        #expect(world.endpoints("foo.com") == ["10.0.0.1:8080", "10.0.0.2:8080"])
        world.settle(slice(of: "web", [pod(1, zones: ["c"]), pod(2, zones: ["b"])]))
        #expect(world.endpoints("foo.com") == ["10.0.0.1:8080", "10.0.0.2:8080"])
    }

    @Test func `is the Service's own address where service-upstream wants it`() {
        var world = World()
        world.settle(
            service("web", clusterIPs: [IPAddress(10, 96, 0, 1)]),
            slice(of: "web", [pod(1)]),
            ingress("a", "foo.com", [path("/")], annotations: ["service-upstream": "true"])
        )
        #expect(world.endpoints("foo.com") == ["10.96.0.1:80"])
    }

    @Test func `answers 503 while there is no Service, port or endpoint, and says so`() {
        var world = World()
        world.settle(ingress("a", "foo.com", [path("/")]))
        let place = "spec.rules[0].http.paths[0].backend.service"
        #expect(world.outcome("foo.com", "/") == "503")
        #expect(
            world.problems == ["ServiceNotFound: \(place): there is no Service demo/web; requests are answered 503"]
        )
        world.settle(service("web", ports: [Self.admin]))
        #expect(
            world.problems == ["PortNotFound: \(place): Service demo/web has no port 80; requests are answered 503"]
        )
        world.settle(service("web"))
        #expect(
            world.problems == [
                "NoEndpoints: \(place): no endpoint of Service demo/web is ready; requests are answered 503"
            ]
        )
        world.settle(slice(of: "web", [pod(1)]))
        #expect(world.problems == [])
        #expect(world.last.cleared.map(\.reason) == [.noEndpoints])
    }

    @Test func `of another kind is left out`() {
        var world = World()
        world.addService("web")
        let odd = Ingress.Path(path: "/b", backend: .resource(kind: "Bucket", name: "x"))
        world.settle(ingress("a", "foo.com", [path("/a"), odd]))
        #expect(world.outcome("foo.com", "/b") == "404")
        #expect(world.outcome("foo.com", "/a") == "demo-web-80")
        #expect(world.reasons == ["UnsupportedBackend"])
    }

    @Test(arguments: [("https", Backend.Scheme.https), ("HTTPS", .https), ("http", .http), ("kubernetes.io/ws", .http)])
    func `is spoken to as its port says`(_ protocolName: String, _ scheme: Backend.Scheme) {
        var world = World()
        var port = Service.ServicePort(port: .http, targetPort: .number(.alternate))
        port.appProtocol = protocolName
        world.settle(
            service("web", ports: [port]),
            slice(of: "web", [pod(1)]),
            ingress("a", "foo.com", [path("/")]),
            ingress("b", "bar.com", [path("/")], annotations: ["backend-protocol": "HTTP"])
        )
        #expect(world.backend(of: world.route("foo.com", "/"))?.scheme == scheme)
        #expect(world.backend(of: world.route("bar.com", "/"))?.scheme == .http)
    }

    @Test func `is one for all that use it alike, and another where turns differ`() {
        var world = World()
        world.addService("web")
        world.settle(
            ingress("a", "a.com", [path("/")]),
            ingress("b", "b.com", [path("/")]),
            ingress("c", "c.com", [path("/")], annotations: ["load-balance": "ewma"])
        )
        #expect(world.route("a.com", "/").backend == world.route("b.com", "/").backend)
        #expect(world.route("a.com", "/").backend != world.route("c.com", "/").backend)
        #expect(world.table.allBackends.count == 2)
        world.remove(.ingress, "c")
        world.compile()
        #expect(world.table.allBackends.count == 1)
    }
}

struct `An external name` {
    private func world(
        _ name: String,
        ports: [Service.ServicePort] = [],
        port: Ingress.ServicePort = .number(.http)
    ) -> World {
        var world = World()
        world.settle(
            service("web", ports: ports, externalName: name),
            ingress("a", "foo.com", [path("/", port: port)])
        )
        return world
    }

    @Test func `is asked of DNS, and its addresses are endpoints`() {
        var world = world("Example.COM.")
        #expect(world.last.externalNames == ["example.com"])
        #expect(world.outcome("foo.com", "/") == "503")
        #expect(world.reasons == ["NoEndpoints"])
        world.directory.resolved(
            externalName: "example.com",
            addresses: [IPAddress(93, 184, 0, 2), IPAddress(93, 184, 0, 1)]
        )
        let work = world.compile()
        #expect(world.endpoints("foo.com") == ["93.184.0.1:80", "93.184.0.2:80"])
        #expect(work.hosts == 0)
        #expect(world.last.externalNames == nil)
        #expect(world.problems == [])
        world.remove(.ingress, "a")
        world.compile()
        #expect(world.last.externalNames == [])
    }

    @Test func `that is an address needs no DNS`() {
        let world = world("192.0.2.7")
        #expect(world.endpoints("foo.com") == ["192.0.2.7:80"])
        #expect(world.directory.problems == [])
    }

    @Test func `has the port of the Service, or the number itself`() {
        let target = Service.ServicePort(port: .http, targetPort: .number(.alternate))
        #expect(world("192.0.2.7", ports: [target]).endpoints("foo.com") == ["192.0.2.7:8080"])
        #expect(world("192.0.2.7", port: .number(.secure)).endpoints("foo.com") == ["192.0.2.7:443"])
        #expect(world("192.0.2.7", port: .name("web")).reasons == ["PortNotFound"])
    }

    @Test(
        arguments: [
            "127.0.0.1", "127.8.8.8", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1",
            "::ffff:127.0.0.1",
            "localhost", "x.localhost.", "a b", "-x.com", "",
        ]
    )
    func `that leads to the gateway itself or nowhere is refused`(_ name: String) {
        let world = world(name)
        #expect(world.outcome("foo.com", "/") == "503")
        #expect(world.reasons == ["ForbiddenExternalName"])
    }

    @Test func `whose addresses are the gateway's own is refused`() {
        var world = world("rebind.example")
        world.directory.resolved(externalName: "rebind.example", addresses: [IPAddress(169, 254, 169, 254)])
        world.compile()
        #expect(world.outcome("foo.com", "/") == "503")
        #expect(
            world.problems == [
                "ForbiddenExternalName: spec.rules[0].http.paths[0].backend.service: the external name of Service demo/web "
                    + "leads to 169.254.169.254, which is a link-local address; requests are answered 503"
            ]
        )
    }

    @Test func `leads nowhere where external names are switched off`() {
        var settings = IngressSettings()
        settings.ignoresExternalNames = true
        var world = World(settings)
        world.settle(service("web", externalName: "192.0.2.7"), ingress("a", "foo.com", [path("/")]))
        #expect(world.outcome("foo.com", "/") == "503")
        #expect(world.reasons == ["ForbiddenExternalName"])
    }
}
