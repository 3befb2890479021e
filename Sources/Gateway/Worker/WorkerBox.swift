internal import Synchronization

/// Carries a worker to its thread.
final class WorkerBox: @unchecked Sendable {
    // Sendable: the worker is made on one thread and taken out once on another, and the start of that one lies between.
    private var worker: Worker?

    init(_ worker: consuming Worker) { self.worker = consume worker }

    /// Serves until the worker is told to end; to be called once.
    func run() {
        guard var worker = worker.take() else { return }
        worker.run()
    }
}
