import Glibc
import LinuxSystem
import NetfilterKernel
import Nftables
import Synchronization
import Testing

/// A signal may come during any system call.
@Suite(.needsNetworkNamespaces, .serialized)
struct SignalTests {
    private static let handled = Atomic(0)

    /// Sends a signal to this thread again and again while a closure runs; calls are not restarted by the kernel.
    private func interrupted<Result>(_ body: () throws -> Result) throws -> Result {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in _ = Self.handled.add(1, ordering: .relaxed) }
        action.sa_flags = 0
        var previous = sigaction()
        // Threads of the test library block signals.
        var signals = sigset_t()
        var blocked = sigset_t()
        // All of these structures live until the calls return.
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGUSR1)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &blocked)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        let isHandled = unsafe sigaction(SIGUSR1, &action, &previous) == 0
        try #require(isHandled)
        defer { unsafe sigaction(SIGUSR1, &previous, nil) }
        let thread = pthread_self()
        let before = Self.handled.load(ordering: .relaxed)
        let result = try Repetition.while(repeating: { _ in
            pthread_kill(thread, SIGUSR1)
            usleep(50)
        }) { _ in try body() }
        #expect(Self.handled.load(ordering: .relaxed) > before + 100)
        return result
    }

    @Test func `signals during transactions and listings harm nothing`() throws {
        let batches = (0..<40).map { Fixture.elements(($0 * 1000)..<($0 * 1000 + 1000)) }
        let all = batches.flatMap { $0 }
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let set = Fixture.addresses.name
            try store.apply(Transaction(Fixture.made))
            let generation = try store.generation()
            let found = try interrupted {
                for batch in batches {
                    try store.apply(Transaction([.addElements(Fixture.table, set: set, batch)]))
                }
                return try (0..<5).map { _ in try store.elements(of: Fixture.addresses, in: Fixture.table) }
            }
            for listing in found { expectSame(listing, all) }
            // Each transaction was applied once.
            #expect(try store.generation() == generation + UInt32(batches.count))
        }
    }
}
