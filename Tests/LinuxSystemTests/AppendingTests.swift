import Glibc
import LinuxSystem
import Testing

struct `Writing behind the end of a file` {
    private let path = "/tmp/fairlead-appending-\(getpid())-\(UInt64.random(in: 0 ... .max))"

    @Test func `makes the file, and leaves what is there`() throws {
        defer { _ = unsafe unlink(path) }
        let first = try FileDescriptor.open(forAppending: path)
        let bytes = Array("one\ntwo\n".utf8)
        #expect(try first.write(bytes.span) == 8)
        let second = try FileDescriptor.open(forAppending: path)
        #expect(try second.write(bytes.span, from: 4) == 4)
        #expect(try second.write(bytes.span, from: 8) == 0)
        // The first writes behind what the second wrote.
        #expect(try first.write(bytes.span) == 8)
        #expect(try readFile(at: path) == "one\ntwo\ntwo\none\ntwo\n")
    }

    @Test func `does not wait for the reader of a named pipe`() throws {
        defer { _ = unsafe unlink(path) }
        try #require(unsafe mkfifo(path, 0o600) == 0)
        #expect(throws: Errno(rawValue: ENXIO)) { try FileDescriptor.open(forAppending: path).number }
    }

    @Test func `a standard stream's second descriptor is another one and closes alone`() throws {
        let copy = try FileDescriptor.duplicate(of: .error)
        withExtendedLifetime(copy) {
            let number = copy.number
            #expect(number > 2)
            #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        }
        _ = consume copy
        #expect(fcntl(2, F_GETFD) >= 0)
    }
}
