private import CLinux

/// Wakes a thread that waits for descriptors; any thread may ring.
///
/// The corresponding C function is `eventfd`.
package struct Wakeup: ~Copyable, Sendable {
    private let handle: FileDescriptor

    /// Makes one that has not rung.
    ///
    /// - Throws: Why the kernel gives no descriptor.
    package init() throws(Errno) {
        let number = clinux_open_wakeup()
        guard number >= 0 else { throw .current }
        handle = FileDescriptor(owning: number)
    }

    /// The descriptor, which is readable from a ring on until it is answered.
    package var descriptor: Int32 { handle.number }

    /// Makes the descriptor readable; rings that come before the answer count as one.
    package borrowing func ring() {
        // The write fails only when billions of rings wait, and then the descriptor is readable anyway.
        try? handle.writeAll([1, 0, 0, 0, 0, 0, 0, 0])
    }

    /// Takes back all rings so far.
    package borrowing func answer() {
        // It fails when nobody has rung, which leaves nothing to take back.
        _ = try? handle.read(upTo: 8)
    }
}
