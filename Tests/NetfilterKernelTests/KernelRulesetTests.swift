import LinuxSystem
import NetfilterKernel
import NetworkAddress
import Nftables
import Testing

@Suite(.serialized)
struct KernelRulesetTests {
    @Test func `smoke`() throws {
        try withNewNetworkNamespace {
            let store = try KernelRuleset()
            let table = Table(.ip, "fairlead")
            let set = SetDeclaration("services", key: [.address(.ipv4), .transportProtocol, .port], content: .verdicts)
            let port = try #require(Port(80))
            let key = PackedFields(IPAddress(10, 96, 0, 1), .tcp, port)
            let generation = try store.generation()
            try store.apply(
                Transaction([
                    .addTable(table), .addSet(table, set), .addChain(table, Chain("lb-1")),
                    .addElements(
                        table,
                        set: "services",
                        [Element(key, .verdict(.goto("lb-1")), comment: "default/web:http")]
                    ),
                ])
            )
            #expect(try store.generation() == generation + 1)
            #expect(try store.elements(of: set, in: table).count == 1)
            let contents = try store.contents(of: table)
            #expect(contents?.sets == [set])
            #expect(throws: RulesetError.refused([OperationFailure(operation: 0, element: 1, reason: .exists)])) {
                try store.apply(
                    Transaction([
                        .addElements(
                            table,
                            set: "services",
                            [
                                Element(PackedFields(IPAddress(10, 96, 0, 2), .tcp, port), .verdict(.goto("lb-1"))),
                                Element(key, .verdict(.drop)),
                            ]
                        )
                    ])
                )
            }
            #expect(throws: RulesetError.generationChanged) {
                try store.apply(Transaction([.flushSet(table, name: "services")]), expecting: generation)
            }
        }
    }
}
