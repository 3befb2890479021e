import Gateway
import HTTPSemantics
import Routing
import Telemetry
import Testing

/// A catalog, and text made from workers' numbers.
struct MetricsBench {
    let catalog: RouteCatalog

    init(includesHost: Bool = true) {
        catalog = RouteCatalog(
            controller: ControllerLabels(controllerClass: "k8s.io/ingress-nginx", namespace: "edge", pod: "gw-0"),
            includesHost: includesHost
        )
    }

    /// Makes a route that an Ingress declares.
    ///
    /// - Parameters:
    ///   - name: The name of the Ingress.
    ///   - number: The number of the route; above its low 31 bits stands how often that was given out before.
    ///   - path: The path of the Ingress.
    ///   - host: The host of the Ingress.
    ///   - canary: The name of the canary's backend; nil for no canary.
    /// - Returns: The route.
    static func route(
        _ name: String,
        number: Int = 0,
        path: String = "/",
        host: String = "shop.example",
        canary: String? = nil
    ) -> Route {
        var origin = RouteOrigin()
        origin.namespace = "default"
        origin.ingress = name
        origin.service = "web"
        origin.servicePort = "80"
        origin.host = host
        origin.path = path
        return Route(id: number, origin: origin, canary: canary.map { Canary(backend: 0, name: $0) })
    }

    /// Has the catalog adopt a table of these routes, each the fallback of a host of its own.
    func adopt(_ routes: [Route]) {
        var hosts: [String: VirtualHost?] = [:]
        for (index, route) in routes.enumerated() {
            hosts["host-\(index)"] = VirtualHost.compile(name: route.origin.host, fallback: route, rules: []).host
        }
        let empty = RoutingTable.empty(fallback: Route(id: 1 << 20, origin: RouteOrigin(), refusal: .notFound))
        catalog.adopt(empty.replacing(hosts: hosts))
    }

    /// Has the catalog adopt routes of these Ingresses, and returns by which numbers they are counted.
    func adopt(ingresses names: [String]) -> [RouteID] {
        let routes = names.enumerated().map { Self.route($1, number: $0) }
        adopt(routes)
        return routes.map { RouteID($0, isCanary: false) }
    }

    static func request(
        _ route: RouteID,
        _ method: HTTPMethod = .get,
        _ status: UInt16 = 200,
        duration: UInt64 = 1000
    ) -> RequestNumbers {
        RequestNumbers(
            route: route,
            method: method,
            status: status,
            duration: duration,
            requestBytes: 100,
            responseBytes: 5000
        )
    }

    /// The lines of the text whose name begins so.
    func lines(_ workers: [WorkerMetrics], _ prefix: String, log: AccessLogNumbers? = nil) -> [String] {
        let registry = MetricRegistry()
        GatewayMetrics(catalog: catalog, accessLog: { log }, snapshots: { workers }).register(with: registry)
        return registry.exposition().split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }

    /// The counts of requests by ingress, method and status.
    func requests(_ workers: [WorkerMetrics]) -> [String: Int] {
        let line = #/nginx_ingress_controller_requests\{.*ingress="([^"]*)",method="([^"]*)",.*status="(\d*)"\} (\d+)/#
        return lines(workers, "nginx_ingress_controller_requests{").reduce(into: [:]) { counts, text in
            guard let match = text.wholeMatch(of: line), let count = Int(match.4) else { return }
            counts["\(match.1) \(match.2) \(match.3)"] = count
        }
    }
}

