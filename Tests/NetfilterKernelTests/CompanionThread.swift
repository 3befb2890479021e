import Glibc
import Synchronization

/// A thread beside the test's own, in the same network namespace: threads inherit it from the one that starts them.
final class CompanionThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) {
        let context = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        // The new thread takes over the reference.
        let error = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        precondition(error == 0, "pthread_create: \(error)")
    }

    /// Waits for the thread's end.
    func join() {
        pthread_join(thread, nil)
    }
}

/// Something that a companion thread does again and again until the test's own work is done.
final class Repetition: Sendable {
    private let isOver = Atomic(false)
    /// How often it was done.
    let count = Atomic(0)

    /// Does the work on this thread while the companion repeats its own; at least once, and before the work begins.
    static func `while`<Result>(
        repeating step: @escaping @Sendable (_ round: Int) -> Void,
        _ work: (Repetition) throws -> Result
    ) rethrows -> Result {
        let repetition = Repetition()
        let companion = CompanionThread {
            var round = 0
            while !repetition.isOver.load(ordering: .acquiring) {
                step(round)
                round += 1
                repetition.count.store(round, ordering: .releasing)
            }
        }
        defer {
            repetition.isOver.store(true, ordering: .releasing)
            companion.join()
        }
        repetition.waitForRounds(1)
        return try work(repetition)
    }

    /// Waits until the companion has done so many rounds in all.
    func waitForRounds(_ rounds: Int) {
        while count.load(ordering: .acquiring) < rounds { usleep(100) }
    }
}
