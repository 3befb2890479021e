import LinuxSystem
import NetfilterKernel
import Nftables
import Testing

/// Every refused message has an answer of its own, and the queue for them is finite.
@Suite(.needsNetworkNamespaces)
struct AnswerOverrunTests {
    private static let missing = 5_000

    /// A transaction that makes something, and that the kernel refuses in thousands of places.
    private static let operations: [Nftables.Operation] =
        Fixture.made
        + (0..<missing).map { .deleteChain(Fixture.table, name: "missing-\($0)") }

    @Test func `answers that overrun the queue are a refusal that says so`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset(receiveQueueBytes: 4096)
            let generation = try store.generation()
            let failures = refusals(store.error(of: Self.operations))
            #expect(failures.first == .init(operation: 3, reason: .notFound))
            #expect(failures.last == .init(operation: nil, reason: .noBufferSpace))
            #expect(failures.count < Self.missing)
            #expect(try store.contents(of: Fixture.table) == nil)
            #expect(try store.generation() == generation)
            // The store is as good as new.
            try store.apply(Transaction(Fixture.made))
            #expect(try store.contents(of: Fixture.table)?.sets == [Fixture.addresses, Fixture.endpoints])
        }
    }

    @Test func `five thousand answers fit the usual queue`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let failures = refusals(store.error(of: Self.operations))
            #expect(
                failures
                    == (0..<Self.missing).map { .init(operation: $0 + Fixture.made.count, reason: .notFound) }
            )
        }
    }

    @Test func `a listing is whole however small the queue is`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset(receiveQueueBytes: 4096)
            let elements = Fixture.elements(0..<10_000)
            let set = Fixture.addresses.name
            try store.apply(Transaction(Fixture.made + [.addElements(Fixture.table, set: set, elements)]))
            expectSame(try store.elements(of: Fixture.addresses, in: Fixture.table), elements)
        }
    }
}
