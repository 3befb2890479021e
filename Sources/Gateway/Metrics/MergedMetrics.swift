internal import HTTPSemantics
internal import Telemetry

/// The numbers of several workers, added up.
struct MergedMetrics {
    /// The requests that share a route, method and status.
    struct Row {
        let labels: LabelText
        let series: RequestSeries
    }

    /// The routes' numbers in the order of the routes, without routes that are gone.
    let rows: [Row]
    private(set) var connections = ConnectionStates()
    private(set) var lag = LagHistogram()
    private(set) var unfiledRequests: UInt64 = 0
    /// The workers that have answered, by number.
    let workers: [WorkerMetrics]

    init(_ snapshots: [WorkerMetrics], catalog: RouteCatalog) {
        workers = snapshots.sorted { $0.worker < $1.worker }
        var sums = SeriesSums(labels: catalog.labels())
        for snapshot in workers {
            snapshot.forEachSeries { route, series in sums.add(series, of: route) }
            connections.active += snapshot.connections.active
            connections.reading += snapshot.connections.reading
            connections.writing += snapshot.connections.writing
            connections.waiting += snapshot.connections.waiting
            lag.add(snapshot.lag)
            unfiledRequests &+= snapshot.unfiledRequests
        }
        rows = sums.rows()
    }

    func value(of counter: WorkerCounter) -> UInt64 { workers.reduce(0) { $0 &+ $1.value(of: counter) } }

    func refusals(for fault: RefusalFault) -> UInt64 { workers.reduce(0) { $0 &+ $1.refusals(for: fault) } }
}

/// Sums of series that have the same labels.
private struct SeriesSums {
    /// What tells sums apart; the order is that of rows.
    private struct Key: Hashable, Comparable {
        let labels: Int
        let method: HTTPMethod
        let status: UInt16

        static func < (left: Key, right: Key) -> Bool {
            (left.labels, left.method.rawValue, left.status) < (right.labels, right.method.rawValue, right.status)
        }
    }

    private let labels: RouteCatalog.Labels
    private var places: [Key: Int] = [:]
    private var sums: [RequestSeries] = []

    init(labels: RouteCatalog.Labels) { self.labels = labels }

    mutating func add(_ series: borrowing RequestSeries, of route: RouteID) {
        guard let number = labels.numbers[route] else { return }
        let key = Key(labels: number, method: series.method, status: series.status)
        if let place = places[key] {
            sums[place].add(series)
        } else {
            places[key] = sums.count
            sums.append(copy series)
        }
    }

    func rows() -> [MergedMetrics.Row] {
        places.sorted { $0.key < $1.key }.map { key, place in
            let route = labels.texts[key.labels]
            var text = route.head
            // Methods without a name share a label: a client that invents them must not make metrics without end.
            text.append("method", key.method == .other ? "OTHER" : "\(key.method.text)")
            text.append(route.tail)
            text.append("status", String(key.status))
            return MergedMetrics.Row(labels: text, series: sums[place])
        }
    }
}
