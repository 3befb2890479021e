import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// A rebuild leaves exactly what is wanted, whatever the tables held: foreign things, or a former version's.
@Suite struct DirtyTableTests {
    /// What somebody else did to the tables of a running node.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let dirty: @Sendable (InMemoryRuleset) throws -> Void

        var testDescription: String { name }
    }

    private static let ours = Table(.ip, "fairlead")
    private static let ours6 = Table(.ip6, "fairlead")
    private static let address: DataType = .address(.ipv4)

    private static let cases: [Case] = [
        Case(name: "nothing") { _ in },
        Case(name: "everything was flushed") { $0.foreignFlush() },
        Case(name: "one table was deleted") { try $0.foreignChange([.deleteTable(ours6)]) },
        Case(name: "the rules were flushed") { try $0.foreignChange([.flushRules(ours)]) },
        Case(name: "an emptied table, without chains and sets") {
            try $0.foreignChange([.deleteTable(ours), .addTable(ours)])
        },
        Case(name: "a foreign rule in one of our chains") {
            try $0.foreignChange([.addRule(ours, chain: "services", Rule([.verdict(.drop)]))])
        },
        Case(name: "foreign chains that lead to each other and to ours, one of them from a hook") {
            try $0.foreignChange([
                .addChain(ours, Chain("a")), .addChain(ours, Chain("b")),
                .addChain(ours, Chain("hooked", base: BaseHook(type: .filter, hook: .input, priority: 7))),
                .addRule(ours, chain: "hooked", Rule([.verdict(.jump("a"))])),
                .addRule(ours, chain: "a", Rule([.verdict(.jump("b"))])),
                .addRule(ours, chain: "b", Rule([.verdict(.jump("reject-chain"))])),
                .addRule(ours, chain: "filter-input", Rule([.verdict(.jump("a"))])),
            ])
        },
        Case(name: "one of our chains is hooked in elsewhere") {
            try $0.foreignChange([
                .deleteTable(ours), .addTable(ours),
                .addChain(ours, Chain("nat-output", base: BaseHook(type: .filter, hook: .output, priority: 5))),
                .addChain(ours, Chain("lb-4", base: BaseHook(type: .filter, hook: .forward, priority: 5))),
            ])
        },
        Case(name: "one of our base chains is no base chain") {
            try $0.foreignChange([
                .deleteTable(ours), .addTable(ours), .addChain(ours, Chain("nat-prerouting")),
                .addChain(ours, Chain("other")),
                .addRule(ours, chain: "other", Rule([.verdict(.goto("nat-prerouting"))])),
            ])
        },
        Case(name: "sets of our names with other keys, as a former version may have had them") {
            let services = SetDeclaration("services", key: [address, .port], content: .verdicts)
            let hairpin = SetDeclaration("hairpin", key: [address])
            try $0.foreignChange([
                .deleteTable(ours), .addTable(ours), .addSet(ours, services), .addSet(ours, hairpin),
                .addChain(ours, Chain("lb-4")), .addChain(ours, Chain("lb-old")),
                .addElements(ours, set: "hairpin", [Element(PackedFields(ip("10.0.0.1")))]),
                .addElements(
                    ours,
                    set: "services",
                    [
                        Element(PackedFields(TransportAddress(ip("10.0.0.1"), port(80))), .verdict(.goto("lb-4"))),
                        Element(PackedFields(TransportAddress(ip("10.0.0.2"), port(80))), .verdict(.goto("lb-old"))),
                    ]
                ),
            ])
        },
        Case(name: "sets that nothing of ours can express, one with a name of ours") { ruleset in
            try ruleset.foreignChange([.deleteTable(ours), .addTable(ours)])
            ruleset.addForeignSet("services", in: ours)
            ruleset.addForeignSet("intervals", in: ours)
        },
        Case(name: "a foreign set beside ours, with verdicts to our chains and to foreign ones") {
            let map = SetDeclaration("foreign-map", key: [address], content: .verdicts)
            try $0.foreignChange([
                .addSet(ours, map), .addChain(ours, Chain("foreign")),
                .addElements(
                    ours,
                    set: "foreign-map",
                    [
                        Element(PackedFields(ip("10.0.0.1")), .verdict(.goto("foreign"))),
                        Element(PackedFields(ip("10.0.0.2")), .verdict(.goto("reject-chain"))),
                    ]
                ),
                .addRule(ours, chain: "foreign", Rule([.verdictMap([.destinationAddress], "foreign-map")])),
            ])
        },
        Case(name: "stale elements in our sets, one of them to a foreign chain") {
            let tuple = PackedFields(ip("10.99.0.1"), .tcp, port(80))
            try $0.foreignChange([
                .addChain(ours, Chain("foreign")),
                .addElements(ours, set: "services", [Element(tuple, .verdict(.goto("foreign")), comment: "gone")]),
                .addElements(ours, set: "cluster-ips", [Element(PackedFields(ip("10.99.0.1")))]),
                .addElements(ours, set: "nodeport-ips", [Element(PackedFields(ip("192.0.2.77")))]),
            ])
        },
        Case(name: "elements of ours with other values, and without them") {
            let tuple = PackedFields(ip("10.96.0.1"), .tcp, port(80))
            try $0.foreignChange([
                .flushSet(ours, name: "services"),
                .addElements(ours, set: "services", [Element(tuple, .verdict(.drop))]),
                .flushSet(ours, name: "endpoints"), .flushSet(ours6, name: "nodeports"),
            ])
        },
        Case(name: "a foreign rule keeps a foreign set in use") {
            let set = SetDeclaration("blocked", key: [address])
            try $0.foreignChange([
                .addSet(ours, set),
                .addRule(
                    ours,
                    chain: "filter-forward",
                    Rule([.member([.sourceAddress], of: "blocked"), .verdict(.drop)])
                ),
            ])
        },
    ]

    private static let cluster = [
        service(
            "web",
            clusterIP(
                "10.96.0.1",
                name: "http",
                does: .forward([endpoint("10.244.1.2:8080", .local), endpoint("10.244.2.2:8080")])
            ),
            clusterIP("fd00:96::1", name: "http", does: .forward([endpoint("[fd00:244::2]:8080", .local)])),
            nodePort(30080, name: "http", does: .forward(endpoints(3))),
            nodePort(30080, .ipv6, name: "http", does: .drop)
        ),
        service("gone", clusterIP("10.96.0.2", 53, .udp, does: .refuse)),
    ]

    private static let foreignTable = Table(.ip, "somebody-else")

    private static let foreignOperations: [Nftables.Operation] = [
        .addTable(foreignTable), .addChain(foreignTable, Chain("services")),
        .addSet(foreignTable, SetDeclaration("services", key: [.port])),
        .addElements(
            foreignTable,
            set: "services",
            [
                Element(
                    {
                        var key = PackedFields(); key.append(port(22)); return key
                    }()
                )
            ]
        ),
        .addRule(foreignTable, chain: "services", Rule([.member([.destinationPort], of: "services")])),
    ]

    @Test(arguments: cases)
    func `a running agent writes everything again`(_ dirt: Case) throws {
        let fresh = try ProgrammedNode(Self.cluster)
        var node = try ProgrammedNode(Self.cluster)
        try dirt.dirty(node.ruleset)
        try node.rebuild()
        #expect(fresh.snapshot.differences(to: node.snapshot).isEmpty)
        // And it goes on as if nothing had happened.
        let change = service("gone", clusterIP("10.96.0.2", 53, .udp, does: .forward(endpoints(2))))
        try node.change(change)
        #expect(DataPlaneState(node.snapshot) == DataPlaneState(of: [Self.cluster[0], change]))
    }

    @Test(arguments: cases)
    func `a new agent finds the tables of another run`(_ dirt: Case) throws {
        let fresh = try ProgrammedNode([Self.cluster[0]])
        let before = try ProgrammedNode(Self.cluster)
        try dirt.dirty(before.ruleset)
        try before.ruleset.foreignChange(Self.foreignOperations)
        let foreign = before.snapshot.tables[Self.foreignTable]
        let plane = DataPlane(configuration: .init())
        var found: [Table: TableContents] = [:]
        for table in plane.tables { found[table] = try before.ruleset.contents(of: table) }
        try before.ruleset.apply(plane.rebuild(replacing: found, changing: [Self.cluster[0]]).transaction)
        var after = before.snapshot
        #expect(after.tables.removeValue(forKey: Self.foreignTable) == foreign, "tables of others are none of ours")
        #expect(fresh.snapshot.differences(to: after).isEmpty)
    }

    @Test(arguments: 0..<40)
    func `whatever another run left, exactly what is wanted stands`(seed: Int) throws {
        var random = RandomCluster(seed: seed)
        let stale = random.cluster()
        let wanted = random.cluster()
        let fresh = try ProgrammedNode(Array(wanted.values))
        let old = DataPlaneConfiguration(
            clusterCIDRs: [prefix("10.244.0.0/16")],
            nodePortAddresses: [.ipv4: .only([ip("192.0.2.1")])]
        )
        let node = try ProgrammedNode(Array(stale.values), configuration: old)
        try #require(Self.cases.randomElement(using: &random)).dirty(node.ruleset)
        let plane = DataPlane(configuration: .init())
        var found: [Table: TableContents] = [:]
        for table in plane.tables { found[table] = try node.ruleset.contents(of: table) }
        let plan = plane.rebuild(replacing: found, changing: wanted.values.sorted { $0.service < $1.service })
        try node.ruleset.apply(plan.transaction)
        #expect(DataPlaneState(node.snapshot) == DataPlaneState(of: wanted.values))
        let chains = node.snapshot.withoutUnreachedChains.tables.mapValues(\.chains)
        #expect(chains == fresh.snapshot.withoutUnreachedChains.tables.mapValues(\.chains))
        #expect(node.snapshot.tables.mapValues(\.foreignSets) == fresh.snapshot.tables.mapValues(\.foreignSets))
        #expect(
            node.snapshot.tables.mapValues { Set($0.sets.keys) }
                == fresh.snapshot.tables.mapValues { Set($0.sets.keys) }
        )
    }

    @Test func `a clean-up deletes what was found, and nothing else`() throws {
        let node = try ProgrammedNode(Self.cluster)
        try node.ruleset.foreignChange(Self.foreignOperations)
        let before = node.snapshot.tables[Self.foreignTable]
        var found: [Table: TableContents] = [:]
        for table in node.plane.tables { found[table] = try node.ruleset.contents(of: table) }
        try node.ruleset.apply(DataPlane.cleanup(of: found))
        #expect(node.snapshot.tables == [Self.foreignTable: try #require(before)])
        #expect(DataPlane.cleanup(of: [:]).isEmpty)
    }
}
