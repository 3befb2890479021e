import LoadBalancing
import Testing

@testable import Routing

struct `A routing table` {
    private func named(_ name: String) -> VirtualHost {
        VirtualHost.compile(name: name, fallback: route("none"), rules: []).host
    }

    private func table(_ names: [String]) -> RoutingTable {
        RoutingTable.empty(fallback: route("none")).replacing(
            hosts: Dictionary(uniqueKeysWithValues: names.map { ($0, named($0)) })
        )
    }

    private func backend(_ id: Backend.ID, _ name: String) -> Backend {
        Backend(id: id, name: name, scheme: .http, policy: .roundRobin, endpoints: [])
    }

    @Test(arguments: [
        ("an exact name", "foo.bar.com", "foo.bar.com"),
        ("another name of the same domain", "subdomain.bar.com", "_"),
        ("one label for the wildcard", "bar.foo.com", "*.foo.com"),
        ("two labels for the wildcard", "baz.bar.foo.com", "_"),
        ("no label for the wildcard", "foo.com", "_"),
        ("an exact name before the wildcard", "exact.foo.com", "exact.foo.com"),
        ("an empty label", ".foo.com", "_"),
        ("octets that host names seldom have", "a_b-9.foo.com", "*.foo.com"),
        ("octets that host names never have", "ä!.foo.com", "*.foo.com"),
        ("a wildcard below the wildcard", "x.deep.foo.com", "*.deep.foo.com"),
        ("the name that the deeper wildcard stands on", "deep.foo.com", "*.foo.com"),
        ("no name", "", "_"),
        ("a dot", ".", "_"),
        ("a label", "com", "_"),
        ("an end with a dot", "foo.bar.com.", "_"),
        ("the end of a name", "oo.bar.com", "_"),
        ("more than a name", "xfoo.bar.com", "_"),
        ("a name without dots", "localhost", "localhost"),
        ("the wildcard's own text", "*.foo.com", "*.foo.com"),
        ("an address", "10.0.0.1", "_"),
    ])
    func `finds the host of a request`(name: String, asked: String, expected: String) {
        let table = table(["foo.bar.com", "*.foo.com", "exact.foo.com", "*.deep.foo.com", "localhost"])
        #expect(table.name(for: asked) == expected)
    }

    @Test func `a host without a path for the request does not give it to the wildcard`() {
        let exact = VirtualHost.compile(name: "a.foo.com", fallback: route("none"), rules: [rule("Exact /x")]).host
        let wild = VirtualHost.compile(name: "*.foo.com", fallback: route("none"), rules: [rule("Prefix /")]).host
        let table = RoutingTable.empty(fallback: route("none")).replacing(
            hosts: ["a.foo.com": exact, "*.foo.com": wild]
        )
        let name = Array("a.foo.com".utf8)
        #expect(table.host(name.span).name(for: "/y") == "none")
    }

    @Test func `has a host for all others, which can be replaced`() {
        let table = table(["foo.com"])
        #expect(table.catchAll.name == "_")
        #expect(table.catchAll.name(for: "/x") == "none")
        let other = table.replacing(catchAll: named("other"))
        #expect(other.name(for: "bar.com") == "other")
        #expect(other.name(for: "foo.com") == "foo.com")
        #expect(table.name(for: "bar.com") == "_")
    }

    @Test func `finds each of ten thousand hosts, and no other`() {
        let names = (0..<10_000).map { $0 % 10 == 0 ? "*.wild-\($0).example.com" : "host-\($0).example.com" }
        let table = table(names)
        #expect(table.hostCount == names.count)
        let wrong = names.filter { table.name(for: $0.hasPrefix("*") ? "any" + $0.dropFirst() : $0) != $0 }
        #expect(wrong.isEmpty)
        let found = names.filter { table.name(for: "x" + $0.dropFirst()) != "_" && !$0.hasPrefix("*") }
        #expect(found.isEmpty)
        #expect(table.hosts.map(\.name) == names.sorted())
    }

