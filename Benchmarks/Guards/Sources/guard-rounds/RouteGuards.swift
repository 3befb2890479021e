internal import PatternMatching
internal import Routing

/// The way from a request's host and path to its route, among 10,000 hosts and 100 paths.
var routeGuards: [Guard] {
    [
        Guard(name: "route-host", unit: "lookup", rounds: (2, 12), unitsPerRound: 1000) {
            let names = (0..<10_000).map { "shop-\($0).team-\($0 % 50).example.com" }
            var hosts: [String: VirtualHost?] = [:]
            for name in names { hosts[name] = try host(name, rules: []) }
            let table = RoutingTable.empty(fallback: route(0)).replacing(hosts: hosts)
            let asked = (0..<1000).map { names[($0 * 7919) % names.count] }.map { (name: $0, bytes: Array($0.utf8)) }
            return { _ in
                for item in asked where table.host(item.bytes.span).name != item.name {
                    throw Undone("\(item.name) was not found")
                }
            }
        },
        Guard(name: "route-path", unit: "lookup", rounds: (2, 12), unitsPerRound: 1000) {
            let rules = (0..<100).map { number in
                PathRule(
                    path: "/team/service-\(number)",
                    match: .prefix,
                    asksForPatterns: false,
                    route: route(number + 1)
                )
            }
            let host = try host("h", rules: rules)
            let asked = (0..<1000).map { number in
                let id = (number * 7919) % 100
                return (id: id + 1, path: Array("/team/service-\(id)/api/v1/users/4711/orders/42/items".utf8))
            }
            return { _ in
                var scratch = PatternScratch()
                for item in asked where host.route(for: item.path.span, scratch: &scratch).id != item.id {
                    throw Undone("route \(item.id) was not found")
                }
            }
        },
        Guard(name: "route-change", unit: "host", rounds: (10, 60), unitsPerRound: 1) {
            let names = (0..<10_000).map { "shop-\($0).team-\($0 % 50).example.com" }
            var hosts: [String: VirtualHost?] = [:]
            for name in names { hosts[name] = try host(name, rules: []) }
            let table = RoutingTable.empty(fallback: route(0)).replacing(hosts: hosts)
            let changed = try host("changed", rules: [])
            return { round in
                let name = names[(round * 7919) % names.count]
                let latest = table.replacing(hosts: [name: changed])
                guard latest.hostCount == names.count, latest.host(Array(name.utf8).span).name == "changed"
                else { throw Undone("\(name) was not replaced") }
            }
        },
    ]
}

private func route(_ id: Int) -> Route { Route(id: id, origin: RouteOrigin()) }

private func host(_ name: String, rules: [PathRule]) throws -> VirtualHost {
    let compiled = VirtualHost.compile(name: name, fallback: route(0), rules: rules)
    guard compiled.problems.isEmpty else { throw Undone("the rules of \(name) are wrong") }
    return compiled.host
}
