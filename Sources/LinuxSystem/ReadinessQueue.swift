private import CLinux

/// Waits for many descriptors at once, and is a descriptor itself that others can wait for (epoll(7)).
///
/// A loop that gathers several sockets under one of these shows them to its reader as one descriptor.
package struct ReadinessQueue: ~Copyable, Sendable {
    /// What happened to a descriptor.
    package struct Event: Hashable, Sendable {
        /// The number under which it was added.
        package let token: UInt64
        /// Whether a read gives bytes, an end or an error at once.
        package let isReadable: Bool
        /// Whether a write makes progress or gives an error at once.
        package let isWritable: Bool
    }

    private let handle: FileDescriptor

    /// Makes a queue without descriptors.
    ///
    /// The corresponding C function is `epoll_create1`.
    package init() throws(Errno) { handle = FileDescriptor(owning: try retryingInterrupts { clinux_epoll_open() }) }

    /// The descriptor, which is readable while something has happened.
    package var descriptor: Int32 { handle.number }

    /// Begins to wait for a descriptor; closing it ends that.
    ///
    /// - Parameters:
    ///   - number: The descriptor; its owner keeps it open.
    ///   - token: What its events are to be called.
    ///   - reading: Whether to wait until there is something to read.
    ///   - writing: Whether to wait until something can be written.
    /// - Throws: Why the kernel refuses; the corresponding C function is `epoll_ctl`.
    package borrowing func add(_ number: Int32, token: UInt64, reading: Bool, writing: Bool) throws(Errno) {
        let queue = handle.number
        _ = try retryingInterrupts { clinux_epoll_add(queue, number, token, reading ? 1 : 0, writing ? 1 : 0) }
    }

    /// Waits for other things of a descriptor than before.
    ///
    /// The parameters and errors are those of `add`.
    package borrowing func change(_ number: Int32, token: UInt64, reading: Bool, writing: Bool) throws(Errno) {
        let queue = handle.number
        _ = try retryingInterrupts { clinux_epoll_change(queue, number, token, reading ? 1 : 0, writing ? 1 : 0) }
    }

    /// Takes what has happened, at most so many events; never waits.
    ///
    /// A hang-up or an error makes a descriptor both readable and writable. The corresponding C function is `epoll_wait`.
    package borrowing func take(upTo limit: Int = 64) throws(Errno) -> [Event] {
        let queue = handle.number
        var raw = [clinux_epoll_event](repeating: clinux_epoll_event(), count: limit)
        // The array holds as many events as its count says.
        let count = try retryingInterrupts { unsafe clinux_epoll_take(queue, &raw, Int32(limit)) }
        return raw[..<Int(count)].map {
            Event(token: $0.token, isReadable: $0.readable != 0, isWritable: $0.writable != 0)
        }
    }
}
