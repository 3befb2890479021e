import Glibc
import LinuxSystem
import Testing

/// Signals are sent to the test's own thread, so that no other test gets them.
@Suite(.serialized)
struct SignalQueueTests {
    /// Runs a closure, and gives this thread back the signals that it had blocked before.
    private func restoringMask(_ body: () throws -> Void) throws {
        var before = sigset_t()
        // The structure lives until both calls have returned.
        try #require(unsafe pthread_sigmask(SIG_BLOCK, nil, &before) == 0)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // One structure, as the count says.
        return unsafe poll(&request, 1, 0) == 1
    }

    @Test(arguments: Signal.allCases)
    func `a signal that was taken over waits to be read`(_ signal: Signal) throws {
        try restoringMask {
            let queue = try SignalQueue(Signal.allCases)
            #expect(queue.next() == nil)
            #expect(!isReadable(queue.descriptor))
            pthread_kill(pthread_self(), signal.rawValue)
            #expect(isReadable(queue.descriptor))
            #expect(queue.next() == signal)
            #expect(queue.next() == nil)
            #expect(!isReadable(queue.descriptor))
        }
    }

    @Test func `each signal is read once, whatever the order`() throws {
        try restoringMask {
            let queue = try SignalQueue(Signal.allCases)
            for signal in Signal.allCases + Signal.allCases { pthread_kill(pthread_self(), signal.rawValue) }
            let read: [Signal?] = [queue.next(), queue.next(), queue.next()]
            #expect(Set(read) == Set(Signal.allCases))
            #expect(queue.next() == nil)
        }
    }

    @Test func `signals of another queue stay there`() throws {
        try restoringMask {
            let terminations = try SignalQueue([.terminate])
            let reloads = try SignalQueue([.hangUp])
            pthread_kill(pthread_self(), Signal.hangUp.rawValue)
            #expect(terminations.next() == nil)
            #expect(reloads.next() == .hangUp)
        }
    }
}
