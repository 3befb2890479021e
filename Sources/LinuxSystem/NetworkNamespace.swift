private import CLinux

/// Runs a closure on a thread of its own in a new, empty network namespace, and returns what it returns.
///
/// The namespace goes away with the last socket that was opened in it. Needs CAP_SYS_ADMIN; the corresponding C
/// function is `unshare(CLONE_NEWNET)`.
package func withNewNetworkNamespace<Result>(_ body: () throws -> Result) throws -> Result {
    try onThread({ clinux_unshare_network() }, body)
}

/// Runs a closure on a thread of its own in the network namespace of this name, and returns what it returns.
///
/// Sockets that are opened there stay there, whichever thread uses them. The name is one that `ip netns` knows. Needs
/// CAP_SYS_ADMIN; the corresponding C function is `setns`.
package func withNetworkNamespace<Result>(named name: String, _ body: () throws -> Result) throws -> Result {
    let path = "/run/netns/\(name)"
    // C reads the path up to its NUL, and keeps nothing of it.
    return try onThread({ unsafe clinux_enter_network(path) }, body)
}

/// Runs a closure on a thread of its own, after a move to another namespace that gives -1 when it fails.
private func onThread<Result>(_ move: @escaping () -> Int32, _ body: () throws -> Result) throws -> Result {
    // The thread ends before this function returns, so the closure and its result stay on this frame.
    try withoutActuallyEscaping(body) { body in
        var outcome: Swift.Result<Result, any Error> = .failure(Errno.current)
        let task = ThreadTask {
            outcome = move() == 0 ? Swift.Result(catching: body) : .failure(Errno.current)
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
