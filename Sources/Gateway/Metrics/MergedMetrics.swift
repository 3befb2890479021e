internal import Telemetry

/// The numbers of several workers, added up.
struct MergedMetrics {
    /// The requests of a route that share method and status.
    struct Row {
        let labels: LabelText
        fileprivate(set) var series: RequestSeries
    }

    private struct Key: Hashable {
        let route: RouteID
        let method: MethodLabel
        let status: UInt16

        /// By route, then method, then status.
        static func precedes(_ left: Key, _ right: Key) -> Bool {
            (left.route.index, left.method.rawValue, left.status)
                < (right.route.index, right.method.rawValue, right.status)
        }
    }

    /// The routes' numbers, without routes that are forgotten.
    let rows: [Row]
    private(set) var connections = ConnectionStates()
    private(set) var lag = LagHistogram()
    private(set) var unfiledRequests: UInt64 = 0
    private let snapshots: [WorkerMetrics]

    init(_ snapshots: [WorkerMetrics], catalog: RouteCatalog) {
        self.snapshots = snapshots
        var sums: [Key: RequestSeries] = [:]
        for snapshot in snapshots {
            snapshot.forEachSeries { route, series in
                sums[Key(route: route, method: series.method, status: series.status), default: .zero(like: series)]
                    .add(series)
            }
            connections.active += snapshot.connections.active
            connections.reading += snapshot.connections.reading
            connections.writing += snapshot.connections.writing
            connections.waiting += snapshot.connections.waiting
            lag.add(snapshot.lag)
            unfiledRequests &+= snapshot.unfiledRequests
        }
        rows = sums.keys.sorted(by: Key.precedes).compactMap { key in
            guard let text = catalog.text(of: key.route), let series = sums[key] else { return nil }
            var labels = text.head
            labels.append("method", key.method.text)
            labels.append(text.tail)
            labels.append("status", String(key.status))
            return Row(labels: labels, series: series)
        }
    }

    func value(of counter: WorkerCounter) -> UInt64 { snapshots.reduce(0) { $0 &+ $1.value(of: counter) } }

    func refusals(for fault: RefusalFault) -> UInt64 { snapshots.reduce(0) { $0 &+ $1.refusals(for: fault) } }
}

extension RequestSeries {
    /// A series of the same method and status that has counted nothing.
    fileprivate static func zero(like other: RequestSeries) -> RequestSeries {
        RequestSeries(method: other.method, status: other.status, next: -1)
    }
}
