import IngressDiscovery
import KubernetesAPI
import LoadBalancing
import NetworkAddress
import Routing
import TLS
import Testing

struct `A change costs only itself` {
    /// A hundred hosts with two paths and a Service each.
    private func world() -> World {
        var world = World()
        for number in 0..<100 {
            world.addService("web-\(number)", at: UInt8(number))
            world.add(
                ingress(
                    "i-\(number)",
                    "h\(number).com",
                    [path("/a", "web-\(number)"), path("/b", "web-\(number)")],
                    tls: [Ingress.TLS(hosts: ["h\(number).com"], secretName: "foo")]
                )
            )
        }
        world.compile()
        return world
    }

    @Test func `where it is an endpoint`() {
        var world = world()
        let (route, other) = (world.route("h7.com", "/a"), world.backend(of: world.route("h8.com", "/a")))
        world.add(slice(of: "web-7", [pod(200)]))
        let work = world.compile()
        #expect((work.ingresses, work.hosts, work.backends, work.certificates) == (0, 0, 1, 0))
        #expect(world.endpoints("h7.com", "/b") == ["10.0.0.200:8080"])
        // The route is the very same; its backend has the same number and is another object.
        #expect(world.route("h7.com", "/a") === route)
        #expect(world.backend(of: world.route("h8.com", "/a")) === other)
        #expect(world.last.certificates == nil)
    }

    @Test func `where it is an Ingress`() {
        var world = world()
        let other = world.host("h8.com")
        world.add(ingress("i-7", "h7.com", [path("/c", "web-7")]))
        let work = world.compile()
        #expect((work.ingresses, work.hosts, work.backends) == (1, 1, 0))
        #expect(world.host("h8.com") === other)
        #expect(world.outcome("h7.com", "/a") == "404")
    }

    @Test func `where it is a Secret, which only its hosts see`() {
        var world = world()
        world.add(
            ingress("own", "own.com", [path("/", "web-1")], tls: [Ingress.TLS(hosts: ["own.com"], secretName: "own")])
        )
        world.compile()
        world.add(TestCertificate.bar.secret("own"))
        let work = world.compile()
        #expect((work.ingresses, work.hosts, work.backends, work.certificates) == (0, 0, 0, 1))
        #expect(world.last.table == nil)
    }

    @Test func `and what nobody uses costs nothing`() {
        var world = world()
        world.add(service("unused"), slice(of: "unused", [pod(1)]), TestCertificate.bar.secret("unused"))
        world.add(.configMap(ConfigMap(metadata: ObjectMetadata(namespace: "demo", name: "other"))))
        world.add(.ingressClass(ingressClass("unused")), service("web-1"))
        #expect(world.compile() == IngressCompilation.Work())
        #expect(world.last.table == nil)
        #expect(world.last.certificates == nil)
        #expect(world.last.appeared.isEmpty && world.last.cleared.isEmpty)
    }

    @Test func `and numbers are given to others only after a compilation without them`() {
        var world = world()
        let former = world.route("h7.com", "/a")
        world.remove(.ingress, "i-7")
        world.add(ingress("new", "new.com", [path("/", "other")]))
        world.compile()
        let new = world.route("new.com", "/")
        #expect(new.id != former.id)
        #expect(new.backend != former.backend)
        let ids = world.table.hosts.flatMap { ($0.host.allRoutes + [$0.host.fallback]).map(\.id) }
        #expect(Set(ids).count == ids.count)
        // Later they are.
        world.settle(ingress("newer", "newer.com", [path("/", "another")]))
        #expect(world.route("newer.com", "/").id & 0x7fff_ffff < 400)
        #expect(world.route("newer.com", "/").backend == former.backend)
    }

