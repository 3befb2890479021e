import Gateway
import HTTPSemantics
import Routing
import Telemetry
import Testing

struct `The metrics of routes` {
    @Test func `have ingress-nginx's names and labels`() {
        let bench = MetricsBench()
        let route = MetricsBench.route("a", path: "/x\"y", canary: "default-new-80")
        bench.adopt([route])
        let id = RouteID(route, isCanary: true)
        var metrics = WorkerMetrics()
        metrics.count(
            RequestNumbers(
                route: id,
                method: .get,
                status: 200,
                duration: 5_000,
                connectDuration: 5_001,
                headerDuration: 2_500_000,
                responseDuration: 10_000_001,
                requestBytes: 10,
                responseBytes: 10_000_001
            )
        )
        let labels =
            #"canary="default-new-80",controller_class="k8s.io/ingress-nginx",controller_namespace="edge","#
            + #"controller_pod="gw-0",host="shop.example",ingress="a",method="GET",namespace="default","#
            + #"path="/x\"y",service="web",status="200""#
        #expect(
            bench.lines([metrics], "nginx_ingress_controller_requests")
                == ["nginx_ingress_controller_requests{\(labels)} 1"]
        )
        let bounds = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"]
        for (name, first, sum) in [
            ("request", 0, "0.005"), ("connect", 1, "0.005001"), ("header", 8, "2.5"), ("response", 11, "10.000001"),
        ] {
            let full = "nginx_ingress_controller_\(name)_duration_seconds"
            let buckets = bounds.enumerated().map { index, bound in
                "\(full)_bucket{\(labels),le=\"\(bound)\"} \(index < first ? 0 : 1)"
            }
            #expect(
                bench.lines([metrics], full) == buckets + [
                    "\(full)_sum{\(labels)} \(sum)", "\(full)_count{\(labels)} 1",
                ]
            )
        }
        let sizes = ["10", "100", "1000", "10000", "100000", "1e+06", "1e+07", "+Inf"]
        for (name, first, sum) in [("request_size", 0, "10"), ("response_size", 7, "10000001")] {
            let full = "nginx_ingress_controller_\(name)"
            let buckets = sizes.enumerated().map { index, bound in
                "\(full)_bucket{\(labels),le=\"\(bound)\"} \(index < first ? 0 : 1)"
            }
            #expect(
                bench.lines([metrics], full) == buckets + [
                    "\(full)_sum{\(labels)} \(sum)", "\(full)_count{\(labels)} 1",
                ]
            )
        }
    }

    @Test func `what no endpoint was asked for has no times of an endpoint`() {
        let bench = MetricsBench()
        let id = bench.adopt(ingresses: ["a"])[0]
        var metrics = WorkerMetrics()
        metrics.count(MetricsBench.request(id, .get, 308))
        #expect(bench.lines([metrics], "nginx_ingress_controller_connect_duration_seconds") == [])
        #expect(bench.lines([metrics], "nginx_ingress_controller_request_duration_seconds_count").count == 1)
    }

    @Test func `every duration lies in the bucket whose bound is the next`() {
        let bench = MetricsBench()
        let id = bench.adopt(ingresses: ["a"])[0]
        let bounds: [UInt64] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]
        var metrics = WorkerMetrics()
        // One on each bound and one above, so that each bucket but the first and last has two.
        for bound in bounds {
            metrics.count(MetricsBench.request(id, duration: bound * 1000))
            metrics.count(MetricsBench.request(id, duration: bound * 1000 + 1))
        }
        let counts = bench.lines([metrics], "nginx_ingress_controller_request_duration_seconds_bucket")
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 22])
    }

    @Test func `without a label for hosts, routes that differ by it alone are one`() {
        let bench = MetricsBench(includesHost: false)
        let routes = ["x", "y"].enumerated().map { MetricsBench.route("a", number: $0, host: $1) }
        bench.adopt(routes)
        var metrics = WorkerMetrics()
        for route in routes { metrics.count(MetricsBench.request(RouteID(route, isCanary: false))) }
        let lines = bench.lines([metrics], "nginx_ingress_controller_requests{")
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix("} 2") == true)
        #expect(lines.first?.contains("host=") == false)
    }

    @Test func `the access log's numbers are there if it is`() {
        let bench = MetricsBench()
        var numbers = AccessLogNumbers()
        numbers.bytesWritten = 1
        numbers.linesDropped = 2
        numbers.linesLost = 3
        numbers.failedWrites = 4
        let prefix = "fairlead_gateway_access_log_"
        #expect(
            bench.lines([], prefix, log: numbers) == [
                "\(prefix)written_bytes_total 1", "\(prefix)dropped_lines_total 2", "\(prefix)lost_lines_total 3",
                "\(prefix)failed_writes_total 4",
            ]
        )
        #expect(bench.lines([], prefix) == [])
    }

    @Test func `each worker tells by which tables it serves`() {
        let bench = MetricsBench()
        var (one, other) = (WorkerMetrics(), WorkerMetrics())
        other.worker = 1
        (one.tablesGeneration, other.tablesGeneration) = (7, 6)
        other.tablesKept = 3
        let prefix = "fairlead_gateway_worker_tables_"
        #expect(
            bench.lines([other, one], prefix) == [
                "\(prefix)generation{worker=\"0\"} 7", "\(prefix)generation{worker=\"1\"} 6",
                "\(prefix)kept{worker=\"0\"} 1", "\(prefix)kept{worker=\"1\"} 3",
            ]
        )
    }

    @Test func `routes with the same labels are one sample`() {
        let bench = MetricsBench()
        // An exact path and a prefix of one Ingress.
        let routes = [MetricsBench.route("a", number: 0), MetricsBench.route("a", number: 1)]
        bench.adopt(routes)
        var metrics = WorkerMetrics()
        for route in routes { metrics.count(MetricsBench.request(RouteID(route, isCanary: false))) }
        #expect(bench.requests([metrics]) == ["a GET 200": 2])
        #expect(bench.lines([metrics], "nginx_ingress_controller_requests{").count == 1)
    }

    @Test func `the loop's lag is told in seconds`() {
        let bench = MetricsBench()
        var metrics = WorkerMetrics()
        let bounds: [UInt64] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 100_000, 1_000_000]
        for bound in bounds { metrics.observe(lag: bound) }
        metrics.observe(lag: 1_000_001)
        let prefix = "fairlead_gateway_loop_lag_seconds"
        let lines = bench.lines([metrics], prefix)
        #expect(lines.first == "\(prefix)_bucket{le=\"0.0001\"} 1")
        #expect(
            lines.compactMap { $0.split(separator: " ").last } == (1...10).map { "\($0)" } + ["2.119351", "10"]
        )
    }
}

