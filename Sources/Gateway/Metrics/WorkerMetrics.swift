internal import HTTPSemantics

/// What one worker counts, without atomics or locks: nobody else touches it.
///
/// A copy is a snapshot that another thread may read; it costs a few references, and the worker pays later for the parts
/// that it changes while the copy lives.
///
/// ```
///  routes:  [ first series of route 0 | of route 1 | … ]
///  blocks:  [[ 32 series ], [ 32 series ], … ]            each series: method, status, numbers, next series of the route
/// ```
package struct WorkerMetrics: Sendable {
    private struct Route {
        var generation: UInt32
        var firstSeries: Int32 = -1
    }

    /// What client connections are doing at the moment; the worker keeps it up to date.
    package var connections = ConnectionStates()

    /// The number of the worker.
    package var worker = 0
    /// The number of the tables that it serves new requests by.
    package var tablesGeneration: UInt64 = 0
    /// How many tables it keeps: those, and others that exchanges under way began with.
    package var tablesKept = 1

    private var counters = InlineArray<16, UInt64>(repeating: 0)
    private var refusals = InlineArray<16, UInt64>(repeating: 0)
    /// How long the event loop kept others waiting.
    private(set) var lag = LagHistogram()
    /// Requests of a route that the limit left no room for.
    private(set) var unfiledRequests: UInt64 = 0

    private var routes: [Route] = []
    private var blocks: [[RequestSeries]] = []
    private var firstFree: Int32 = -1
    private var seriesCount = 0
    private let seriesMax: Int

    /// Creates the metrics of a worker that has done nothing yet.
    ///
    /// - Parameter seriesMax: How many combinations of route, method and status are told apart; each takes 600 bytes.
    package init(seriesMax: Int = 50_000) { self.seriesMax = seriesMax }

    /// Counts something that belongs to no route.
    package mutating func count(_ counter: WorkerCounter, by amount: UInt64 = 1) {
        counters[counter.rawValue] &+= amount
    }

    /// Counts a request that was refused.
    package mutating func countRefusal(_ fault: RefusalFault) { refusals[fault.rawValue] &+= 1 }

    /// Counts a round of the event loop by how long it kept others waiting, in microseconds.
    package mutating func observe(lag microseconds: UInt64) { lag.observe(lag: microseconds) }

    /// Counts an exchange of a route.
    ///
    /// A route that has been replaced by another under its number is no longer counted.
    package mutating func count(_ numbers: RequestNumbers) {
        let route = Int(numbers.route.index)
        if route >= routes.count || routes[route].generation != numbers.route.generation {
            guard makeRoom(for: numbers.route) else { return }
        }
        var index = routes[route].firstSeries
        while index >= 0 {
            let (block, place) = Self.position(index)
            if blocks[block][place].status == numbers.status, blocks[block][place].method == numbers.method {
                return blocks[block][place].count(numbers)
            }
            index = blocks[block][place].next
        }
        guard let index = addSeries(method: numbers.method, status: numbers.status, to: route) else {
            unfiledRequests &+= 1
            return
        }
        let (block, place) = Self.position(index)
        blocks[block][place].count(numbers)
    }

    /// The numbers as they are now, for another thread.
    package func snapshot() -> WorkerMetrics { self }

    // MARK: - For rendering

    func value(of counter: WorkerCounter) -> UInt64 { counters[counter.rawValue] }

    func refusals(for fault: RefusalFault) -> UInt64 { refusals[fault.rawValue] }

    /// Gives each series with its route's number.
    func forEachSeries(_ body: (RouteID, RequestSeries) -> Void) {
        for (number, route) in routes.enumerated() {
            let id = RouteID(index: UInt32(number), generation: route.generation)
            var index = route.firstSeries
            while index >= 0 {
                let (block, place) = Self.position(index)
                body(id, blocks[block][place])
                index = blocks[block][place].next
            }
        }
    }

    // MARK: - The table of series

    private static let blockSize = 32

    private static func position(_ index: Int32) -> (block: Int, place: Int) {
        (Int(index) / blockSize, Int(index) % blockSize)
    }

    /// Makes a place for a route that is new here, and returns whether it is one and not a former one.
    @inline(never)
    private mutating func makeRoom(for id: RouteID) -> Bool {
        let number = Int(id.index)
        while routes.count <= number { routes.append(Route(generation: 0)) }
        // The difference, so that generations may begin again at zero some day.
        guard Int32(bitPattern: id.generation &- routes[number].generation) >= 0 else { return false }
        freeSeries(of: number)
        routes[number].generation = id.generation
        return true
    }

    private mutating func freeSeries(of number: Int) {
        var index = routes[number].firstSeries
        while index >= 0 {
            let (block, place) = Self.position(index)
            let next = blocks[block][place].next
            blocks[block][place].next = firstFree
            firstFree = index
            index = next
        }
        routes[number].firstSeries = -1
    }

    @inline(never)
    private mutating func addSeries(method: HTTPMethod, status: UInt16, to number: Int) -> Int32? {
        let series = RequestSeries(method: method, status: status, next: routes[number].firstSeries)
        let index: Int32
        if firstFree >= 0 {
            index = firstFree
            let (block, place) = Self.position(index)
            firstFree = blocks[block][place].next
            blocks[block][place] = series
        } else {
            guard seriesCount < seriesMax else { return nil }
            index = Int32(seriesCount)
            seriesCount += 1
            if Self.position(index).place == 0 {
                blocks.append([])
                blocks[blocks.count - 1].reserveCapacity(Self.blockSize)
            }
            blocks[blocks.count - 1].append(series)
        }
        routes[number].firstSeries = index
        return index
    }
}
