import Glibc
import Nftables
import Synchronization
import Testing

@testable import NetfilterKernel

/// Large transactions are not listened to, and nothing that others change meanwhile goes unnoticed.
@Suite(.needsNetworkNamespaces, .serialized)
struct WatchedRulesetTests {
    /// When another program changes the ruleset.
    enum Moment: CaseIterable, Sendable {
        /// After the monitor has stopped to listen, before the kernel gets the transaction.
        case beforeTransaction
        /// After the transaction, before the monitor listens again.
        case afterTransaction
        /// After the monitor listens again, before anybody asks for the generation.
        case listeningAgain
    }

    /// The kernel's ruleset, which another program changes at a given moment of the next transaction.
    private final class MeddledRuleset: SettlingRulesetStore {
        let kernel: KernelRuleset
        var meddling: (moment: Moment, change: () throws -> Void)? {
            didSet { hasApplied = false }
        }

        /// Whether the monitor listened to each transaction.
        private(set) var listened: [Bool] = []
        private let monitor: RulesetMonitor
        private var hasApplied = false

        init(_ kernel: KernelRuleset, monitor: RulesetMonitor) {
            self.kernel = kernel
            self.monitor = monitor
        }

        func isSettled(at generation: UInt32) throws(RulesetError) -> Bool { try kernel.isSettled(at: generation) }

        func contents(of table: Table) throws(RulesetError) -> TableContents? { try kernel.contents(of: table) }

        func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
            try kernel.elements(of: set, in: table)
        }

        func generation() throws(RulesetError) -> UInt32 {
            if hasApplied { meddle(.listeningAgain) }
            return try kernel.generation()
        }

