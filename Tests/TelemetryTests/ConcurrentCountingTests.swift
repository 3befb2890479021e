import Telemetry
import Testing

struct `Metrics of many threads` {
    @Test func `nothing is lost, and rendering goes on meanwhile`() async {
        let registry = MetricRegistry()
        let counters = registry.counters("c_total", "C.", labels: ["task"])
        let gauge = registry.gauge("g", "G.")
        let histogram = registry.histogram("h", "H.", bounds: [1, 2])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for _ in 0..<2000 {
                        counters[String(task % 2)].increment()
                        gauge.add(0.5)
                        histogram.observe(1.5)
                    }
                }
            }
            group.addTask { for _ in 0..<50 { #expect(registry.exposition().contains("# TYPE h histogram")) } }
        }
        #expect(counters["0"].value == 4000)
        #expect(counters["1"].value == 4000)
        #expect(gauge.value == 4000)
        #expect(histogram.counts == [0, 8000, 0])
        #expect(histogram.sum == 12_000)
    }

    @Test func `numbers kept elsewhere are read when the text is rendered`() {
        let registry = MetricRegistry()
        let gauge = MetricRegistry().gauge("elsewhere", "E.")
        registry.collect {
            [
                CollectedMetric(.counter, "cpu_seconds_total", "CPU.", 1.25),
                CollectedMetric(.gauge, "now", "N.", gauge.value),
            ]
        }
        gauge.set(3)
        #expect(
            registry.exposition() == """
                # HELP cpu_seconds_total CPU.
                # TYPE cpu_seconds_total counter
                cpu_seconds_total 1.25
                # HELP now N.
                # TYPE now gauge
                now 3

                """
        )
    }
}
