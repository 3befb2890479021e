import Nftables
import Testing

@testable import NetfilterKernel

/// Transactions that were encoded before they are sent.
@Suite(.needsNetworkNamespaces)
struct PreparedBatchTests {
    @Test func `a prepared batch does what the transaction says, when it is sent`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            var filling = try store.prepare(Transaction(Fixture.made))
            var elements = try store.prepare(
                Transaction([
                    .addElements(Fixture.table, set: Fixture.addresses.name, Fixture.elements(0..<1000))
                ])
            )
            #expect(filling.byteCount > 0)
            #expect(try store.contents(of: Fixture.table) == nil)
            try store.send(&filling)
            try store.send(&elements)
            #expect(try store.elements(of: Fixture.addresses, in: Fixture.table).count == 1000)
        }
    }

    @Test func `what the kernel refuses is told, and others are not taken for it`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            try store.apply(Transaction(Fixture.made))
            let missing = Transaction([
                .deleteElements(Fixture.table, set: Fixture.addresses.name, [Fixture.element(1)])
            ])
            var batch = try store.prepare(missing)
            // Others are sent between.
            try store.apply(
                Transaction([.addElements(Fixture.table, set: Fixture.addresses.name, [Fixture.element(2)])])
            )
            let error = #expect(throws: RulesetError.self) { try store.send(&batch) }
            #expect(refusals(error) == [.init(operation: 0, element: 0, reason: .notFound)])
            #expect(try store.elements(of: Fixture.addresses, in: Fixture.table) == [Fixture.element(2)])
        }
    }

    @Test func `a batch for another generation changes nothing`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let generation = try store.generation()
            var batch = try store.prepare(Transaction(Fixture.made), expecting: generation)
            try store.apply(Transaction([.addTable(Fixture.table)]))
            #expect(throws: RulesetError.generationChanged) { try store.send(&batch) }
            #expect(try store.contents(of: Fixture.table)?.sets.isEmpty == true)
        }
    }
}
