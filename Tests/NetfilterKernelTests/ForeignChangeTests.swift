import Glibc
import LinuxSystem
import Nftables
import Testing

@testable import NetfilterKernel

/// What another program, here nft, changes in our tables is news.
@Suite(.needsNetworkNamespaces)
struct ForeignChangeTests {
    /// What the tables hold before nft changes them; handles of rules count from the chain's own on.
    private static let before: [Nftables.Operation] = TableFamily.allCases.flatMap { family -> [Nftables.Operation] in
        let table = Table(family, "fairlead")
        let address = SetDeclaration("addresses", key: [.address(family.addressFamily)])
        return [
            .addTable(table), .addSet(table, address), .addChain(table, Chain("services")),
            .addRule(table, chain: "services", Rule([.verdict(.accept)])),
        ]
    }

    /// Lets a script change the ruleset, and returns what the monitor says then.
    private func news(of script: String) throws -> RulesetNews {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let monitor = try RulesetMonitor(ignoringChangesBy: store.portID)
            try store.apply(
                Transaction(Self.before + [.addTable(Table(.ip, "other")), .addChain(Table(.ip, "other"), Chain("c"))])
            )
            try store.apply(
                Transaction([.addElements(Fixture.table, set: "addresses", Fixture.elements(1..<3))])
            )
            #expect(!isReadable(monitor.descriptor))
            try NftProgram().run(script)
            #expect(isReadable(monitor.descriptor))
            let news = try monitor.read(aboutTablesNamed: "fairlead")
            #expect(!isReadable(monitor.descriptor))
            #expect(try monitor.read(aboutTablesNamed: "fairlead") == RulesetNews())
            return news
        }
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // One structure, as the count says.
        return unsafe poll(&request, 1, 0) == 1
    }

    struct Case: CustomTestStringConvertible {
        let script: String
        let told: [String]
        var testDescription: String { script }

        init(_ script: String, _ told: String...) {
            self.script = script
            self.told = told
        }
    }

    @Test(arguments: [
        Case("add element ip fairlead addresses { 10.0.0.9 }", "added an element to \"addresses\""),
        Case("delete element ip fairlead addresses { 10.0.0.1 }", "deleted an element of \"addresses\""),
        Case("add rule ip fairlead services drop", "added a rule to chain \"services\""),
        Case("flush table ip fairlead", "deleted a rule of chain \"services\""),
        Case("flush chain ip fairlead services", "deleted a rule of chain \"services\""),
        Case("add chain ip fairlead theirs", "made chain \"theirs\""),
        Case("add set ip fairlead theirs { type ipv4_addr; }", "made set \"theirs\""),
        Case("delete set ip fairlead addresses", "deleted set \"addresses\""),
        Case(
            "delete table ip fairlead",
            "deleted the table itself"
        ),
        Case("add table ip fairlead { flags dormant; }", "changed the table itself"),
        Case(
            "add chain ip fairlead theirs; delete chain ip fairlead theirs",
            "made chain \"theirs\"",
            "deleted chain \"theirs\""
        ),
    ])
    func `a change of our table is told`(_ change: Case) throws {
        let news = try news(of: change.script)
        #expect(news.changes.map(\.what) == change.told)
        #expect(news.changes.allSatisfy { $0.table == Table(.ip, "fairlead") })
        #expect(!news.isOverrun)
    }

    @Test func `the table of the other family is ours too`() throws {
        let news = try news(of: "add element ip6 fairlead addresses { fd00::1 }")
        let change = try #require(news.changes.first)
        #expect(news.changes.count == 1)
        #expect(change.table == Table(.ip6, "fairlead"))
        #expect("\(change)" == "another program added an element to \"addresses\" in table ip6 fairlead")
    }

    @Test func `flushing the ruleset is a change of both tables`() throws {
        let news = try news(of: "flush ruleset")
        let deleted = news.changes.filter { $0.what == "deleted the table itself" }.map(\.table)
        #expect(Set(deleted) == [Table(.ip, "fairlead"), Table(.ip6, "fairlead")])
    }

    @Test(arguments: [
        "delete table ip other",
        "add rule ip other c accept",
        "add table inet fairlead; add chain inet fairlead services; add rule inet fairlead services drop",
        "add table ip fairlead2; add set ip fairlead2 addresses { type ipv4_addr; }",
        "add table bridge fairlead",
    ])
    func `changes elsewhere are not news`(_ script: String) throws {
        #expect(try news(of: script) == RulesetNews())
    }

    @Test func `changes of another store of ours are news`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let monitor = try RulesetMonitor(ignoringChangesBy: store.portID)
            try KernelRuleset().apply(Transaction([.addTable(Fixture.table)]))
            let told = try monitor.read(aboutTablesNamed: Fixture.table.name).changes.map(\.what)
            #expect(told == ["changed the table itself"])
        }
    }

    @Test func `of many changes the first are told, and the others are read`() throws {
        let rules = (0..<200).map { _ in "add rule ip fairlead services drop" }
        let news = try news(of: rules.joined(separator: "\n"))
        #expect(news.changes.count == RulesetMonitor.changesMax)
    }

    @Test func `lost notifications are told as an overrun, once`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let monitor = try RulesetMonitor(ignoringChangesBy: store.portID, receiveQueueBytes: 4096)
            let elements = Fixture.elements(0..<1000)
            try KernelRuleset().apply(
                Transaction(Fixture.made + [.addElements(Fixture.table, set: Fixture.addresses.name, elements)])
            )
            #expect(try monitor.read(aboutTablesNamed: Fixture.table.name).isOverrun)
            #expect(try monitor.read(aboutTablesNamed: Fixture.table.name) == RulesetNews())
            // Listening goes on.
            try NftProgram().run("delete element ip fairlead cluster-ips { 10.0.0.7 }")
            let news = try monitor.read(aboutTablesNamed: Fixture.table.name)
            #expect(news.changes.map(\.what) == ["deleted an element of \"cluster-ips\""])
            #expect(!news.isOverrun)
        }
    }
}
