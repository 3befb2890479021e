private import CLinux

/// The right to be the only one of a kind in a network namespace, given back when its owner goes away.
///
/// It is a name in the namespace's abstract Unix sockets: it is there for every file system and every container that
/// shares the namespace, and the kernel releases it whichever way the process ends.
package struct NamespaceLock: ~Copyable {
    private let handle: FileDescriptor

    /// Takes the right, or returns nil when another process has it.
    ///
    /// - Parameter name: The kind; at most 100 bytes.
    /// - Returns: The right, or nil.
    /// - Throws: Why the kernel gives no socket.
    package static func take(_ name: String) throws(Errno) -> NamespaceLock? {
        // C reads the name up to its NUL, and keeps nothing of it.
        let number = unsafe clinux_take_name(name)
        if number >= 0 { return NamespaceLock(handle: FileDescriptor(owning: number)) }
        let error = Errno.current
        guard error == .addressInUse else { throw error }
        return nil
    }

    /// Does something while the right is held.
    package borrowing func hold<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }

    private init(handle: consuming FileDescriptor) { self.handle = handle }
}
