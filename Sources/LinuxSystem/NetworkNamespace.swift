private import CLinux

/// Runs a closure on a thread of its own in a new, empty network namespace, and returns what it returns.
///
/// The namespace goes away with the last socket that was opened in it. Needs CAP_SYS_ADMIN; the corresponding C
/// function is `unshare(CLONE_NEWNET)`.
package func withNewNetworkNamespace<Result>(_ body: () throws -> Result) throws -> Result {
    try onThreadOfItsOwn(after: clinux_unshare_network, body)
}

/// Runs a closure on a thread of its own in the network namespace of a file, and returns what it returns.
///
/// Sockets that it opens and threads that it starts stay there. Needs CAP_SYS_ADMIN; the corresponding C function is
/// `setns(CLONE_NEWNET)`.
///
/// - Parameters:
///   - path: The file, such as `/run/netns/blue`.
///   - body: What to do there.
/// - Returns: What the closure returns.
/// - Throws: Why the namespace cannot be entered, or what the closure throws.
package func withNetworkNamespace<Result>(at path: String, _ body: () throws -> Result) throws -> Result {
    let file = try FileDescriptor.open(forReading: path)
    return try onThreadOfItsOwn(after: { clinux_enter_network(file.number) }, body)
}

/// Does the same in the network namespace of a name that `ip netns` knows.
package func withNetworkNamespace<Result>(named name: String, _ body: () throws -> Result) throws -> Result {
    try withNetworkNamespace(at: "/run/netns/\(name)", body)
}

private func onThreadOfItsOwn<Result>(after enter: () -> Int32, _ body: () throws -> Result) throws -> Result {
    // The thread ends before this function returns, so the closures and the result stay on this frame.
    try withoutActuallyEscaping(body) { body in
        try withoutActuallyEscaping(enter) { enter in
            var outcome: Swift.Result<Result, any Error> = .failure(Errno.current)
            let task = ThreadTask {
                outcome = enter() == 0 ? Swift.Result(catching: body) : .failure(Errno.current)
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
}

/// A closure on its way to another thread.
private final class ThreadTask {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
}
