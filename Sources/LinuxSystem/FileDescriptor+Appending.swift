private import Glibc

extension FileDescriptor {
    /// Opens a file for writing behind its end, and makes it unless there is one; a named pipe does not make the call wait.
    ///
    /// A named pipe that nobody reads is refused with `ENXIO`. The corresponding C function is `open`.
    package static func open(forAppending path: String) throws(Errno) -> FileDescriptor {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let number = try retryingInterrupts { unsafe Glibc.open(path, flags, 0o644) }
        return FileDescriptor(owning: number)
    }

    /// Makes a second descriptor of a standard stream, which can be closed without harm to the first.
    ///
    /// The corresponding C function is `fcntl` with `F_DUPFD_CLOEXEC`.
    package static func duplicate(of stream: StandardStream) throws(Errno) -> FileDescriptor {
        // Above the numbers that programs expect to be standard streams.
        let number = try retryingInterrupts { fcntl(stream.rawValue, F_DUPFD_CLOEXEC, 3) }
        return FileDescriptor(owning: number)
    }

    /// Writes bytes from an offset on, as many as one call takes, and returns how many those are.
    ///
    /// The corresponding C function is `write`.
    ///
    /// - Precondition: The offset is not beyond the bytes.
    package borrowing func write(_ bytes: borrowing Span<UInt8>, from offset: Int = 0) throws(Errno) -> Int {
        let rest = bytes.extracting(offset..<bytes.count)
        let number = number
        return try retryingInterrupts {
            // The buffer's own count bounds the write, and the kernel keeps no pointer.
            unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
        }
    }
}
