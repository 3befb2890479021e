private import CLinux

/// A thread of the operating system, for work that must go on while others are busy.
///
/// It takes no signals. Tell the body to end before `join`: nothing ends a thread from outside.
package struct Thread: ~Copyable, Sendable {
    private let handle: UInt64

    /// Starts a thread.
    ///
    /// The corresponding C function is `pthread_create`.
    ///
    /// - Parameters:
    ///   - name: What process listings call it; at most 15 bytes are shown.
    ///   - body: What it does.
    /// - Throws: Why the system gives no thread.
    package init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        var handle: UInt64 = 0
        // The thread takes over this reference, and with it the body.
        let context = unsafe Unmanaged.passRetained(ThreadBody(body))
        // C keeps the context for the thread alone, and copies the name.
        let error = unsafe clinux_start_thread(
            &handle,
            name,
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
            },
            context.toOpaque()
        )
        guard error == 0 else {
            // No thread came to be, so nobody else has the reference.
            unsafe context.release()
            throw Errno(rawValue: error)
        }
        self.handle = handle
    }

    deinit {
        // Nobody will join it; otherwise its stack would stay mapped after its end.
        _ = clinux_detach_thread(handle)
    }

    /// Waits until the body has returned.
    ///
    /// A thread that is not joined goes on until its body returns or the process ends. The corresponding C function is
    /// `pthread_join`.
    package consuming func join() {
        // It fails for a handle that was joined before, and this one is consumed here.
        _ = clinux_join_thread(handle)
        discard self
    }
}

/// The body of a thread on its way there.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
