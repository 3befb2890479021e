internal import Synchronization

/// What a worker has in use at one moment; without connections, nothing but its newest tables.
package struct WorkerCensus: Hashable, Sendable {
    /// Connections with clients and with endpoints.
    package var links = 0
    /// Those with endpoints that wait for the next request.
    package var idleUpstreams = 0
    /// Requests that are under way.
    package var exchanges = 0
    /// Buffers that hold something or may soon.
    package var buffers = 0
    /// Sessions of TLS.
    package var sessions = 0
    /// Pipes through which bodies move.
    package var pipes = 0
    /// Tables that somebody uses, the newest among them.
    package var tables = 0
    /// Bytes that wait for sockets.
    package var pendingBytes = 0

    /// Creates the census of nothing.
    package init() {}
}

/// Asks a worker for its census.
final class CensusRequest: Sendable {
    private let answers = Mutex<[WorkerCensus]>([])

    /// Takes the answer.
    func add(_ census: WorkerCensus) { answers.withLock { $0.append(census) } }

    /// The answers so far.
    var censuses: [WorkerCensus] { answers.withLock { $0 } }
}

extension Worker {
    /// What is in use.
    func census() -> WorkerCensus {
        var census = WorkerCensus()
        census.links = io.links.count
        census.idleUpstreams = idleUpstreamCount
        census.exchanges = exchanges.count
        census.buffers = io.buffersInUse
        census.sessions = io.sessions.count
        census.pipes = pipes.count - sparePipes.count
        census.tables = shelf.count
        census.pendingBytes = io.pendingBytes
        return census
    }
}
