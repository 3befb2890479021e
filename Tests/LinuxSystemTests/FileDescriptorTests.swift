import Glibc
import LinuxSystem
import Testing

struct FileDescriptorTests {
    private func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        // The call fills both.
        let result = unsafe Glibc.pipe(&ends)
        try #require(result == 0)
        return (ends[0], ends[1])
    }

    @Test func `what is written is read, up to the capacity`() throws {
        let ends = try pipe()
        let reading = FileDescriptor(owning: ends.reading)
        let writing = FileDescriptor(owning: ends.writing)
        try writing.writeAll([1, 2, 3, 4, 5])
        #expect(try reading.read(upTo: 3) == [1, 2, 3])
        #expect(try reading.read(upTo: 100) == [4, 5])
    }

    @Test func `a descriptor is closed when its owner goes away`() throws {
        let ends = try pipe()
        let reading = FileDescriptor(owning: ends.reading)
        do {
            let writing = FileDescriptor(owning: ends.writing)
            try writing.writeAll([1])
        }
        #expect(try reading.read(upTo: 100) == [1])
        // The end comes when nobody can write any more.
        #expect(try reading.read(upTo: 100) == [])
    }

    @Test func `nothing to read and no room to write are errors of a descriptor that does not block`() throws {
        let ends = try pipe()
        let reading = FileDescriptor(owning: ends.reading)
        let writing = FileDescriptor(owning: ends.writing)
        for descriptor in [ends.reading, ends.writing] {
            try #require(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
        }
        #expect(try waitingError { _ = try reading.read(upTo: 1) } == .wouldBlock)
        // A pipe holds 64 KiB unless it is told otherwise.
        #expect(try waitingError { try writing.writeAll([UInt8](repeating: 7, count: 1 << 20)) } == .wouldBlock)
        #expect(try reading.read(upTo: 1 << 20).allSatisfy { $0 == 7 })
    }

    private func waitingError(_ body: () throws -> Void) throws -> Errno? {
        do {
            try body()
            return nil
        } catch let error as Errno {
            return error
        }
    }
}
