import NetworkAddress
import Nftables
import NftablesTestKit
import Testing

@Suite struct RulesetSnapshotTests {
    private let table = Table(.ip, "fairlead")
    private let addresses = SetDeclaration("cluster-ips", key: [.address(.ipv4)])

    private func element(_ last: UInt8, comment: String? = nil) -> Element {
        Element(PackedFields(IPAddress(10, 96, 0, last)), comment: comment)
    }

    private func ruleset(_ operations: Operation...) throws -> InMemoryRuleset {
        let ruleset = InMemoryRuleset()
        try ruleset.apply(Transaction(operations))
        return ruleset
    }

    @Test func `the order in which things were made does not count`() throws {
        let one = try ruleset(
            .addTable(table),
            .addTable(Table(.ip6, "fairlead")),
            .addSet(table, addresses),
            .addElements(table, set: addresses.name, [element(1), element(2)]),
            .addChain(table, Chain("a")),
            .addChain(table, Chain("b"))
        )
        let other = try ruleset(
            .addTable(Table(.ip6, "fairlead")),
            .addTable(table),
            .addChain(table, Chain("b")),
            .addChain(table, Chain("a")),
            .addSet(table, addresses),
            .addElements(table, set: addresses.name, [element(2), element(1)])
        )
        #expect(one.snapshot == other.snapshot)
        #expect(one.snapshot.differences(to: other.snapshot).isEmpty)
    }

    @Test func `differences name what is more and what is less`() throws {
        let before = try ruleset(
            .addTable(table),
            .addSet(table, addresses),
            .addElements(table, set: addresses.name, [element(1), element(2, comment: "old")]),
            .addChain(table, Chain("a")),
            .addRule(table, chain: "a", Rule([.verdict(.accept)]))
        )
        let after = try ruleset(
            .addTable(table),
            .addSet(table, addresses),
            .addElements(table, set: addresses.name, [element(1), element(2, comment: "new")]),
            .addChain(table, Chain("a")),
            .addRule(table, chain: "a", Rule([.verdict(.drop)])),
            .addTable(Table(.ip6, "other"))
        )
        #expect(
            before.snapshot.differences(to: after.snapshot) == [
                "- ip fairlead chain a rule 0: accept",
                "+ ip fairlead chain a rule 0: drop",
                "+ ip fairlead set cluster-ips: 10.96.0.2 comment \"new\"",
                "- ip fairlead set cluster-ips: 10.96.0.2 comment \"old\"",
                "+ table ip6 other",
            ]
        )
    }

    @Test func `rules in another order are a difference`() throws {
        let rules = [Rule([.verdict(.accept)]), Rule([.verdict(.drop)])]
        let one = try ruleset(
            .addTable(table),
            .addChain(table, Chain("a")),
            .addRule(table, chain: "a", rules[0]),
            .addRule(table, chain: "a", rules[1])
        )
        let other = try ruleset(
            .addTable(table),
            .addChain(table, Chain("a")),
            .addRule(table, chain: "a", rules[1]),
            .addRule(table, chain: "a", rules[0])
        )
        #expect(one.snapshot != other.snapshot)
        #expect(one.snapshot.differences(to: other.snapshot).count == 4)
    }

    @Test func `the text lists chains as they were made and elements by their keys`() throws {
        let slots = SetDeclaration("slots", key: [.port, .number], content: .verdicts)
        func slot(_ number: UInt32) throws -> Element {
            var key = PackedFields()
            key.append(try #require(Port(80)))
            return Element(key.appending(number: number), .verdict(.goto("b")))
        }
        let ruleset = try ruleset(
            .addTable(Table(.ip6, "fairlead")),
            .addTable(table),
            .addChain(table, Chain("b")),
            .addChain(table, Chain("a")),
            .addSet(table, addresses),
            .addSet(table, slots),
            .addElements(table, set: addresses.name, [element(20), element(3)]),
            .addElements(table, set: slots.name, [try slot(0x100), try slot(2)]),
            .addRule(table, chain: "a", Rule([.verdict(.jump("b"))]))
        )
        let expected = """
            table ip fairlead {
            \tset cluster-ips {
            \t\ttype ipv4_addr
            \t\telements = { 10.96.0.3,
            \t\t\t     10.96.0.20 }
            \t}

            \tmap slots {
            \t\ttypeof th dport . numgen random mod 2 : verdict
            \t\telements = { 80 . 2 : goto b,
            \t\t\t     80 . 256 : goto b }
            \t}

            \tchain b {
            \t}

            \tchain a {
            \t\tjump b
            \t}
            }
            table ip6 fairlead {
            }

            """
        #expect(ruleset.text == expected)
    }
}
