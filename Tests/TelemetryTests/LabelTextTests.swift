import Telemetry
import Testing

struct `Metrics that write their own text` {
    @Test func `stand where they were registered`() {
        let registry = MetricRegistry()
        registry.counter("first_total", "First.").increment()
        registry.collect { text in
            text.describe("own", "Own.", type: "gauge")
            text.sample("own", LabelText(), "1")
            text.sample("own", LabelText(["a": "x\"y\\z\nw", "b": ""]), "2")
        }
        registry.counter("last_total", "Last.").increment()
        #expect(
            registry.exposition() == #"""
                # HELP first_total First.
                # TYPE first_total counter
                first_total 1
                # HELP own Own.
                # TYPE own gauge
                own 1
                own{a="x\"y\\z\nw",b=""} 2
                # HELP last_total Last.
                # TYPE last_total counter
                last_total 1

                """#
        )
    }

    @Test func `labels are put together with commas between them alone`() {
        var text = LabelText()
        text.append(LabelText())
        #expect(text.text == "")
        text.append(LabelText(["a": "1"]))
        text.append(LabelText())
        text.append("b", "2")
        text.append(LabelText(["c": "3"]))
        #expect(text.text == #"a="1",b="2",c="3""#)
    }

    @Test func `a histogram is cumulative, with labels or without`() {
        var text = ExpositionText()
        let (three, two): ([UInt64], [UInt64]) = ([3, 0, 4], [1, 1])
        text.histogram("h", LabelText(), bounds: ["1", "2"], counts: three.span, sum: 1.5)
        text.histogram("h", LabelText(["a": "x"]), bounds: ["1"], counts: two.span, sum: 3)
        #expect(
            text.lines == """
                h_bucket{le="1"} 3
                h_bucket{le="2"} 3
                h_bucket{le="+Inf"} 7
                h_sum 1.5
                h_count 7
                h_bucket{a="x",le="1"} 1
                h_bucket{a="x",le="+Inf"} 2
                h_sum{a="x"} 3
                h_count{a="x"} 2

                """
        )
    }
}
