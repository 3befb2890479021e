import Glibc
import LinuxSystem
import Testing

@testable import Manifests

/// What tells whether a file changed while it was read.
struct `A file that is open for reading` {
    private let path = "/tmp/fairlead-signature-\(getpid())-\(UInt32.random(in: 0 ... .max))"

    private func write(_ text: String, to path: String) throws {
        // Both calls copy what they need.
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try FileDescriptor(owning: number).writeAll(Array(text.utf8))
    }

    @Test func `holds the same after another was renamed over it`() throws {
        defer { _ = unsafe unlink(path) }
        try write("old", to: path)
        let file = try FileDescriptor.open(forReading: path)
        let before = FileSignature(try FileStatus(of: file))
        try write("new", to: "\(path).new")
        #expect(unsafe rename("\(path).new", path) == 0)
        let after = FileSignature(try FileStatus(of: file))
        #expect(after.holdsSame(as: before))
        // The path leads to another file, which is no state of this one.
        #expect(!FileSignature(try FileStatus(ofFileAt: path)).holdsSame(as: before))
    }

    @Test func `holds something else after it was written to`() throws {
        defer { _ = unsafe unlink(path) }
        try write("half", to: path)
        let file = try FileDescriptor.open(forReading: path)
        let before = FileSignature(try FileStatus(of: file))
        try write(" and half", to: path)
        #expect(!FileSignature(try FileStatus(of: file)).holdsSame(as: before))
    }
}
