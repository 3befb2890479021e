import NetworkAddress
import Nftables
import NftablesTestKit
import Testing

/// What the ruleset in memory offers beyond the contract.
@Suite struct InMemoryRulesetTests {
    private let ruleset = InMemoryRuleset()
    private let table = Table(.ip, "fairlead")
    private let addresses = SetDeclaration("cluster-ips", key: [.address(.ipv4)])

    private func element(_ last: UInt8, comment: String? = nil) -> Element {
        Element(PackedFields(IPAddress(10, 96, 0, last)), comment: comment)
    }

    private func makeSet() throws {
        try ruleset.apply(Transaction([.addTable(table), .addSet(table, addresses)]))
    }

    // MARK: - Failures on demand

    @Test func `a failure that a test asks for comes once and changes nothing`() throws {
        try makeSet()
        let before = ruleset.snapshot
        ruleset.failNext(with: .notPermitted)
        ruleset.failNext(with: .generationChanged)
        let change = Transaction([.addChain(table, Chain("chain"))])
        #expect(throws: RulesetError.notPermitted) { try ruleset.apply(change) }
        #expect(throws: RulesetError.generationChanged) { try ruleset.apply(change) }
        #expect(ruleset.snapshot == before)
        try ruleset.apply(change)
        #expect(ruleset.snapshot != before)
    }

    @Test func `reads fail when a test asks for it, and transactions do not`() throws {
        ruleset.failNext(.read, with: .notPermitted)
        try makeSet()
        #expect(throws: RulesetError.notPermitted) { try ruleset.contents(of: table) }
        #expect(try ruleset.contents(of: table) == TableContents(sets: [addresses]))
    }

