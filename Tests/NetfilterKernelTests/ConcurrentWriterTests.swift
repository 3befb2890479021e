import Glibc
import LinuxSystem
import NetfilterKernel
import Nftables
import Synchronization
import Testing

/// Another program may change the ruleset at any moment, also while it is listed.
@Suite(.needsNetworkNamespaces, .serialized)
struct ConcurrentWriterTests {
    private static let count = 3_000
    private static let roundsMin = 60
    private static let roundsMax = 600

    /// How long the writer rests: now shorter than a listing takes, now longer, and ever longer on slow machines.
    private static func pause(after round: Int) { usleep(UInt32(round * 37 % 50 * (1 + round / roundsMin)) * 1000) }
    private static let even = Fixture.elements(0..<count)
    private static let odd = Fixture.elements(count..<(2 * count))

    private static func state(of elements: [Element]) -> String {
        switch Set(elements) {
        case Set(even): "even"
        case Set(odd): "odd"
        case let neither: "\(neither.count) elements of neither state"
        }
    }

    /// Lists while a writer changes the ruleset to one of two states in turn, each in one transaction.
    ///
    /// - Returns: What was listed, at least once for every state.
    private func listed<Listing: Hashable>(
        states: @escaping @Sendable (_ round: Int) -> [Nftables.Operation],
        _ list: (KernelRuleset) throws -> Listing
    ) throws -> Set<Listing> {
        try inNewNetworkNamespace {
            let reader = try KernelRuleset()
            try reader.apply(Transaction(states(0)))
            let failures = Atomic(0)
            let writers = Mutex<KernelRuleset?>(nil)
            let listings = try Repetition.while(repeating: { round in
                do {
                    // The store belongs to the writer's thread alone.
                    let writer = try writers.withLock { writer in
                        let store = try writer ?? KernelRuleset()
                        writer = store
                        return store
                    }
                    try writer.apply(Transaction(states(round)))
                } catch {
                    failures.add(1, ordering: .relaxed)
                }
                Self.pause(after: round)
            }) { writing in
                var listings: Set<Listing> = []
                while true {
                    let rounds = writing.count.load(ordering: .acquiring)
                    if rounds > Self.roundsMax || rounds > Self.roundsMin && listings.count > 1 { break }
                    do {
                        listings.insert(try list(reader))
                    } catch RulesetError.generationChanged {
                        // The writer came between every time: that is an answer too.
                    }
                }
                return listings
            }
            #expect(failures.load(ordering: .relaxed) == 0)
            return listings
        }
    }

    @Test func `elements are those of one moment`() throws {
        let listings = try listed { round in
            Fixture.made + [
                .flushSet(Fixture.table, name: Fixture.addresses.name),
                .addElements(
                    Fixture.table,
                    set: Fixture.addresses.name,
                    round.isMultiple(of: 2) ? Self.even : Self.odd
                ),
            ]
        } _: { store in
            Self.state(of: try store.elements(of: Fixture.addresses, in: Fixture.table))
        }
        #expect(listings == ["even", "odd"])
    }

    @Test func `elements are whole though the table is made anew meanwhile`() throws {
        let listings = try listed { round in
            [.addTable(Fixture.table), .deleteTable(Fixture.table)] + Fixture.made + [
                .addElements(
                    Fixture.table,
                    set: Fixture.addresses.name,
                    round.isMultiple(of: 2) ? Self.even : Self.odd
                )
            ]
        } _: { store in
            Self.state(of: try store.elements(of: Fixture.addresses, in: Fixture.table))
        }
        #expect(listings == ["even", "odd"])
    }

    @Test func `contents are those of one moment, rules and all`() throws {
        let names = (0..<100).map { "chain-\($0)" }
        let rules = names.map { Operation.addRule(Fixture.table, chain: $0, Rule([.verdict(.accept)])) }
        let full: [Nftables.Operation] =
            names.map { .addChain(Fixture.table, Chain($0)) } + rules + rules
            + [.addSet(Fixture.table, Fixture.addresses)]
        let emptied: [Nftables.Operation] = [
            .addTable(Fixture.table), .deleteTable(Fixture.table), .addTable(Fixture.table),
        ]
        let listings = try listed { round in
            emptied + (round.isMultiple(of: 2) ? full : [.addSet(Fixture.table, Fixture.endpoints)])
        } _: { store in
            try store.contents(of: Fixture.table)
        }
        #expect(
            listings == [
                TableContents(
                    chains: Dictionary(uniqueKeysWithValues: names.map { (Chain($0), 2) }),
                    sets: [Fixture.addresses]
                ),
                TableContents(sets: [Fixture.endpoints]),
            ]
        )
    }

    @Test func `a transaction for an earlier generation changes nothing`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            try store.apply(Transaction(Fixture.made))
            let generation = try store.generation()
            let other = try KernelRuleset()
            try other.apply(
                Transaction([.addElements(Fixture.table, set: Fixture.addresses.name, [Fixture.element(1)])])
            )
            let flush = [Operation.flushSet(Fixture.table, name: Fixture.addresses.name)]
            #expect(store.error(of: flush, expecting: generation) == .generationChanged)
            #expect(try store.elements(of: Fixture.addresses, in: Fixture.table) == [Fixture.element(1)])
            #expect(store.error(of: flush, expecting: try store.generation()) == nil)
            #expect(try store.elements(of: Fixture.addresses, in: Fixture.table).isEmpty)
        }
    }
}
