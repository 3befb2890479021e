internal import Glibc
internal import LinuxSystem

/// A pipe with a name: what the test writes, a program reads as its standard input.
package final class LabPipe {
    /// Its place in the file system.
    let path: String

    private let descriptor: FileDescriptor

    init(path: String) throws {
        // The paths are copied by the kernel.
        guard unsafe mkfifo(path, 0o600) == 0 else { throw LabError.file(path, .current) }
        // With a reader and a writer at this end neither end waits for the other to open it.
        let number = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard number >= 0 else { throw LabError.file(path, .current) }
        self.path = path
        descriptor = FileDescriptor(owning: number)
    }

    /// Writes a text; it waits while the program has much to read.
    package func write(_ text: String) throws { try descriptor.writeAll(Array(text.utf8)) }
}
