import Glibc
import LinuxSystem
import Synchronization
import Testing

@Suite(.serialized) struct ThreadTests {
    private final class Counter: Sendable { let value = Atomic(0) }

    /// The virtual memory of this process, in bytes.
    private func mappedBytes() throws -> Int {
        let text = try readFile(at: "/proc/self/statm")
        return try #require(text.split(separator: " ").first.flatMap { Int($0) }) * Int(getpagesize())
    }

    @Test func `a thread that nobody joins leaves nothing behind`() throws {
        let ended = Counter()
        let before = try mappedBytes()
        let count = 400
        for number in 1...count {
            _ = try Thread("short-lived") { ended.value.add(1, ordering: .releasing) }
            while ended.value.load(ordering: .acquiring) < number { usleep(50) }
        }
        // A stack is two megabytes at least; the library keeps forty for threads to come.
        #expect(try mappedBytes() - before < count * 1024 * 1024)
    }

    @Test func `a thread that is joined has ended`() throws {
        let ended = Counter()
        let thread = try Thread("joined") {
            usleep(20_000)
            ended.value.add(1, ordering: .releasing)
        }
        thread.join()
        #expect(ended.value.load(ordering: .acquiring) == 1)
    }
}
