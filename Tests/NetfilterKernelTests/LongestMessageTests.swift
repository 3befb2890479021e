import LinuxSystem
import NetworkAddress
import Nftables
import Testing

@testable import NetfilterKernel

/// Messages are written into rooms of a size that is known before; a message that outgrows its room ends the program.
@Suite(.needsNetworkNamespaces)
struct LongestMessageTests {
    private static func name(_ letter: Character) -> String { String(repeating: letter, count: String.nameBytesMax) }

    private static let comment = String(repeating: "c", count: Element.commentBytesMax)
    private static let table = Table(.ip6, name("t"))
    private static let chain = Chain(name("c"), base: BaseHook(type: .nat, hook: .prerouting, priority: .max))
    private static let target = Chain(name("d"))
    private static let tuple: [Field] = [.destinationAddress, .sourceAddress, .transportProtocol, .destinationPort]
    private static let verdicts = SetDeclaration(name("v"), key: tuple.types(in: .ip6), content: .verdicts)
    private static let endpoints = SetDeclaration(
        name("e"),
        key: tuple.types(in: .ip6),
        content: .fields([.address(.ipv6), .port])
    )

    /// Every statement, with the longest names and the most fields that it can have.
    private static let statements: [Statement] = [
        .match(.sourceAddress, .isNotIn(IPPrefix(holding: IPAddress(family: .ipv6, bits: 1 << 127), length: 1))),
        .match(.mark, .hasAnyBit(of: 1)), .member(tuple, of: endpoints.name, isMember: false),
        .setMarkBits(1), .flipMarkBits(1), .verdictMap(tuple, verdicts.name),
        .destinationNAT(tuple, map: endpoints.name), .verdict(.jump(target.name)),
    ]

    private static let longest: [Nftables.Operation] = [
        .addTable(table), .addChain(table, chain), .addChain(table, target), .addSet(table, verdicts),
        .addSet(table, endpoints),
        .addRule(table, chain: chain.name, Rule(statements, comment: comment)),
    ]

    /// As many elements as fill several messages, each of them as long as can be.
    private func elements() throws -> [Element] {
        try (0..<1_000).map { number in
            let address = IPAddress(family: .ipv6, bits: 0xfd00 << 112 | UInt128(number))
            var key = PackedFields(address, address)
            key.append(TransportProtocol.tcp)
            key.append(try #require(Port(80)))
            return Element(key, .verdict(.goto(Self.target.name)), comment: Self.comment)
        }
    }

    @Test func `the longest names, rules and elements fit their messages and come back`() throws {
        let elements = try elements()
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let adding = Operation.addElements(Self.table, set: Self.verdicts.name, elements)
            try store.apply(Transaction(Self.longest + [adding]))
            #expect(
                try store.contents(of: Self.table)
                    == TableContents(chains: [Self.chain: 1, Self.target: 0], sets: [Self.verdicts, Self.endpoints])
            )
            expectSame(try store.elements(of: Self.verdicts, in: Self.table), elements)
        }
    }

    @Test(arguments: statements)
    func `the longest rule of each statement fits its message`(_ statement: Statement) {
        // More than the kernel takes, and all that is let through to be encoded.
        var rule = Rule([statement], comment: Self.comment)
        while true {
            let longer = Rule(rule.statements + [statement], comment: Self.comment)
            let operation = Operation.addRule(Self.table, chain: Self.chain.name, longer)
            guard Transaction([operation]).unencodableParts.isEmpty else { break }
            rule = longer
        }
        let operation = Operation.addRule(Self.table, chain: Self.chain.name, rule)
        var encoder = BatchEncoder()
        encoder.encode(Transaction([operation]), firstSequence: 1, generation: nil)
        #expect(encoder.messages.count > rule.statements.count * 64)
    }

    @Test func `sequence numbers may begin anew within a batch`() throws {
        let elements = Fixture.elements(0..<10_000)
        let transaction = Transaction([.addElements(Fixture.table, set: Fixture.addresses.name, elements)])
        var encoder = BatchEncoder()
        encoder.encode(transaction, firstSequence: .max - 1, generation: nil)
        let firsts = encoder.parts.map(\.firstElement)
        try #require(firsts.count > 2)
        let told = (0..<UInt32(firsts.count)).map { encoder.part(sequence: UInt32.max &+ $0)?.firstElement }
        #expect(told == firsts)
        #expect(encoder.lastSequence == UInt32(firsts.count) - 2)
        #expect(encoder.part(sequence: .max - 1) == nil)
        #expect(encoder.part(sequence: encoder.lastSequence &+ 1) == nil)
    }
}