    @Test func `and a number that is given to another route says so in its upper half`() {
        var world = World()
        var uses: [Int: Int] = [:]
        for round in 0..<20 {
            world.settle(ingress("i-\(round)", "h-\(round).com", [path("/")]))
            for route in [world.route("h-\(round).com", "/"), world.host("h-\(round).com").fallback] {
                #expect(route.id >> 32 == uses[route.id & 0x7fff_ffff, default: 0])
                uses[route.id & 0x7fff_ffff, default: 0] += 1
            }
            world.remove(.ingress, "i-\(round)")
            world.compile()
        }
        // The numbers stay few, those of backends too.
        #expect(uses.count <= 4)
        world.settle(ingress("last", "last.com", [path("/", "other")]))
        #expect(world.route("last.com", "/").backend.map { $0 <= 2 } == true)
    }

    @Test func `and a path that another Service or Ingress takes over is counted anew`() {
        var world = World()
        world.settle(ingress("a", "foo.com", [path("/", "web"), path("/other")]))
        let (id, other) = (world.route("foo.com", "/").id, world.route("foo.com", "/other").id)
        world.settle(
            ingress("a", "foo.com", [path("/", "web"), path("/other")], annotations: ["proxy-body-size": "8m"])
        )
        #expect(world.route("foo.com", "/").id == id)
        world.settle(ingress("a", "foo.com", [path("/", "shop"), path("/other")]))
        #expect(world.route("foo.com", "/").id != id)
        #expect(world.route("foo.com", "/other").id == other)
        let canary = ["canary": "true", "canary-weight": "10"]
        let before = world.route("foo.com", "/").id
        world.settle(ingress("c", "foo.com", [path("/", "new")], annotations: canary))
        #expect(world.route("foo.com", "/").id == before)
        world.settle(ingress("c", "foo.com", [path("/", "newer")], annotations: canary))
        #expect(world.route("foo.com", "/").id != before)
    }

    @Test func `and each problem is told once`() {
        var world = World()
        world.settle(ingress("a", "foo.com", [path("/")]))
        #expect(world.last.appeared.map(\.reason) == [.serviceNotFound])
        world.settle(ingress("b", "bar.com", [path("/")]))
        #expect(world.last.appeared.map(\.object.name) == ["b"])
        world.remove(.ingress, "a")
        world.compile()
        #expect(world.last.cleared.map(\.object.name) == ["a"])
        #expect(world.last.appeared.isEmpty)
    }
}

struct `After any changes` {
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `the outcome is that of a fresh directory with the same objects`(_ seed: UInt64) {
        var generator = SmallRandom(seed: seed)
        var settings = IngressSettings()
        settings.configMap = NamespacedName("demo", "gateway")
        settings.defaultBackendService = NamespacedName("demo", "s0")
        settings.defaultCertificate = NamespacedName("demo", "t0")
        settings.isPathRegexStrict = seed == 5
        var world = World(settings, hasClass: false)
        var objects: [ObjectReference: KubernetesObject] = [:]
        var known: [String: [IPAddress]] = [:]
        var wanted: Set<String> = []
        var told: Set<IngressProblem> = []
        var certificates = CertificateTable(fallback: CertificateTable.Host(certificates: []))
        for step in 0..<500 {
            let object = RandomObject.any(&generator)
            if Int.random(in: 0..<4, using: &generator) == 0 {
                objects[object.reference] = nil
                world.directory.apply(.removed(object.reference))
            } else {
                objects[object.reference] = object
                if case .secret(let secret) = object, secret.values.isEmpty {
                    // One that was good before would keep what it held, which a fresh directory cannot know.
                    world.directory.apply(.removed(object.reference))
                }
                world.add(object)
            }
            if let name = wanted.randomElement(using: &generator), Int.random(in: 0..<3, using: &generator) == 0 {
                let addresses = RandomObject.addresses(&generator)
                known[name] = addresses
                world.directory.resolved(externalName: name, addresses: addresses)
            }
            // Several changes may come together.
            guard Int.random(in: 0..<3, using: &generator) != 0 else { continue }
            world.compile()
            told.subtract(world.last.cleared)
            told.formUnion(world.last.appeared)
            if let table = world.last.certificates { certificates = table }
            if let names = world.last.externalNames {
                wanted = names
                known = known.filter { names.contains($0.key) }
            }
            guard step % 3 == 0 else { continue }

            var fresh = World(settings, hasClass: false)
            for object in objects.values.shuffled(using: &generator) { fresh.add(object) }
            fresh.compile()
            let freshCertificates = fresh.last.certificates
            let freshNames = fresh.last.externalNames ?? []
            for (name, addresses) in known { fresh.directory.resolved(externalName: name, addresses: addresses) }
            fresh.compile()
            #expect(world.directory.describe() == fresh.directory.describe(), "seed \(seed), step \(step)")
            #expect(shown(world.table) == shown(fresh.table), "seed \(seed), step \(step)")
            #expect(wanted == freshNames)
            #expect(told == Set(world.directory.problems))
            #expect(shown(certificates) == shown(freshCertificates ?? certificates), "seed \(seed), step \(step)")
            if shown(world.table) != shown(fresh.table) { return }
        }
        #expect(objects.count > 10)
    }

