private import Glibc

/// An open file, socket or other kernel object that is closed when its owner goes away.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for calls that the kernel wants it in; it stays owned here.
    package let number: Int32

    /// Takes ownership of an open descriptor.
    package init(owning number: Int32) { self.number = number }

    deinit {
        // Linux releases the descriptor even when close reports an error, so there is nothing to repeat.
        _ = close(number)
    }

    /// Reads up to `capacity` bytes; an empty array says that the end was reached.
    ///
    /// The corresponding C function is `read`.
    package borrowing func read(upTo capacity: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: capacity)
        let count = try retryingInterrupts {
            unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
            }
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    /// Writes all bytes, however many calls it takes.
    ///
    /// The corresponding C function is `write`.
    package borrowing func writeAll(_ bytes: [UInt8]) throws(Errno) {
        var written = 0
        while written < bytes.count {
            written += try retryingInterrupts {
                unsafe bytes.withUnsafeBytes { buffer in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                    return unsafe Glibc.write(number, rest.baseAddress, rest.count)
                }
            }
        }
    }
}