    @Test func `a test can refuse one element of many`() throws {
        try makeSet()
        ruleset.refuse { _, element in element?.key == PackedFields(IPAddress(10, 96, 0, 2)) ? .noMemory : nil }
        let change = Transaction([.addElements(table, set: addresses.name, [element(1), element(2), element(3)])])
        #expect(throws: RulesetError.refused([OperationFailure(operation: 0, element: 1, reason: .noMemory)])) {
            try ruleset.apply(change)
        }
        #expect(try ruleset.elements(of: addresses, in: table).isEmpty)
        ruleset.refuse(where: nil)
        try ruleset.apply(change)
        #expect(try ruleset.elements(of: addresses, in: table).count == 3)
    }

    @Test func `a test can refuse one kind of operation`() throws {
        ruleset.refuse { operation, _ in
            if case .addSet = operation { .unsupported } else { nil }
        }
        #expect(throws: RulesetError.refused([OperationFailure(operation: 1, reason: .unsupported)])) { try makeSet() }
        #expect(try ruleset.contents(of: table) == nil)
    }

    // MARK: - Other programs

    @Test func `a change by another program moves the generation and is not listed`() throws {
        try makeSet()
        let generation = try ruleset.generation()
        try ruleset.foreignChange()
        #expect(try ruleset.generation() == generation + 1)
        try ruleset.foreignChange([.deleteSet(table, name: addresses.name)])
        #expect(try ruleset.generation() == generation + 2)
        #expect(try ruleset.contents(of: table) == TableContents())
        #expect(ruleset.applied == [Transaction([.addTable(table), .addSet(table, addresses)])])
    }

    @Test func `a flush by another program takes every table`() throws {
        try makeSet()
        let generation = try ruleset.generation()
        ruleset.foreignFlush()
        #expect(ruleset.snapshot.tables.isEmpty)
        #expect(try ruleset.generation() == generation + 1)
    }

    @Test func `a program that comes between a reader and its transaction makes it fail`() throws {
        try makeSet()
        ruleset.beforeNextTransaction { ruleset throws(RulesetError) in try ruleset.foreignChange() }
        let generation = try ruleset.generation()
        let change = Transaction([.addChain(table, Chain("chain"))])
        #expect(throws: RulesetError.generationChanged) { try ruleset.apply(change, expecting: generation) }
        // It comes once.
        try ruleset.apply(change, expecting: try ruleset.generation())
    }

    @Test func `a set of another program can be deleted and nothing else`() throws {
        try ruleset.apply(Transaction([.addTable(table)]))
        ruleset.addForeignSet("cluster-ips", in: table)
        #expect(try ruleset.contents(of: table) == TableContents(foreignSets: ["cluster-ips"]))
        let expected: [(Operation, KernelReason)] = [
            (.addSet(table, addresses), .exists), (.flushSet(table, name: "cluster-ips"), .invalid),
        ]
        for (operation, reason) in expected {
            #expect(throws: RulesetError.refused([OperationFailure(operation: 0, reason: reason)])) {
                try ruleset.apply(Transaction([operation]))
            }
        }
        let replacement = Transaction([.deleteSet(table, name: "cluster-ips"), .addSet(table, addresses)])
        #expect(throws: RulesetError.self) {
            try ruleset.apply(Transaction(replacement.operations + [.deleteChain(table, name: "missing")]))
        }
        #expect(try ruleset.contents(of: table) == TableContents(foreignSets: ["cluster-ips"]))
        try ruleset.apply(replacement)
        #expect(try ruleset.contents(of: table) == TableContents(sets: [addresses]))
    }

    // MARK: - Stricter than the kernel

    @Test(
        arguments: [
            ("a key of other fields", Statement.member([.sourceAddress, .mark], of: "pairs")),
            ("a key that is too long", .member([.sourceAddress, .destinationAddress, .mark], of: "pairs")),
            ("an address as a number", .match(.sourceAddress, .equals(1))),
            ("bits of an address", .match(.sourceAddress, .hasAnyBit(of: 1))),
            (
                "a port in a range of addresses",
                .match(.destinationPort, .isIn(IPPrefix(holding: IPAddress(10, 0, 0, 0), length: 8)))
            ),
            (
                "a range of the other family",
                .match(.sourceAddress, .isNotIn(IPPrefix(holding: IPAddress(family: .ipv6, bits: 1), length: 8)))
            ),
        ]
    )
    func `a rule that cannot have been meant is refused`(_ name: String, _ statement: Statement) throws {
        let pairs = SetDeclaration("pairs", key: [.address(.ipv4), .address(.ipv4)])
        try ruleset.apply(Transaction([.addTable(table), .addSet(table, pairs), .addChain(table, Chain("chain"))]))
        #expect(throws: RulesetError.refused([OperationFailure(operation: 0, reason: .invalid)]), "\(name)") {
            try ruleset.apply(Transaction([.addRule(table, chain: "chain", Rule([statement]))]))
        }
    }

    @Test func `a rule with a comment that nft cannot print is refused`() throws {
        try ruleset.apply(Transaction([.addTable(table), .addChain(table, Chain("chain"))]))
        let rule = Rule([.verdict(.accept)], comment: String(repeating: "c", count: 128))
        #expect(throws: RulesetError.refused([OperationFailure(operation: 0, reason: .invalid)])) {
            try ruleset.apply(Transaction([.addRule(table, chain: "chain", rule)]))
        }
    }

    // MARK: - Size

    @Test func `a small change of a large set costs what the change costs`() throws {
        try makeSet()
        let many = (0..<200_000).map { Element(PackedFields(IPAddress(ipv4: 10 << 24 | UInt32($0)))) }
        try ruleset.apply(Transaction([.addElements(table, set: addresses.name, many)]))
        let replacement = Transaction([
            .deleteElements(table, set: addresses.name, [many[77]]),
            .addElements(table, set: addresses.name, [Element(many[77].key, comment: "replaced")]),
        ])
        let duration = try ContinuousClock().measure {
            for _ in 0..<1_000 { try ruleset.apply(replacement) }
        }
        // Copying the set would take a minute; a change takes some 10 microseconds, in a debug build too.
        #expect(duration < .seconds(5))
        #expect(ruleset.applied.count == 1_002)
    }
}