    @Test func `another name with the same hash is not the host`() {
        var hosts = HostTable()
        hosts.set(Array("foo.com".utf8), to: named("foo.com"))
        let hash = "foo.com".utf8.reversed().reduce(HostTable.seed) { HostTable.hash($0, $1) }
        func found(_ text: String, from start: Int = 0) -> String? {
            let bytes = Array(text.utf8)
            return hosts.host(in: bytes.span, from: start, hash: hash)?.name
        }
        #expect(["foo.com", "foo.con", "foo.comm", "foo.co", ""].map { found($0) } == ["foo.com", nil, nil, nil, nil])
        #expect(found("a.foo.com", from: 2) == "foo.com")
        #expect(found("a.foo.com", from: 1) == nil)
    }

    @Test func `a change leaves the old table as it was`() {
        let old = table(["a.com", "b.com", "*.c.com"])
        let replaced = named("new")
        let new = old.replacing(hosts: ["a.com": replaced, "b.com": nil, "*.c.com": nil, "d.com": replaced])
        #expect(["a.com", "b.com", "x.c.com", "d.com"].map(old.name) == ["a.com", "b.com", "*.c.com", "_"])
        #expect(["a.com", "b.com", "x.c.com", "d.com"].map(new.name) == ["new", "_", "_", "new"])
        #expect(old.hostCount == 3)
        #expect(new.hostCount == 2)
        #expect(new.replacing(hosts: ["nobody.com": nil]).hostCount == 2)
    }

    @Test func `what did not change is shared`() {
        let names = (0..<1000).map { "host-\($0).com" }
        let old = table(names)
        let new = old.replacing(hosts: ["host-7.com": named("new")])
        let shared = names.filter { name in
            let bytes = Array(name.utf8)
            return old.host(bytes.span) === new.host(bytes.span)
        }
        #expect(shared.count == 999)
        #expect(old.catchAll === new.catchAll)
    }

    @Test func `many changes, one after another, end where one change would`() {
        var random = SmallRandom(seed: 5)
        var expected: [String: VirtualHost] = [:]
        var table = RoutingTable.empty(fallback: route("none"))
        for round in 0..<400 {
            var change: [String: VirtualHost?] = [:]
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let name = (Bool.random(using: &random) ? "*." : "") + "h\(Int.random(in: 0..<60, using: &random)).com"
                change[name] = .some(Bool.random(using: &random) ? named("\(name) \(round)") : nil)
            }
            table = table.replacing(hosts: change)
            for (name, host) in change { expected[name] = host }
        }
        #expect(table.hosts.map(\.name) == expected.keys.sorted())
        #expect(table.hosts.allSatisfy { expected[$0.name] === $0.host })
        #expect(table.hostCount == expected.count)
    }

    @Test func `finds backends by number`() {
        let old = RoutingTable.empty(fallback: route("none")).replacing(
            backends: [0, 1, 63, 64, 1000].map { ($0, backend($0, "b\($0)")) }
        )
        #expect([0, 1, 63, 64, 1000].map { old.backend($0)?.name } == ["b0", "b1", "b63", "b64", "b1000"])
        #expect([-1, 2, 65, 999, 1001, 1_000_000, Int32.min, Int32.max].allSatisfy { old.backend($0) == nil })
        let new = old.replacing(backends: [(1, backend(1, "new")), (64, nil), (5000, nil)])
        #expect([0, 1, 64].map { new.backend($0)?.name } == ["b0", "new", nil])
        #expect([0, 1, 64].map { old.backend($0)?.name } == ["b0", "b1", "b64"])
        #expect(new.allBackends.map(\.id) == [0, 1, 63, 1000])
    }

    @Test func `settings are replaced, or kept`() {
        var settings = ProxySettings()
        settings.redirectPort = 8443
        let table = RoutingTable.empty(settings: settings, fallback: route("none"))
        #expect(table.replacing().settings == settings)
        #expect(table.replacing(settings: ProxySettings()).settings == ProxySettings())
    }
}
