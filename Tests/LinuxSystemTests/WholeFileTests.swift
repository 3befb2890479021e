import Glibc
import LinuxSystem
import Testing

/// A directory of the test's own, which goes away with it.
private final class ScratchDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/fairlead-linux-XXXXXX".utf8CString)
        // mkdtemp writes the name into the array, which ends with a NUL before and after.
        let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return false }
            return unsafe mkdtemp(start) != nil
        }
        try #require(isMade)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in (try? directoryEntries(at: path)) ?? [] { _ = unsafe remove("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }
}

struct WholeFileTests {
    @Test(arguments: [0, 1, 100_000])
    func `a text that was written is read`(_ lines: Int) throws {
        let directory = try ScratchDirectory()
        let text = String(repeating: "é 漢字\n", count: lines)
        try writeFile(text, at: "\(directory.path)/file")
        #expect(try readFile(at: "\(directory.path)/file") == text)
    }

    @Test func `a shorter text leaves nothing of the longer one`() throws {
        let directory = try ScratchDirectory()
        try writeFile("a long text", at: "\(directory.path)/file")
        try writeFile("short", at: "\(directory.path)/file")
        #expect(try readFile(at: "\(directory.path)/file") == "short")
    }

    @Test func `files of the kernel, which tell no size, are read whole`() throws {
        #expect(try readFile(at: "/proc/self/status").contains("\nPid:\t\(getpid())\n"))
    }

    @Test func `errors tell what is wrong with the path`() throws {
        let directory = try ScratchDirectory()
        #expect(throws: Errno.noSuchFile) { try readFile(at: "\(directory.path)/missing") }
        #expect(throws: Errno.isDirectory) { try readFile(at: directory.path) }
        #expect(throws: Errno.noSuchFile) { try writeFile("text", at: "\(directory.path)/missing/file") }
        #expect(throws: Errno.isDirectory) { try writeFile("text", at: directory.path) }
        try writeFile("text", at: "\(directory.path)/file")
        #expect(throws: Errno.notDirectory) { try writeFile("text", at: "\(directory.path)/file/file") }
    }

    @Test func `a directory is made unless there is one`() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/inner"
        try makeDirectory(at: path)
        #expect(try FileStatus(ofFileAt: path).kind == .directory)
        try makeDirectory(at: path)
        #expect(throws: Errno.noSuchFile) { try makeDirectory(at: "\(directory.path)/missing/inner") }
    }
}
