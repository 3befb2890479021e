import LinuxSystem
import NetfilterKernel
import NetworkAddress
import Nftables
import ServiceRules
import Testing

/// What another program, here nft, has put into our table.
@Suite(.needsNetworkNamespaces)
struct ForeignContentsTests {
    /// What a table holds after nft has put something into it.
    private func contents(_ parts: String) throws -> TableContents? {
        try inNewNetworkNamespace {
            try NftProgram().run("table ip fairlead {\n\(parts)\n}")
            return try KernelRuleset().contents(of: Fixture.table)
        }
    }

    @Test(arguments: [
        (what: "a plain set", declared: "type ipv4_addr"),
        (what: "a concatenation", declared: "type ipv4_addr . inet_proto . inet_service"),
        (what: "a verdict map", declared: "type ipv4_addr : verdict"),
        (what: "a set with a comment of its own", declared: "type ipv4_addr; comment \"by hand\""),
    ])
    func `a set that we could have made is told as one of ours`(_ set: (what: String, declared: String)) throws {
        let kind = set.declared.contains(":") ? "map" : "set"
        let contents = try contents("\(kind) theirs { \(set.declared); }")
        #expect(contents?.foreignSets == [])
        #expect(contents?.sets.map(\.name) == ["theirs"])
    }

    @Test(arguments: [
        "set theirs { type ipv4_addr; flags interval; }",
        "set theirs { type ipv4_addr; flags constant; elements = { 10.0.0.1 }; }",
        "set theirs { type ipv4_addr; flags dynamic; }",
        "set theirs { type ipv4_addr; flags timeout; }",
        "set theirs { type ipv4_addr; timeout 1m; }",
        "set theirs { type ipv4_addr; size 100; }",
        "set theirs { type ipv4_addr; policy memory; }",
        "set theirs { type ipv4_addr; counter; }",
        "set theirs { type ifname; }",
        "set theirs { type ipv4_addr . ifname; }",
        "map theirs { type ipv4_addr : ifname; }",
        "map theirs { type ipv4_addr : counter; }",
    ])
    func `a set that we never make is foreign`(_ set: String) throws {
        let contents = try contents(set)
        #expect(contents?.foreignSets == ["theirs"])
        #expect(contents?.sets == [])
    }

    @Test(arguments: [
        (what: "a counter", declared: "counter theirs { }", isForeign: true),
        (what: "a limit", declared: "limit theirs { rate 1/second; }", isForeign: true),
        (what: "a quota", declared: "quota theirs { 1 mbytes }", isForeign: true),
        (what: "a chain", declared: "chain ours { }", isForeign: false),
    ])
    func `an object with a state of its own is foreign`(
        _ object: (what: String, declared: String, isForeign: Bool)
    ) throws {
        #expect(try contents(object.declared)?.hasForeignObjects == object.isForeign)
    }

    @Test(arguments: [
        "type filter hook input priority 0; policy drop;",
        "type route hook output priority 0;",
    ])
    func `a chain that we never make is foreign`(_ hook: String) throws {
        let contents = try contents("chain theirs { \(hook) }")
        #expect(contents?.foreignChains == ["theirs"])
        #expect(contents?.chains == [:])
    }

    @Test func `chains that we could have made are told with their rules`() throws {
        let contents = try contents(
            """
            chain theirs { accept; counter drop; }
            chain hooked { type nat hook postrouting priority srcnat - 5; jump theirs; }
            """
        )
        let hook = BaseHook(type: .nat, hook: .postrouting, priority: 95)
        #expect(contents == TableContents(chains: [Chain("theirs"): 2, Chain("hooked", base: hook): 1]))
    }

    @Test func `what belongs to a rule is not told: it goes with the rule`() throws {
        let contents = try contents(
            """
            chain theirs {
                ip saddr { 10.0.0.1, 10.0.0.2 } accept
                ip daddr vmap { 10.0.0.1 : drop }
                jump { ip saddr 10.0.0.3 drop; }
            }
            """
        )
        #expect(contents == TableContents(chains: [Chain("theirs"): 3]))
    }

    @Test(arguments: TableFamily.allCases)
    func `a rebuild removes whatever is foreign, piece by piece`(_ family: TableFamily) throws {
        let table = Table(family, "fairlead")
        let plane = DataPlane(configuration: DataPlaneConfiguration())
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            try store.apply(plane.rebuild(replacing: [:]).transaction)
            let ours = try store.contents(of: table)
            let (loopback, other) = family == .ip ? ("127.0.0.1", "10.0.0.1") : ("::1", "fd00::1")
            let address = "\(family.rawValue) saddr"
            try NftProgram().run(
                """
                add set \(table) intervals { typeof \(address); flags interval; elements = { \(other) }; }
                add chain \(table) theirs
                add chain \(table) hooked { type filter hook input priority 5; policy drop; }
                add rule \(table) theirs \(address) @intervals accept
                add rule \(table) theirs \(address) { \(loopback), \(other) } accept
                add rule \(table) services jump { \(address) \(other) drop; }
                add rule \(table) hooked \(address) vmap { \(loopback) : accept, \(other) : jump theirs }
                flush chain \(table) nat-prerouting
                """
            )
            var found: [Table: TableContents] = [:]
            for table in plane.tables { found[table] = try store.contents(of: table) }
            #expect(found[table]?.foreignSets == ["intervals"])
            #expect(found[table]?.foreignChains == ["hooked"])
            try store.apply(plane.rebuild(replacing: found).transaction)
            #expect(try store.contents(of: table) == ours)
        }
    }

    @Test func `a table that was made dormant wakes up when it is made again`() throws {
        try inNewNetworkNamespace {
            let nft = try NftProgram()
            let store = try KernelRuleset()
            let chain = Chain("base", base: BaseHook(type: .filter, hook: .input, priority: 0))
            let making = Transaction([.addTable(Fixture.table), .addChain(Fixture.table, chain)])
            try store.apply(making)
            try nft.run("add table ip fairlead { flags dormant; }")
            #expect(try nft.listing().contains("flags dormant"))
            try store.apply(making)
            #expect(try !nft.listing().contains("dormant"))
        }
    }
}
