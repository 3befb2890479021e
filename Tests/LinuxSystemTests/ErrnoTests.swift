import Glibc
import LinuxSystem
import Testing

struct ErrnoTests {
    @Test(arguments: [
        (error: Errno.notPermitted, words: "Operation not permitted"),
        (error: Errno.noSuchFile, words: "No such file or directory"),
        (error: Errno.noBufferSpace, words: "No buffer space available"),
        (error: Errno(rawValue: 9999), words: "Unknown error 9999"),
    ])
    func `an error says what the system says`(_ named: (error: Errno, words: String)) {
        #expect(named.error.description == named.words)
    }

    /// A system call that reports errors of a list, one in each call, and then a result.
    private final class Call {
        var errors: [Int32]
        private(set) var count = 0

        init(_ errors: Int32...) { self.errors = errors }

        func callAsFunction() -> Int {
            count += 1
            guard !errors.isEmpty else { return 42 }
            errno = errors.removeFirst()
            return -1
        }
    }

    @Test func `a call that a signal interrupted is made again`() throws {
        let call = Call(EINTR, EINTR, EINTR)
        #expect(try retryingInterrupts { call() } == 42)
        #expect(call.count == 4)
    }

    @Test func `any other error is thrown at once`() {
        let call = Call(EINTR, EAGAIN, EINTR)
        #expect(throws: Errno.wouldBlock) { try retryingInterrupts { call() } }
        #expect(call.count == 2)
    }

    @Test func `only minus one is an error`() throws {
        #expect(try retryingInterrupts { Int32(0) } == 0)
        #expect(try retryingInterrupts { Int32(-2) } == -2)
    }
}
