import LinuxSystem
import Nftables
import Testing

@testable import NetfilterKernel

/// What our own store changes is not news, whatever it is.
@Suite(.needsNetworkNamespaces, .serialized)
struct OwnChangeTests {
    @Test func `own changes are not news`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let monitor = try RulesetMonitor(ignoringChangesBy: store.portID)
            let base = Chain("base", base: BaseHook(type: .filter, hook: .input, priority: 0))
            try store.apply(Transaction(Fixture.made))
            try store.apply(
                Transaction([
                    .addChain(Fixture.table, base),
                    .addRule(Fixture.table, chain: "base", Rule([.verdict(.accept)])),
                    .addElements(Fixture.table, set: Fixture.addresses.name, Fixture.elements(0..<10)),
                ])
            )
            try store.apply(
                Transaction([
                    .flushRules(Fixture.table), .flushSet(Fixture.table, name: Fixture.addresses.name),
                    .deleteChain(Fixture.table, name: "base"), .deleteTable(Fixture.table),
                ])
            )
            #expect(try monitor.read(aboutTablesNamed: Fixture.table.name) == RulesetNews())
        }
    }

    @Test func `a large transaction of our own does not overrun even a small queue`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let monitor = try RulesetMonitor(ignoringChangesBy: store.portID, receiveQueueBytes: 4096)
            let elements = Fixture.elements(0..<100_000)
            try store.apply(
                Transaction(Fixture.made + [.addElements(Fixture.table, set: Fixture.addresses.name, elements)])
            )
            #expect(try monitor.read(aboutTablesNamed: Fixture.table.name) == RulesetNews())
            // The monitor does listen.
            try NftProgram().run("delete element ip fairlead cluster-ips { 10.0.0.7 }")
            #expect(try monitor.read(aboutTablesNamed: Fixture.table.name).changes.count == 1)
        }
    }
}
