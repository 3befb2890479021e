internal import ByteBuffers
internal import LoadBalancing
internal import PatternMatching
internal import Routing

// Q: what does it cost to lead a request: to find its host among 10 to 10,000, its path among 1 to 1,000, to rewrite it;
// and to change one host among 10,000? Baseline: what nginx needs for a request as a whole, some 10,000 ns.
//
//     swift run -c release routing-lookup
//
// Each figure is the best of several rounds; a round walks through different keys, so that caches work as they can.

/// The time that one of many calls takes, in nanoseconds.
func measure(_ name: String, calls: Int, rounds: Int = 7, _ body: () -> Int) {
    var best = Duration.seconds(1000)
    var sum = 0
    for _ in 0..<rounds {
        best = min(best, ContinuousClock().measure { sum &+= body() })
    }
    let nanoseconds = Double(best.components.attoseconds) / 1e9 / Double(calls)
    print(name, "\(Int(nanoseconds * 10) / 10).\(Int(nanoseconds * 10) % 10) ns", sum == 0 ? "(nothing found)" : "")
}

func route(_ id: Int) -> Route { Route(id: id, origin: RouteOrigin()) }

func host(_ name: String, rules: [PathRule]) -> VirtualHost {
    let compiled = VirtualHost.compile(name: name, fallback: route(0), rules: rules)
    precondition(compiled.problems.isEmpty, "the benchmark's rules are right")
    return compiled.host
}

func measureHosts(count: Int) -> RoutingTable {
    var hosts: [String: VirtualHost?] = [:]
    for number in 0..<count {
        hosts["shop-\(number).team-\(number % 50).example.com"] = host("h", rules: [])
        if number % 10 == 0 { hosts["*.wild-\(number).example.com"] = host("w", rules: []) }
    }
    let table = RoutingTable.empty(fallback: route(0)).replacing(hosts: hosts)
    let order = (0..<1024).map { ($0 &* 7919) % count }
    let names: [(String, [[UInt8]])] = [
        ("exact", order.map { Array("shop-\($0).team-\($0 % 50).example.com".utf8) }),
        ("wildcard", order.map { Array("any.wild-\($0 / 10 * 10).example.com".utf8) }),
        ("unknown", order.map { Array("other-\($0).team.example.com".utf8) }),
    ]
    for (kind, keys) in names {
        measure("host among \(count), \(kind):", calls: 1024 * 200) {
            var sum = 0
            for _ in 0..<200 {
                for key in keys { sum += table.host(key.span).name.utf8.count }
            }
            return sum
        }
    }
    return table
}

func measureReplacing(_ table: RoutingTable) {
    let changed = host("changed", rules: [])
    measure("replacing one host among \(table.hostCount):", calls: 1000) {
        var latest = table
        for number in 0..<1000 {
            latest = latest.replacing(hosts: ["shop-\(number).team-\(number % 50).example.com": changed])
        }
        return latest.hostCount
    }
    var filled = table
    filled = filled.replacing(
        backends: (0..<10_000).map { number in
            (
                Int32(number),
                Backend(id: Int32(number), name: "b", scheme: .http, policy: .roundRobin, endpoints: [])
            )
        }
    )
    measure("replacing one backend among 10000:", calls: 1000) {
        var latest = filled
        for number in 0..<1000 {
            let backend = Backend(id: Int32(number), name: "c", scheme: .http, policy: .roundRobin, endpoints: [])
            latest = latest.replacing(backends: [(Int32(number), backend)])
        }
        return latest.hostCount
    }
    measure("backend among 10000:", calls: 200_000) {
        var sum = 0
        for number in 0..<200_000 where filled.backend(Int32((number &* 7919) % 10_000)) != nil { sum += 1 }
        return sum
    }
}

