import NetworkAddress
import Nftables
import Testing

@Suite struct TransactionTests {
    private let table = Table(.ip, "fairlead")
    private let elements = (1...3).map { Element(PackedFields(number: $0)) }

    @Test func `a transaction counts the elements that it adds and deletes`() {
        let transaction = Transaction([
            .addTable(table), .addElements(table, set: "a", elements),
            .deleteElements(table, set: "b", [elements[0]]), .flushSet(table, name: "c"),
        ])
        #expect(transaction.elementCount == 4)
        #expect(!transaction.isEmpty)
        #expect(Transaction().isEmpty)
    }

    @Test func `what may be there already changes nothing for sure`() {
        let uncertain: [Nftables.Operation] = [
            .addTable(table), .addChain(table, Chain("a")), .flushRules(table), .flushSet(table, name: "b"),
            .addSet(table, SetDeclaration("b", key: [.port])), .addElements(table, set: "b", elements),
            .deleteElements(table, set: "b", []),
        ]
        #expect(!Transaction(uncertain).changesForSure)
        let certain: [Nftables.Operation] = [
            .addRule(table, chain: "a", Rule([.verdict(.drop)])), .deleteElements(table, set: "b", elements),
            .deleteChain(table, name: "a"), .deleteSet(table, name: "b"), .deleteTable(table),
        ]
        for operation in certain { #expect(Transaction(uncertain + [operation]).changesForSure) }
    }

    @Test func `a transaction grows at its end`() {
        var transaction = Transaction([.addTable(table)])
        transaction.append(.flushRules(table))
        transaction.append(Transaction([.deleteTable(table), .addTable(table)]))
        #expect(
            transaction == Transaction([.addTable(table), .flushRules(table), .deleteTable(table), .addTable(table)])
        )
    }
}