        func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
            listened.append(monitor.isListening)
            meddle(.beforeTransaction)
            try kernel.apply(transaction, expecting: expected)
            hasApplied = true
            meddle(.afterTransaction)
        }

        private func meddle(_ moment: Moment) {
            guard let meddling, meddling.moment == moment else { return }
            self.meddling = nil
            #expect(throws: Never.self) { try meddling.change() }
        }
    }

    /// A store on the bench, with its monitor, in the network namespace of the thread.
    private struct Bench {
        let monitor: RulesetMonitor
        let meddled: MeddledRuleset
        let watched: WatchedRuleset
        let large = Fixture.elements(0..<WatchedRuleset.quietElementsMin)

        init() throws {
            let kernel = try KernelRuleset()
            monitor = try RulesetMonitor(ignoringChangesBy: kernel.portID)
            meddled = MeddledRuleset(kernel, monitor: monitor)
            watched = WatchedRuleset(
                settling: meddled,
                monitor: monitor,
                quietElementsMin: WatchedRuleset.quietElementsMin
            )
            try watched.apply(Transaction(Fixture.made + [.addChain(Fixture.table, Chain("services"))]))
        }

        /// Everything again, as a rebuild writes it.
        var everything: Transaction {
            Transaction([
                .flushRules(Fixture.table), .flushSet(Fixture.table, name: Fixture.addresses.name),
                .addRule(Fixture.table, chain: "services", Rule([.verdict(.accept)])),
                .addElements(Fixture.table, set: Fixture.addresses.name, large),
            ])
        }

        func news() throws -> RulesetNews { try monitor.read(aboutTablesNamed: Fixture.table.name) }
    }

    /// Another program deletes one of the elements, or adds one where there is none yet.
    private static func deleteOne() throws {
        try NftProgram().run("delete element ip fairlead cluster-ips { 10.0.0.7 }")
    }

    @Test func `a large transaction is not listened to, and is no news`() throws {
        try inNewNetworkNamespace {
            let bench = try Bench()
            for _ in 0..<3 {
                try bench.watched.apply(bench.everything, expecting: try bench.watched.generation())
                try bench.watched.apply(bench.everything)
            }
            #expect(bench.meddled.listened == [true] + Array(repeating: false, count: 6))
            #expect(!bench.monitor.hasSilentNews)
            #expect(try bench.news() == RulesetNews())
            // It listens.
            try Self.deleteOne()
            #expect(try bench.news().changes.map(\.what) == ["deleted an element of \"cluster-ips\""])
        }
    }

    @Test func `a small transaction is listened to, as it costs nothing`() throws {
        try inNewNetworkNamespace {
            let bench = try Bench()
            let small = Array(bench.large.dropLast())
            try bench.watched.apply(
                Transaction([
                    .addRule(Fixture.table, chain: "services", Rule([.verdict(.accept)])),
                    .addElements(Fixture.table, set: Fixture.addresses.name, small),
                ])
            )
            #expect(bench.meddled.listened == [true, true])
            #expect(try bench.news() == RulesetNews())
        }
    }

    @Test(arguments: Moment.allCases, [true, false])
    func `what another program changes meanwhile is noticed`(_ moment: Moment, _ expectsGeneration: Bool) throws {
        try inNewNetworkNamespace {
            let bench = try Bench()
            try bench.watched.apply(bench.everything)
            bench.meddled.meddling = (moment, Self.deleteOne)
            let expected = expectsGeneration ? try bench.watched.generation() : nil
            let error = bench.watched.error(of: bench.everything.operations, expecting: expected)
            #expect(error == (moment == .beforeTransaction && expectsGeneration ? .generationChanged : nil))
            #expect(bench.meddled.meddling == nil)
            #expect(bench.monitor.hasSilentNews)
            #expect(try bench.news().isOverrun)
            #expect(!bench.monitor.hasSilentNews)
            #expect(try bench.news() == RulesetNews())
            // It listens again.
            try NftProgram().run("add element ip fairlead cluster-ips { 10.9.9.9 }")
            #expect(try bench.news().changes.map(\.what) == ["added an element to \"cluster-ips\""])
        }
    }

    @Test func `the answer to a change is listened to, so that it is the last one`() throws {
        try inNewNetworkNamespace {
            let bench = try Bench()
            try bench.watched.apply(bench.everything)
            bench.meddled.meddling = (.afterTransaction, Self.deleteOne)
            try bench.watched.apply(bench.everything)
            #expect(try bench.news().isOverrun)
            bench.meddled.meddling = (.afterTransaction, { try NftProgram().run("add table ip other") })
            try bench.watched.apply(bench.everything)
            #expect(try bench.news() == RulesetNews())
            try bench.watched.apply(bench.everything)
            #expect(bench.meddled.listened == [true, false, false, true, false])
        }
    }

    @Test func `what may change nothing is listened to: the next generation can be that of another program`() throws {
        try inNewNetworkNamespace {
            let bench = try Bench()
            try bench.watched.apply(bench.everything)
            bench.meddled.meddling = (.afterTransaction, Self.deleteOne)
            let before = try bench.watched.generation()
            try bench.watched.apply(
                Transaction([.addElements(Fixture.table, set: Fixture.addresses.name, bench.large)])
            )
            #expect(try bench.watched.generation() == before + 1)
            #expect(try bench.news().changes.count == 1)
        }
    }

    @Test func `after a refusal it listens, and there is no news`() throws {
        try inNewNetworkNamespace {
            let bench = try Bench()
            let bad = Operation.deleteChain(Fixture.table, name: "missing")
            let error = bench.watched.error(of: bench.everything.operations + [bad])
            #expect(refusals(error).map(\.reason) == [.notFound])
            #expect(bench.meddled.listened == [true, false])
            #expect(try bench.news() == RulesetNews())
            try NftProgram().run("add element ip fairlead cluster-ips { 10.0.0.7 }")
            #expect(try bench.news().changes.count == 1)
        }
    }

    @Test func `without the right to listen again nothing is changed unheard`() throws {
        try inNewNetworkNamespace {
            let bench = try Bench()
            try bench.monitor.stopListening()
            try withoutNetworkAdministration {
                #expect(bench.watched.error(of: Fixture.made) == .notPermitted)
            }
            #expect(bench.meddled.listened == [true])
            #expect(!bench.monitor.hasSilentNews)
            #expect(bench.watched.error(of: Fixture.made) == nil)
            #expect(bench.meddled.listened == [true, true])
            #expect(bench.monitor.hasSilentNews)
            #expect(try bench.news().isOverrun)
        }
    }

    /// Does what an agent does: writes everything again as long as there is news.
    @Test func `whenever another program comes, it does not have the last word`() throws {
        try inNewNetworkNamespace {
            let kernel = try KernelRuleset()
            let monitor = try RulesetMonitor(ignoringChangesBy: kernel.portID)
            let watched = WatchedRuleset(kernel, monitor: monitor)
            let elements = Fixture.elements(0..<2_000)
            let everything: [Nftables.Operation] = [
                .flushRules(Fixture.table), .flushSet(Fixture.table, name: Fixture.addresses.name),
                .addRule(Fixture.table, chain: "services", Rule([.verdict(.accept)])),
                .addElements(Fixture.table, set: Fixture.addresses.name, elements),
            ]
            try watched.apply(Transaction(Fixture.made + [.addChain(Fixture.table, Chain("services"))]))
            try watched.apply(Transaction(everything))
            let other = OtherProgram()
            var noticed: Set<String> = []
            for round in 0..<150 {
                let companion = CompanionThread {
                    usleep(UInt32(round * 97 % 6_000))
                    other.delete(elements[round])
                }
                let error = watched.error(of: everything, expecting: try watched.generation())
                companion.join()
                #expect(error == nil || error == .generationChanged)
                var answers = 0
                while true {
                    let news = try monitor.read(aboutTablesNamed: Fixture.table.name)
                    if news == RulesetNews() { break }
                    noticed.insert(news.isOverrun ? "missed" : "told")
                    try watched.apply(Transaction(everything))
                    answers += 1
                }
                #expect(answers <= 1)
                // Nothing of the first round is there where the other program came before it.
                if error == nil || answers > 0 {
                    expectSame(try watched.elements(of: Fixture.addresses, in: Fixture.table), elements)
                }
            }
            #expect(other.failures.load(ordering: .relaxed) == 0)
            // Now it came while nobody listened, now at another moment.
            #expect(noticed == ["missed", "told"])
        }
    }

    /// Another program, which changes the ruleset through a socket of its own, on a thread of its own.
    private final class OtherProgram: Sendable {
        private let store = Mutex<KernelRuleset?>(nil)
        let failures = Atomic(0)

        func delete(_ element: Element) {
            do {
                try store.withLock { store in
                    let open = try store ?? KernelRuleset()
                    store = open
                    try open.apply(
                        Transaction([.deleteElements(Fixture.table, set: Fixture.addresses.name, [element])])
                    )
                }
            } catch {
                failures.add(1, ordering: .relaxed)
            }
        }
    }
}