    /// What workers see of a table, without numbers.
    private func shown(_ table: RoutingTable) -> [String] {
        var lines: [String] = []
        var ids: [Int] = []
        for host in table.hosts.map(\.host) + [table.catchAll] {
            lines.append("\(host.name) \(host.hasCertificate) \(host.appRoot?.text ?? "")")
            for route in host.allRoutes + [host.fallback] {
                ids.append(route.id)
                let backend = route.backend.map { table.backend($0) }
                let canary = route.canary.map { "\(table.backend($0.backend)?.name ?? "none") \($0.weight)" }
                lines.append(
                    "\(route.origin) \(String(describing: route.redirect)) \(route.httpsRedirect) "
                        + "\(String(describing: route.clients)) \(String(describing: route.refusal)) "
                        + "\(backend.map { "\($0?.name ?? "lost") \($0?.endpoints ?? []) \($0?.scheme ?? .http)" } ?? "-") "
                        + "\(canary ?? "-") \(String(describing: route.rewrite?.target)) "
                        + "\(String(describing: route.affinity)) \(route.limits)"
                )
            }
        }
        lines.append("numbers are unique: \(Set(ids).count == ids.count)")
        lines += table.allBackends.map { "\($0.name) \($0.scheme) \($0.policy) \($0.endpoints)" }.sorted()
        lines.append("\(table.settings)")
        return lines
    }

    private func shown(_ table: CertificateTable) -> [String] {
        (RandomObject.hosts + ["x.foo.com"]).map { host in
            let names = table.host(for: Array(host.utf8).span)?.certificates.map { "\($0.names) \($0.keyType)" } ?? []
            return "\(host) \(names)"
        } + ["\(table.count) \(table.fallback.certificates.map(\.names))"]
    }
}

/// Objects that have much in common, so that they meet.
enum RandomObject {
    static let hosts = ["", "foo.com", "a.foo.com", "*.foo.com", "bar.com", "x.bar.com"]
    private static let paths = ["/", "/a", "/a/", "/a/b", "/a(.*)", "/("]
    private static let annotations = [
        "rewrite-target": ["/", "/$1", "http://x"], "use-regex": ["true", "false"], "ssl-redirect": ["false"],
        "permanent-redirect": ["http://x.com", "bad"], "canary-weight": ["10"], "canary-by-header": ["x-a"],
        "load-balance": ["ewma"], "whitelist-source-range": ["10.0.0.0/8", "bad"], "app-root": ["/x"],
        "affinity": ["cookie"], "proxy-body-size": ["1k", "bad"], "service-upstream": ["true"],
        "backend-protocol": ["HTTPS"], "auth-url": ["http://x"], "odd": ["1"],
    ]

