private import CLinux
private import Glibc

/// The reason why a system call failed (`errno`).
package struct Errno: Error, RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number, as errno(3) lists it.
    package let rawValue: Int32

    /// Wraps an error number.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// The error of the last system call on this thread.
    package static var current: Errno { Errno(rawValue: clinux_errno()) }

    /// The system's words for the error.
    package var description: String {
        // strerror_r's GNU form returns a pointer into the buffer or to a constant; both outlive this call.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress else { return "error \(rawValue)" }
            return unsafe String(cString: clinux_strerror(rawValue, base, buffer.count))
        }
    }

    /// Operation not permitted (`EPERM`).
    package static let notPermitted = Errno(rawValue: EPERM)
    /// No such file or directory (`ENOENT`).
    package static let noSuchFile = Errno(rawValue: ENOENT)
    /// A signal came first (`EINTR`).
    package static let interrupted = Errno(rawValue: EINTR)
    /// The resource has nothing to give at the moment (`EAGAIN`).
    package static let wouldBlock = Errno(rawValue: EAGAIN)
    /// Permission denied (`EACCES`).
    package static let accessDenied = Errno(rawValue: EACCES)
    /// The object exists already (`EEXIST`).
    package static let exists = Errno(rawValue: EEXIST)
    /// Not a directory (`ENOTDIR`).
    package static let notDirectory = Errno(rawValue: ENOTDIR)
    /// Is a directory (`EISDIR`).
    package static let isDirectory = Errno(rawValue: EISDIR)
    /// The file system can only be read (`EROFS`).
    package static let readOnlyFileSystem = Errno(rawValue: EROFS)
    /// Invalid argument (`EINVAL`).
    package static let invalidArgument = Errno(rawValue: EINVAL)
    /// File too large (`EFBIG`).
    package static let fileTooLarge = Errno(rawValue: EFBIG)
    /// A queue or buffer of the kernel is full (`ENOBUFS`).
    package static let noBufferSpace = Errno(rawValue: ENOBUFS)
    /// The message is too long (`EMSGSIZE`).
    package static let messageTooLong = Errno(rawValue: EMSGSIZE)
    /// The peer refused the connection (`ECONNREFUSED`).
    package static let connectionRefused = Errno(rawValue: ECONNREFUSED)
    /// The peer reset the connection (`ECONNRESET`).
    package static let connectionReset = Errno(rawValue: ECONNRESET)
    /// The time for an answer ran out (`ETIMEDOUT`).
    package static let timedOut = Errno(rawValue: ETIMEDOUT)
}

/// Returns the result of a system call, calling again after a signal; throws what the call reports with -1.
package func retryingInterrupts<Result: FixedWidthInteger & SignedInteger>(
    _ call: () -> Result
) throws(Errno) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let error = Errno.current
        if error != .interrupted { throw error }
    }
}
