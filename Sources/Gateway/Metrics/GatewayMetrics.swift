package import Telemetry

/// Everything that `/metrics` tells of the data plane: ingress-nginx's metrics, and those of Fairlead.
///
/// ingress-nginx's names, labels and buckets are the interface that dashboards and alerts are written for. Two of its
/// buckets are left: sizes go up to ten megabytes here, where it ends at a hundred bytes.
package struct GatewayMetrics: Sendable {
    private let catalog: RouteCatalog
    private let accessLog: @Sendable () -> AccessLogNumbers?
    private let snapshots: @Sendable () -> [WorkerMetrics]

    /// Describes where the numbers come from.
    ///
    /// - Parameters:
    ///   - catalog: The labels of routes.
    ///   - accessLog: Reads the numbers of the access log, if there is one.
    ///   - snapshots: Reads the numbers of all workers.
    package init(
        catalog: RouteCatalog,
        accessLog: @escaping @Sendable () -> AccessLogNumbers?,
        snapshots: @escaping @Sendable () -> [WorkerMetrics]
    ) {
        self.catalog = catalog
        self.accessLog = accessLog
        self.snapshots = snapshots
    }

    /// Has a registry render them with its own.
    package func register(with registry: MetricRegistry) { registry.collect { text in write(to: &text) } }

    /// Writes all of it.
    package func write(to text: inout ExpositionText) {
        let merged = MergedMetrics(snapshots(), catalog: catalog)
        writeRequests(merged, to: &text)
        writeConnections(merged, to: &text)
        writeOwn(merged, to: &text)
        if let numbers = accessLog() { write(numbers, to: &text) }
    }

    private func writeRequests(_ merged: MergedMetrics, to text: inout ExpositionText) {
        let name = "\(Self.prefix)requests"
        text.describe(name, "Requests that were answered.", type: "counter")
        for row in merged.rows { text.sample(name, row.labels, String(row.series.requests)) }
        let seconds = DurationHistogram.secondsBounds
        for (name, help, histogram) in Self.durations {
            text.describe(Self.prefix + name, help, type: "histogram")
            for row in merged.rows {
                let histogram = histogram(row.series)
                // What no endpoint was asked for has no times of one.
                guard histogram.count > 0 else { continue }
                write(histogram, Self.prefix + name, row.labels, bounds: seconds, unit: 1e6, to: &text)
            }
        }
        let bytes = SizeHistogram.bytesBounds
        for (name, help, histogram) in Self.sizes {
            text.describe(Self.prefix + name, help, type: "histogram")
            for row in merged.rows {
                write(histogram(row.series), Self.prefix + name, row.labels, bounds: bytes, unit: 1, to: &text)
            }
        }
    }

    private func write<let count: Int>(
        _ histogram: FixedHistogram<count>,
        _ name: String,
        _ labels: LabelText,
        bounds: [String],
        unit: Double,
        to text: inout ExpositionText
    ) {
        let counts = histogram.counts
        text.histogram(name, labels, bounds: bounds, counts: counts.span, sum: Double(histogram.sum) / unit)
    }

    private func writeConnections(_ merged: MergedMetrics, to text: inout ExpositionText) {
        let controller = catalog.controller.text
        func labels(state: String) -> LabelText {
            var labels = controller
            labels.append("state", state)
            return labels
        }
        let connections = "\(Self.prefix)nginx_process_connections"
        text.describe(connections, "Client connections by what they are doing.", type: "gauge")
        let states = merged.connections
        for (state, count) in [
            ("active", states.active), ("reading", states.reading), ("writing", states.writing),
            ("waiting", states.waiting),
        ] {
            text.sample(connections, labels(state: state), String(count))
        }
        text.describe("\(connections)_total", "Client connections that were accepted and served.", type: "counter")
        for (state, counter) in [("accepted", WorkerCounter.accepted), ("handled", .handled)] {
            text.sample("\(connections)_total", labels(state: state), String(merged.value(of: counter)))
        }
        let requests = "\(Self.prefix)nginx_process_requests_total"
        text.describe(requests, WorkerCounter.requests.help, type: "counter")
        text.sample(requests, controller, String(merged.value(of: .requests)))
    }

    private func writeOwn(_ merged: MergedMetrics, to text: inout ExpositionText) {
        for counter in WorkerCounter.allCases {
            if let name = counter.name { writeCounter(name, counter.help, merged.value(of: counter), to: &text) }
        }
        let refused = "fairlead_gateway_refused_requests_total"
        text.describe(refused, "Requests that were refused, by what is wrong with them.", type: "counter")
        for fault in RefusalFault.allCases {
            text.sample(refused, LabelText(["fault": fault.text]), String(merged.refusals(for: fault)))
        }
        writeCounter(
            "fairlead_gateway_unfiled_requests_total",
            "Requests that are missing in the metrics of their routes because those are too many.",
            merged.unfiledRequests,
            to: &text
        )
        let lag = "fairlead_gateway_loop_lag_seconds"
        text.describe(lag, "Time that a round of a worker's event loop kept others waiting.", type: "histogram")
        write(merged.lag, lag, LabelText(), bounds: LagHistogram.lagBounds, unit: 1e6, to: &text)
        let generation = "fairlead_gateway_worker_tables_generation"
        text.describe(generation, "The number of the tables that a worker serves new requests by.", type: "gauge")
        for worker in merged.workers {
            text.sample(generation, LabelText(["worker": "\(worker.worker)"]), "\(worker.tablesGeneration)")
        }
        let kept = "fairlead_gateway_worker_tables_kept"
        text.describe(
            kept,
            "How many tables a worker keeps: the present ones, and those of long exchanges.",
            type: "gauge"
        )
        for worker in merged.workers {
            text.sample(kept, LabelText(["worker": "\(worker.worker)"]), "\(worker.tablesKept)")
        }
    }

    private func write(_ numbers: AccessLogNumbers, to text: inout ExpositionText) {
        writeCounter(
            "fairlead_gateway_access_log_written_bytes_total",
            "Bytes of the access log that were written.",
            numbers.bytesWritten,
            to: &text
        )
        writeCounter(
            "fairlead_gateway_access_log_dropped_lines_total",
            "Lines of the access log for which there was no room.",
            numbers.linesDropped,
            to: &text
        )
        writeCounter(
            "fairlead_gateway_access_log_lost_lines_total",
            "Lines of the access log that could not be written.",
            numbers.linesLost,
            to: &text
        )
        writeCounter(
            "fairlead_gateway_access_log_failed_writes_total",
            "Writes of the access log that failed.",
            numbers.failedWrites,
            to: &text
        )
    }

    private func writeCounter(_ name: String, _ help: String, _ value: UInt64, to text: inout ExpositionText) {
        text.describe(name, help, type: "counter")
        text.sample(name, LabelText(), String(value))
    }

    private static let prefix = "nginx_ingress_controller_"

    private typealias Family<Member> = (name: String, help: String, member: (borrowing RequestSeries) -> Member)

    private static var durations: [Family<DurationHistogram>] {
        [
            ("request_duration_seconds", "Time from a request's first byte to its answer's last.", { $0.duration }),
            ("connect_duration_seconds", "Time until an endpoint was connected.", { $0.connectDuration }),
            (
                "header_duration_seconds", "Time until the head of an endpoint's answer was there.",
                { $0.headerDuration }
            ),
            ("response_duration_seconds", "Time until an endpoint's answer was complete.", { $0.responseDuration }),
        ]
    }

    private static var sizes: [Family<SizeHistogram>] {
        [
            ("request_size", "Bytes of requests, their heads among them.", { $0.requestSize }),
            ("response_size", "Bytes of answers, their heads among them.", { $0.responseSize }),
        ]
    }
}
