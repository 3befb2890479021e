import Telemetry
import Testing

struct `Prometheus text` {
    @Test func `metrics come in the order of registration, members in the order of their labels`() {
        let registry = MetricRegistry()
        let syncs = registry.counter("fairlead_syncs_total", "Syncs.")
        let failures = registry.counters("fairlead_failures_total", "Failures.", labels: ["ip_family", "phase"])
        let services = registry.gauge("fairlead_services", "Services in the kernel.")
        syncs.increment()
        syncs.increment(by: 2)
        failures["IPv6", "commit"].increment()
        failures["IPv4", "read"].increment()
        failures["IPv4", "commit"].increment(by: 4)
        services.set(12)
        #expect(
            registry.exposition() == """
                # HELP fairlead_syncs_total Syncs.
                # TYPE fairlead_syncs_total counter
                fairlead_syncs_total 3
                # HELP fairlead_failures_total Failures.
                # TYPE fairlead_failures_total counter
                fairlead_failures_total{ip_family="IPv4",phase="commit"} 4
                fairlead_failures_total{ip_family="IPv4",phase="read"} 1
                fairlead_failures_total{ip_family="IPv6",phase="commit"} 1
                # HELP fairlead_services Services in the kernel.
                # TYPE fairlead_services gauge
                fairlead_services 12

                """
        )
    }

    @Test func `the buckets of a histogram are cumulative and end without a bound`() {
        let registry = MetricRegistry()
        let family = registry.histograms("took_seconds", "Time.", labels: ["op"], bounds: [0.001, 0.5, 2])
        let histogram = family["sync"]
        histogram.observe(0.0001)
        histogram.observe(0.001)
        histogram.observe(.milliseconds(250))
        histogram.observe(7)
        #expect(
            registry.exposition() == """
                # HELP took_seconds Time.
                # TYPE took_seconds histogram
                took_seconds_bucket{op="sync",le="0.001"} 2
                took_seconds_bucket{op="sync",le="0.5"} 3
                took_seconds_bucket{op="sync",le="2"} 3
                took_seconds_bucket{op="sync",le="+Inf"} 4
                took_seconds_sum{op="sync"} 7.2511
                took_seconds_count{op="sync"} 4

                """
        )
        #expect(histogram.count == 4)
    }

    @Test func `help and label values cannot break out of their line`() {
        let registry = MetricRegistry()
        registry.counters("a_total", "One\\two\n\"three\".", labels: ["name"])["x\"y\\z\nw"].increment()
        #expect(
            registry.exposition() == #"""
                # HELP a_total One\\two\n"three".
                # TYPE a_total counter
                a_total{name="x\"y\\z\nw"} 1

                """#
        )
    }

    @Test(
        arguments: [
            (0, "0"), (-1.5, "-1.5"), (1e-05, "1e-05"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
            (1_795_255_200.25, "1795255200.25"), (1e20, "1e+20"),
        ] as [(Double, String)]
    )
    func `numbers are printed as Prometheus reads them`(value: Double, text: String) {
        let registry = MetricRegistry()
        registry.gauge("g", "G.").value = value
        #expect(registry.exposition().hasSuffix("\ng \(text)\n"))
    }

    @Test func `a removed member is no longer reported, and a label set is one metric`() {
        let registry = MetricRegistry()
        let family = registry.gauges("g", "G.", labels: ["service"])
        #expect(family["web"] === family["web"])
        family["web"].set(1)
        family["old"].set(2)
        family.remove("old")
        #expect(registry.exposition() == "# HELP g G.\n# TYPE g gauge\ng{service=\"web\"} 1\n")
    }

    @Test func `exponential bounds grow by their factor`() {
        // kube-proxy's sync histograms: 1 ms doubled fourteen times.
        let bounds = Histogram.exponentialBounds(start: 0.001, factor: 2, count: 15)
        #expect(bounds.count == 15)
        #expect(bounds.first == 0.001)
        #expect(bounds.last == 16.384)
    }

    @Test func `a name that Prometheus refuses is our mistake`() async {
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().counter("9-lives", "No.") }
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            _ = registry.counter("twice", "No.")
            _ = registry.counter("twice", "No.")
        }
    }
}
