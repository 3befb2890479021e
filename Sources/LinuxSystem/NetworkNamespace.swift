private import CLinux

/// Runs a closure on a thread of its own in a new, empty network namespace, and returns what it returns.
///
/// The namespace goes away with the last socket that was opened in it. Needs CAP_SYS_ADMIN; the corresponding C
/// function is `unshare(CLONE_NEWNET)`.
package func withNewNetworkNamespace<Result>(_ body: () throws -> Result) throws -> Result {
    // The thread ends before this function returns, so the closure and its result stay on this frame.
    try withoutActuallyEscaping(body) { body in
        var outcome: Swift.Result<Result, any Error> = .failure(Errno.current)
        let task = ThreadTask {
            outcome =
                clinux_unshare_network() == 0 ? Swift.Result(catching: body) : .failure(Errno.current)
        }
        let context = unsafe Unmanaged.passUnretained(task).toOpaque()
        let error = unsafe clinux_run_on_thread(
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<ThreadTask>.fromOpaque(context).takeUnretainedValue().body()
            },
            context
        )
        guard error == 0 else { throw Errno(rawValue: error) }
        return try outcome.get()
    }
}

/// A closure on its way to another thread.
private final class ThreadTask {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
}