struct `The catalog of routes` {
    @Test func `what a canary serves is counted apart`() {
        let bench = MetricsBench()
        let route = MetricsBench.route("a", canary: "default-new-80")
        bench.adopt([route])
        var metrics = WorkerMetrics()
        for _ in 0..<2 { metrics.count(MetricsBench.request(RouteID(route, isCanary: true))) }
        metrics.count(MetricsBench.request(RouteID(route, isCanary: false)))
        let lines = bench.lines([metrics], "nginx_ingress_controller_requests{")
        #expect(lines.count == 2)
        #expect(lines.first { $0.contains(#"canary="","#) }?.hasSuffix("} 1") == true)
        #expect(lines.first { $0.contains(#"canary="default-new-80","#) }?.hasSuffix("} 2") == true)
    }

    @Test func `a route that has gone is no longer told`() {
        let bench = MetricsBench()
        let (a, b) = (MetricsBench.route("a", number: 0), MetricsBench.route("b", number: 1))
        bench.adopt([a, b])
        var metrics = WorkerMetrics()
        for route in [a, b] { metrics.count(MetricsBench.request(RouteID(route, isCanary: false))) }
        bench.adopt([b])
        #expect(bench.requests([metrics]) == ["b GET 200": 1])
    }

    @Test func `a newcomer does not inherit what was counted under its number`() {
        let bench = MetricsBench()
        let former = MetricsBench.route("former", number: 7)
        let newcomer = MetricsBench.route("newcomer", number: 7 | 1 << 32)
        bench.adopt([former])
        var metrics = WorkerMetrics()
        metrics.count(MetricsBench.request(RouteID(former, isCanary: false)))
        bench.adopt([newcomer])
        #expect(bench.requests([metrics]) == [:])
        metrics.count(MetricsBench.request(RouteID(newcomer, isCanary: false), .put))
        #expect(bench.requests([metrics]) == ["newcomer PUT 200": 1])
        // An exchange of the former route ends late.
        metrics.count(MetricsBench.request(RouteID(former, isCanary: false)))
        #expect(bench.requests([metrics]) == ["newcomer PUT 200": 1])
    }

    @Test func `series are used again under churn`() {
        let bench = MetricsBench()
        var metrics = WorkerMetrics(seriesMax: 64)
        for round in 0..<1000 {
            let routes = (0..<5).map { MetricsBench.route("r\(round)-\($0)", number: $0 | round << 32) }
            if round == 999 { bench.adopt(routes) }
            for route in routes {
                let id = RouteID(route, isCanary: false)
                metrics.count(MetricsBench.request(id))
                metrics.count(MetricsBench.request(id, .post))
            }
        }
        #expect(bench.lines([metrics], "fairlead_gateway_unfiled") == ["fairlead_gateway_unfiled_requests_total 0"])
        let counts = bench.requests([metrics])
        #expect(counts.count == 10)
        #expect((0..<5).allSatisfy { counts["r999-\($0) GET 200"] == 1 && counts["r999-\($0) POST 200"] == 1 })
    }
}