    static func any(_ generator: inout SmallRandom) -> KubernetesObject {
        func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
        switch pick(20) {
        case 0..<8: return anyIngress(&generator)
        case 8..<11: return anyService(&generator)
        case 11..<15:
            let pods = (0..<pick(3)).map { _ in pod(UInt8(pick(5)), ready: pick(3) != 0, terminating: pick(2) == 0) }
            return slice(of: "s\(pick(4))", pods, name: "slice-\(pick(6))")
        case 15..<17:
            let certificate = [TestCertificate.foo, .bar][pick(2)]
            let name = "t\(pick(3))"
            if pick(4) == 0 {
                return .secret(Secret(metadata: ObjectMetadata(namespace: "demo", name: name), values: [:]))
            }
            return certificate.secret(name)
        case 17..<19:
            let controller = ["k8s.io/ingress-nginx", "k8s.io/ingress-nginx", "other"][pick(3)]
            return .ingressClass(ingressClass("c\(pick(2))", controller: controller, isDefault: pick(3) == 0))
        default:
            let data = [
                [:], ["proxy-body-size": "9k"], ["ssl-redirect": "false", "hsts": "false"], ["load-balance": "ewma"],
                ["ssl-reject-handshake": "true", "odd": "1"],
            ][pick(5)]
            return .configMap(ConfigMap(metadata: ObjectMetadata(namespace: "demo", name: "gateway"), data: data))
        }
    }

    static func addresses(_ generator: inout SmallRandom) -> [IPAddress] {
        [[], [IPAddress(192, 0, 2, 1)], [IPAddress(127, 0, 0, 1)], [IPAddress(192, 0, 2, 2), IPAddress(10, 0, 0, 9)]]
            .randomElement(using: &generator) ?? []
    }

    private static func anyIngress(_ generator: inout SmallRandom) -> KubernetesObject {
        func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
        var annotations: [String: String] = [:]
        for _ in 0..<pick(3) {
            guard let name = Self.annotations.keys.sorted().randomElement(using: &generator) else { continue }
            annotations[name] = Self.annotations[name]?.randomElement(using: &generator)
        }
        if pick(4) == 0 { annotations["canary"] = "true" }
        let paths = (0..<pick(3)).map { _ in
            let port: Ingress.ServicePort = [.number(.http), .name("web"), .number(.secure)][pick(3)]
            return path(Self.paths[pick(6)], "s\(pick(4))", Ingress.PathType.allCases[pick(3)], port: port)
        }
        let host = pick(8) == 0 ? nil : hosts[pick(6)]
        let tls = (0..<pick(2)).map { _ in
            Ingress.TLS(
                hosts: pick(3) == 0 ? [] : [hosts[1 + pick(5)], host ?? "foo.com"],
                secretName: pick(5) == 0 ? "" : "t\(pick(3))"
            )
        }
        let object = ingress(
            "i\(pick(12))",
            host,
            paths,
            annotations: annotations,
            age: pick(2) == 0 ? nil : "2024-01-0\(1 + pick(3))T00:00:00Z",
            tls: tls,
            defaultBackend: pick(4) == 0 ? "s\(pick(4))" : nil,
            className: pick(6) == 0 ? nil : "c\(pick(2))"
        )
        return object.settingOrigin(to: pick(2) == 0 ? nil : "web.yaml")
    }

    private static func anyService(_ generator: inout SmallRandom) -> KubernetesObject {
        func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
        let names = ["one.example", "two.example", "192.0.2.9", "127.0.0.1"]
        let ports = [
            Service.ServicePort(port: .http, targetPort: .number(.alternate)),
            Service.ServicePort(name: "web", port: pick(2) == 0 ? .http : .secure),
        ]
        return service(
            "s\(pick(4))",
            ports: [ports[pick(2)]],
            clusterIPs: pick(2) == 0 ? [IPAddress(10, 96, 0, UInt8(pick(3)))] : [],
            externalName: pick(3) == 0 ? names[pick(4)] : nil
        )
    }
}