func measurePaths(count: Int, asksForPatterns: Bool) {
    let rules = (0..<count).map { number in
        PathRule(
            path: asksForPatterns ? "/team/service-\(number)(/|$)(.*)" : "/team/service-\(number)",
            match: .prefix,
            asksForPatterns: asksForPatterns,
            route: route(number + 1)
        )
    }
    let host = host("h", rules: rules)
    let order = (0..<1024).map { ($0 &* 7919) % count }
    let kinds: [(String, [[UInt8]])] = [
        ("short", order.map { Array("/team/service-\($0)".utf8) }),
        ("deep", order.map { Array("/team/service-\($0)/api/v1/users/4711/orders/42/items".utf8) }),
        ("unknown", order.map { Array("/other/service-\($0)/api".utf8) }),
    ]
    for (kind, paths) in kinds {
        let repeats = asksForPatterns && count > 10 ? 2 : 200
        measure("path among \(count) \(asksForPatterns ? "patterns" : "prefixes"), \(kind):", calls: 1024 * repeats) {
            var scratch = PatternScratch()
            var sum = 0
            for _ in 0..<repeats {
                for path in paths { sum += host.route(for: path.span, scratch: &scratch).id + 1 }
            }
            return sum
        }
    }
}

func measureRewrite() {
    guard let rewrite = try? Rewrite(path: "/something(/|$)(.*)", target: "/$2") else { fatalError("it is right") }
    let path = Array("/something/api/v1/users/4711".utf8)
    let query = Array("a=b&c=d".utf8)
    measure("rewrite /something(/|$)(.*) to /$2:", calls: 100_000) {
        var scratch = PatternScratch()
        var output = ByteBuffer(capacity: 1024)
        var sum = 0
        for _ in 0..<100_000 {
            output.removeAll()
            _ = rewrite.apply(to: path.span, query: query.span, scratch: &scratch, into: &output)
            sum += output.count
        }
        return sum
    }
}

func measureHostileSearches() {
    let long = 8000
    let searches: [(String, String)] = [
        ("^(a+)+$", String(repeating: "a", count: long) + "!"),
        ("(a+)+[bc]", String(repeating: "a", count: long)),
        ("/.*a.*b.*[cd]", String(repeating: "/ab", count: long / 3)),
        ("/.*a.*[cd]", String(repeating: "/ab", count: long / 3)),
        ("(.*)(.*)(.*)[cd]", String(repeating: "/ab", count: long / 3)),
        ("^(.+)*\\1[yz]$", String(repeating: "ab", count: long / 2)),
        ("/.{0,15}/.*[cd]", String(repeating: "/", count: long)),
        ("/.{0,28}/.*[cd]", String(repeating: "/", count: long)),
        ("/.{0,30}/.*[cd]", String(repeating: "/", count: 1000)),
        ("/.{0,100}/.*[cd]", String(repeating: "/", count: 1000)),
        ("/.{0,150}/.*[cd]", String(repeating: "/", count: 1000)),
        ("/.{0,60}/.*a.*[cd]", String(repeating: "/", count: 99) + "a"),
        ("/.*/.*a.*[cd]", String(repeating: "/", count: 99) + "a"),
        ("/.*/.*a.*[cd]", String(repeating: "/", count: 199) + "a"),
        ("(a?){30}[bc]", String(repeating: "a", count: long)),
        ("[^x]*[^y]*[^z]*!", String(repeating: "a", count: long) + "\n"),
        ("(*NO_JIT)^(a+)+$", String(repeating: "a", count: long) + "!"),
        ("(*NO_JIT)/.*a.*[cd]", String(repeating: "/ab", count: long / 3)),
        ("(*NO_JIT)/.*a.*b.*[cd]", String(repeating: "/ab", count: long / 3)),
    ]
    for (text, subject) in searches {
        guard let pattern = try? Pattern(text) else { fatalError("\(text) is right") }
        let bytes = Array(subject.utf8)
        var fault = ""
        measure("hostile search \(text) in \(bytes.count) bytes:", calls: 1, rounds: 2) {
            var scratch = PatternScratch()
            _ = pattern.find(in: bytes.span, scratch: &scratch)
            fault = scratch.fault.map(\.description) ?? "no fault"
            return 1
        }
        print("   ", fault)
    }
    for text in ["/api/(v[0-9]+)/(.*)", "(a{1,1000}){1,1000}", "((a|b){1,60}){1,60}"] {
        measure("compiling \(text):", calls: 1, rounds: 3) { (try? Pattern(text))?.groupCount ?? 0 }
    }
}

for count in [10, 1_000] { _ = measureHosts(count: count) }
measureReplacing(measureHosts(count: 10_000))
for count in [1, 10, 1_000] { measurePaths(count: count, asksForPatterns: false) }
for count in [1, 10, 100] { measurePaths(count: count, asksForPatterns: true) }
measureRewrite()
measureHostileSearches()
