internal import Synchronization

/// Where a worker leaves its numbers when somebody asks for them.
///
/// ```
///  scraper:  ask() ──▶ ring the worker ──▶ … ──▶ latest
///  worker:   between two rounds: if isAsked { deliver(metrics.snapshot()) }
/// ```
package final class SnapshotMailbox: Sendable {
    private let asked = Atomic<Bool>(false)
    private let delivered = Mutex<WorkerMetrics?>(nil)

    /// Creates an empty mailbox.
    package init() {}

    /// Whether somebody waits for numbers; cheap enough for every round.
    package var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// Asks for numbers.
    package func ask() { asked.store(true, ordering: .relaxed) }

    /// Leaves numbers for those who asked.
    package func deliver(_ snapshot: WorkerMetrics) {
        // In this order an asker who comes between is served by the next round.
        asked.store(false, ordering: .relaxed)
        delivered.withLock { $0 = snapshot }
    }

    /// The numbers that were left last; nil before the first time.
    package var latest: WorkerMetrics? { delivered.withLock { $0 } }
}
