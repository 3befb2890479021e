import KubernetesAPI
import Testing

/// What stands, and what is told of it.
struct `A ledger of problems` {
    private var ledger = ProblemLedger<String, Int>()

    @Test mutating func `tells each problem once, and once that it is gone`() {
        ledger.replace(of: "a", with: [2, 1])
        #expect(ledger.all == [1, 2])
        #expect(ledger.takeChanges() == ([1, 2], []))
        #expect(ledger.takeChanges() == ([], []))
        ledger.replace(of: "a", with: [2, 3])
        #expect(ledger.takeChanges() == ([3], [1]))
        ledger.replace(of: "a", with: [])
        ledger.replace(of: "a", with: [])
        #expect(ledger.takeChanges() == ([], [2, 3]))
        #expect(ledger.all.isEmpty)
    }

    @Test mutating func `holds a problem for as long as one owner has it`() {
        ledger.replace(of: "a", with: [1])
        ledger.replace(of: "b", with: [1, 1])
        #expect(ledger.all == [1])
        #expect(ledger.takeChanges() == ([1], []))
        ledger.replace(of: "a", with: [])
        #expect(ledger.takeChanges() == ([], []))
        ledger.replace(of: "b", with: [])
        #expect(ledger.takeChanges() == ([], [1]))
    }

    @Test mutating func `says nothing of what came and went, or went and came`() {
        ledger.replace(of: "a", with: [1])
        ledger.replace(of: "a", with: [])
        #expect(ledger.takeChanges() == ([], []))
        ledger.replace(of: "a", with: [1])
        _ = ledger.takeChanges()
        ledger.replace(of: "a", with: [])
        ledger.replace(of: "b", with: [1])
        #expect(ledger.takeChanges() == ([], []))
        #expect(ledger.all == [1])
    }
}