struct `A worker's metrics` {
    @Test func `requests are told apart by route, method and status`() {
        let bench = MetricsBench()
        let ids = bench.adopt(ingresses: ["a", "b"])
        var metrics = WorkerMetrics()
        for _ in 0..<3 { metrics.count(MetricsBench.request(ids[0])) }
        metrics.count(MetricsBench.request(ids[0], .post))
        metrics.count(MetricsBench.request(ids[0], .get, 404))
        metrics.count(MetricsBench.request(ids[1], .other, 500))
        #expect(
            bench.requests([metrics]) == [
                "a GET 200": 3, "a POST 200": 1, "a GET 404": 1, "b OTHER 500": 1,
            ]
        )
    }

    @Test func `workers' numbers are added up`() {
        let bench = MetricsBench()
        let id = bench.adopt(ingresses: ["a"])[0]
        var one = WorkerMetrics()
        var other = WorkerMetrics()
        one.count(MetricsBench.request(id, duration: 5000))
        other.count(MetricsBench.request(id, duration: 5001))
        other.count(MetricsBench.request(id, .get, 503))
        one.connections.active = 3
        one.connections.waiting = 2
        other.connections.active = 4
        other.connections.writing = 4
        one.count(.accepted, by: 7)
        other.count(.accepted)
        one.countRefusal(.oversizedHead)
        other.countRefusal(.oversizedHead)
        let workers = [one.snapshot(), other.snapshot()]
        #expect(bench.requests(workers) == ["a GET 200": 2, "a GET 503": 1])
        let labels = #"controller_class="k8s.io/ingress-nginx",controller_namespace="edge",controller_pod="gw-0""#
        let prefix = "nginx_ingress_controller_nginx_process_connections"
        #expect(
            bench.lines(workers, prefix) == [
                #"\#(prefix){\#(labels),state="active"} 7"#, #"\#(prefix){\#(labels),state="reading"} 0"#,
                #"\#(prefix){\#(labels),state="writing"} 4"#, #"\#(prefix){\#(labels),state="waiting"} 2"#,
                #"\#(prefix)_total{\#(labels),state="accepted"} 8"#, #"\#(prefix)_total{\#(labels),state="handled"} 0"#,
            ]
        )
        #expect(
            bench.lines(workers, "fairlead_gateway_refused_requests_total{fault=\"oversized-head\"}")
                == ["fairlead_gateway_refused_requests_total{fault=\"oversized-head\"} 2"]
        )
    }

    @Test func `a snapshot stays as it was`() {
        let bench = MetricsBench()
        let ids = bench.adopt(ingresses: (0..<100).map { "i\($0)" })
        var metrics = WorkerMetrics()
        for id in ids { metrics.count(MetricsBench.request(id)) }
        let before = metrics.snapshot()
        for id in ids { metrics.count(MetricsBench.request(id)) }
        metrics.count(.retries)
        #expect(Set(bench.requests([before]).values) == [1])
        #expect(Set(bench.requests([metrics]).values) == [2])
        #expect(bench.lines([before], "fairlead_gateway_retries") == ["fairlead_gateway_retries_total 0"])
    }

    @Test func `every counter and fault has a place and a name of its own`() {
        let bench = MetricsBench()
        var metrics = WorkerMetrics()
        for (index, counter) in WorkerCounter.allCases.enumerated() { metrics.count(counter, by: UInt64(1000 + index)) }
        for (index, fault) in RefusalFault.allCases.enumerated() {
            for _ in 0...index { metrics.countRefusal(fault) }
        }
        let lines = bench.lines([metrics], "")
        for index in WorkerCounter.allCases.indices {
            #expect(lines.count(where: { $0.hasSuffix(" \(1000 + index)") }) == 1, "\(WorkerCounter.allCases[index])")
        }
        let refused = bench.lines([metrics], "fairlead_gateway_refused_requests_total{")
        #expect(refused.count == RefusalFault.allCases.count)
        #expect(
            refused.compactMap { $0.split(separator: " ").last } == RefusalFault.allCases.indices.map { "\($0 + 1)" }
        )
        let names = lines.filter { $0.hasPrefix("# TYPE") }
        #expect(Set(names).count == names.count)
    }

    @Test func `series beyond the limit are counted as missing`() {
        let bench = MetricsBench()
        let id = bench.adopt(ingresses: ["a"])[0]
        var metrics = WorkerMetrics(seriesMax: 40)
        for status in UInt16(200)..<250 { metrics.count(MetricsBench.request(id, .get, status)) }
        metrics.count(MetricsBench.request(id, .get, 239))
        #expect(bench.requests([metrics]).count == 40)
        #expect(bench.requests([metrics])["a GET 239"] == 2)
        #expect(bench.lines([metrics], "fairlead_gateway_unfiled") == ["fairlead_gateway_unfiled_requests_total 10"])
    }

    @Test func `every method has a label of its own, and those that nobody knows share one`() {
        let bench = MetricsBench()
        let id = bench.adopt(ingresses: ["a"])[0]
        var metrics = WorkerMetrics()
        for method in HTTPMethod.allCases { metrics.count(MetricsBench.request(id, method)) }
        let methods = bench.requests([metrics]).keys.map { $0.split(separator: " ")[1] }.sorted()
        #expect(
            methods == [
                "CONNECT", "DELETE", "GET", "HEAD", "LOCK", "OPTIONS", "OTHER", "PATCH", "POST", "PUT", "TRACE",
            ]
        )
    }
}
