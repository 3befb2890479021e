import NetworkAddress
import Nftables
import NftablesTestKit
import Testing

/// The walk through chains and hooks, statement by statement.
@Suite struct PacketTracerTests {
    private let ruleset = InMemoryRuleset()
    private let table = Table(.ip, "fairlead")
    private let node = IPAddress(192, 168, 0, 10)

    init() throws { try ruleset.apply(Transaction([.addTable(table)])) }

    private func chain(
        _ name: String,
        _ base: (type: BaseHook.ChainType, hook: Hook, priority: Int32)? = nil,
        _ rules: [Statement]...
    ) throws {
        let hook = base.map { BaseHook(type: $0.type, hook: $0.hook, priority: $0.priority) }
        var transaction = Transaction([.addChain(table, Chain(name, base: hook))])
        for rule in rules { transaction.append(.addRule(table, chain: name, Rule(rule))) }
        try ruleset.apply(transaction)
    }

    /// Makes a map without a key of its own that translates every packet to one destination.
    private func destinationMap(_ name: String, to destination: String) throws -> Statement {
        let map = SetDeclaration(name, key: [.transportProtocol], content: .fields([.address(.ipv4), .port]))
        var key = PackedFields()
        key.append(TransportProtocol.tcp)
        let address = try #require(TransportAddress(parsing: destination))
        try ruleset.apply(
            Transaction([
                .addSet(table, map),
                .addElements(table, set: name, [Element(key, .fields(PackedFields(address)))]),
            ])
        )
        return .destinationNAT([.transportProtocol], map: name)
    }

    private func trace(
        from source: String = "10.0.0.1",
        to destination: String = "10.0.0.2:80",
        _ transport: TransportProtocol = .tcp,
        _ path: Packet.Path = .received,
        mark: UInt32 = 0,
        connection: Packet.Connection = .new
    ) throws -> PacketOutcome {
        let packet = Packet(
            from: try #require(IPAddress(parsing: source)),
            to: try #require(TransportAddress(parsing: destination)),
            transport: transport,
            mark: mark,
            connection: connection
        )
        return PacketTracer(ruleset, nodeAddresses: [node]).trace(packet, path)
    }

    private let forward = (type: BaseHook.ChainType.filter, hook: Hook.forward, priority: Int32(0))

    // MARK: - Chains

    @Test func `a jump comes back after its rule, a goto to where its chain was jumped from`() throws {
        try chain("jumped-to", nil, [.setMarkBits(1)], [.verdict(.return)], [.setMarkBits(0x100)])
        try chain("gone-to", nil, [.setMarkBits(2)])
        try chain("between", nil, [.setMarkBits(4)], [.verdict(.goto("gone-to"))], [.setMarkBits(0x200)])
        try chain(
            "base",
            forward,
            [.verdict(.jump("jumped-to"))],
            [.verdict(.jump("between"))],
            [.setMarkBits(8)],
            [.verdict(.goto("gone-to"))],
            [.setMarkBits(0x400)]
        )
        #expect(try trace().mark == 1 | 2 | 4 | 8)
    }

    @Test func `an accept ends its base chain, a drop ends the packet`() throws {
        try chain("jumped-to", nil, [.verdict(.accept)])
        try chain("first", forward, [.verdict(.jump("jumped-to"))], [.setMarkBits(0x100)])
        try chain("second", (.filter, .forward, 1), [.setMarkBits(1)])
        #expect(try trace().mark == 1)
        try chain("third", (.filter, .forward, 2), [.verdict(.drop)])
        try chain("fourth", (.filter, .forward, 3), [.setMarkBits(0x200)])
        let outcome = try trace()
        #expect(outcome.verdict == .dropped(at: .forward))
        #expect(outcome.mark == 1)
    }

    @Test func `chains of a hook run by priority, and the younger of two with one priority first`() throws {
        try chain("late", (.filter, .forward, 5), [.match(.mark, .equals(0b111)), .setMarkBits(0b1000)])
        try chain("older", forward, [.match(.mark, .equals(0b11)), .setMarkBits(0b100)])
        try chain("younger", forward, [.match(.mark, .equals(0b1)), .setMarkBits(0b10)])
        try chain("early", (.filter, .forward, -5), [.match(.mark, .equals(0)), .setMarkBits(0b1)])
        #expect(try trace().mark == 0b1111)
    }

    @Test func `the chains of all tables see the packet`() throws {
        try chain("here", forward, [.setMarkBits(1)])
        let other = Table(.ip, "other")
        let base = BaseHook(type: .filter, hook: .forward, priority: 1)
        try ruleset.apply(
            Transaction([
                .addTable(other), .addChain(other, Chain("there", base: base)),
                .addRule(other, chain: "there", Rule([.match(.mark, .equals(1)), .setMarkBits(2)])),
            ])
        )
        #expect(try trace().mark == 3)
    }

    // MARK: - Hooks

    @Test(
        arguments: [
            ("10.0.0.2:80", Packet.Path.received, "prerouting forward postrouting"),
            ("192.168.0.10:80", .received, "prerouting input"),
            ("127.0.0.1:80", .received, "prerouting input"),
            ("10.0.0.2:80", .locallyGenerated, "output postrouting"),
            ("192.168.0.10:80", .locallyGenerated, "output postrouting prerouting input"),
        ]
    )
    func `a packet passes the hooks of its path`(_ to: String, _ path: Packet.Path, _ hooks: String) throws {
        for hook in [Hook.prerouting, .input, .forward, .output, .postrouting] {
            try chain("at-\(hook.name)", (.filter, hook, 0))
        }
        let steps = try trace(to: to, .tcp, path).steps
        #expect(steps.map { $0.prefix { $0 != ":" } }.joined(separator: " ") == hooks)
    }

    @Test func `routing follows the translation`() throws {
        let inward = try destinationMap("inward", to: "192.168.0.10:8080")
        try chain("nat", (.nat, .prerouting, -100), [inward])
        try chain("input", (.filter, .input, 0), [.match(.destinationPort, .equals(8080)), .reject(.tcpReset)])
        #expect(try trace().verdict == .refused(.tcpReset, at: .input))
    }

    @Test func `a TCP reset answers nothing but TCP`() throws {
        try chain("base", forward, [.reject(.tcpReset)])
        #expect(try trace().verdict == .refused(.tcpReset, at: .forward))
        #expect(try trace(.udp).verdict == .dropped(at: .forward))
    }

    // MARK: - Translation

    @Test func `nat chains run in one place, whatever their priorities are`() throws {
        // As measured on the kernel: the filter chain sees the translated port, though the nat chain's number is higher.
        let elsewhere = try destinationMap("elsewhere", to: "10.0.0.9:81")
        try chain("nat", (.nat, .output, 50), [elsewhere])
        try chain("filter", (.filter, .output, 0), [.match(.destinationPort, .equals(81)), .setMarkBits(1)])
        try chain("raw", (.filter, .output, -300), [.match(.destinationPort, .equals(80)), .setMarkBits(2)])
        let outcome = try trace(.tcp, .locallyGenerated)
        #expect(outcome.verdict == .delivered("10.0.0.9:81"))
        #expect(outcome.mark == 3)
    }

    @Test func `the first nat chain that translates is the last one that is asked`() throws {
        let first = try destinationMap("first", to: "10.0.0.9:81")
        let second = try destinationMap("second", to: "10.0.0.10:82")
        try chain("undecided", (.nat, .prerouting, -102), [.verdict(.accept)])
        try chain("decided", (.nat, .prerouting, -101), [first], [.setMarkBits(1)])
        try chain("late", (.nat, .prerouting, -100), [second])
        let outcome = try trace()
        #expect(outcome.verdict == .delivered("10.0.0.9:81"))
        #expect(outcome.mark == 0)
    }

    @Test func `a connection that the node sends to itself is translated once`() throws {
        let out = try destinationMap("out", to: "192.168.0.10:81")
        let again = try destinationMap("again", to: "192.168.0.10:82")
        try chain("output", (.nat, .output, -100), [out])
        try chain("prerouting", (.nat, .prerouting, -100), [again])
        try chain("postrouting", (.nat, .postrouting, 100), [.verdict(.accept)])
        try chain("input", (.nat, .input, 100), [.verdict(.drop)])
        #expect(try trace(.tcp, .locallyGenerated).verdict == .delivered("192.168.0.10:81"))
    }

    @Test func `a translation to where the packet goes anyway is none`() throws {
        let same = try destinationMap("same", to: "10.0.0.2:80")
        let status = Statement.match(.connectionStatus, .hasAnyBit(of: ConnectionStatus.destinationTranslated))
        try chain("nat", (.nat, .prerouting, -100), [same])
        try chain("base", forward, [status, .setMarkBits(1)])
        #expect(try trace().mark == 0)
        #expect(try trace(to: "10.0.0.3:80").mark == 1)
    }

    @Test func `a masquerade is told and ends the chain`() throws {
        try chain("nat", (.nat, .postrouting, 100), [.masquerade], [.setMarkBits(1)])
        let outcome = try trace()
        #expect(outcome.verdict == .delivered("10.0.0.2:80", masqueraded: true))
        #expect(outcome.mark == 0)
        #expect(try trace(connection: .established()).verdict == .delivered("10.0.0.2:80"))
    }

    @Test func `the packets after the first go where the first went`() throws {
        let moved = try destinationMap("moved", to: "10.0.0.9:81")
        let status = Statement.match(.connectionStatus, .hasAnyBit(of: ConnectionStatus.destinationTranslated))
        try chain("nat", (.nat, .prerouting, -100), [moved])
        try chain("base", forward, [status, .match(.destinationPort, .equals(8080)), .setMarkBits(1)])
        let first = try #require(TransportAddress(parsing: "10.0.0.7:8080"))
        let outcome = try trace(connection: .established(translatedTo: first))
        #expect(outcome.verdict == .delivered("10.0.0.7:8080"))
        #expect(outcome.mark == 1)
    }

    // MARK: - Statements and comparisons

    @Test(
        arguments: [
            ("source in range", Statement.match(.sourceAddress, .isIn(prefix("10.0.0.0/24"))), true),
            ("source out of range", .match(.sourceAddress, .isIn(prefix("10.0.1.0/24"))), false),
            ("source not in range", .match(.sourceAddress, .isNotIn(prefix("10.0.1.0/24"))), true),
            ("destination in range", .match(.destinationAddress, .isIn(prefix("10.0.0.2/32"))), true),
            ("destination not in range", .match(.destinationAddress, .isNotIn(prefix("10.0.0.2/32"))), false),
            ("protocol", .match(.transportProtocol, .equals(6)), true),
            ("other protocol", .match(.transportProtocol, .equals(17)), false),
            ("port", .match(.destinationPort, .equals(80)), true),
            ("other port", .match(.destinationPort, .equals(0x5000)), false),
            ("mark", .match(.mark, .equals(0x20)), true),
            ("bit of the mark", .match(.mark, .hasAnyBit(of: 0x60)), true),
            ("other bits of the mark", .match(.mark, .hasAnyBit(of: 0x40)), false),
            ("new", .match(.connectionState, .hasAnyBit(of: ConnectionState.new)), true),
            ("not translated", .match(.connectionStatus, .hasAnyBit(of: .max)), false),
            ("not local", .match(.destinationAddressType, .equals(AddressType.local)), false),
            ("unicast", .match(.destinationAddressType, .equals(1)), true),
            ("random", .match(.randomNumber(below: 1), .equals(0)), true),
            ("member", .member([.sourceAddress, .destinationAddress], of: "pairs"), true),
            ("member the other way round", .member([.destinationAddress, .sourceAddress], of: "pairs"), false),
            ("no member", .member([.destinationAddress, .sourceAddress], of: "pairs", isMember: false), true),
            ("member, negated", .member([.sourceAddress, .destinationAddress], of: "pairs", isMember: false), false),
            ("mark as a key", .member([.mark], of: "marks"), true),
            ("flipped mark", .flipMarkBits(0x20), true),
        ]
    )
    func `a rule goes on as its statement says`(_ name: String, _ statement: Statement, _ goesOn: Bool) throws {
        let pairs = SetDeclaration("pairs", key: [.address(.ipv4), .address(.ipv4)])
        let marks = SetDeclaration("marks", key: [.number])
        try ruleset.apply(
            Transaction([
                .addSet(table, pairs), .addSet(table, marks),
                .addElements(
                    table,
                    set: "pairs",
                    [Element(PackedFields(IPAddress(10, 0, 0, 1), IPAddress(10, 0, 0, 2)))]
                ),
                .addElements(table, set: "marks", [Element(PackedFields(number: 0x20))]),
            ])
        )
        try chain("base", forward, [statement, .setMarkBits(1)], [.setMarkBits(2)])
        #expect(try trace(mark: 0x20).mark & 3 == (goesOn ? 3 : 2), "\(name)")
    }

    @Test func `marks are set and turned over bit by bit`() throws {
        try chain("base", forward, [.setMarkBits(0b0110)], [.flipMarkBits(0b0011)])
        #expect(try trace(mark: 0b1000).mark == 0b1101)
    }

    @Test func `a verdict map without an answer ends its rule`() throws {
        let map = SetDeclaration("verdicts", key: [.number], content: .verdicts)
        try ruleset.apply(
            Transaction([
                .addSet(table, map),
                .addElements(table, set: "verdicts", [Element(PackedFields(number: 1), .verdict(.drop))]),
            ])
        )
        try chain("base", forward, [.verdictMap([.mark], "verdicts"), .setMarkBits(0x100)], [.setMarkBits(0x200)])
        #expect(try trace(mark: 0).mark == 0x200)
        #expect(try trace(mark: 1).verdict == .dropped(at: .forward))
    }

    @Test func `tables of IPv6 see packets of IPv6 with their fields`() throws {
        let table = Table(.ip6, "fairlead")
        let map = SetDeclaration("services", key: [.address(.ipv6), .transportProtocol, .port], content: .verdicts)
        let address = try #require(IPAddress(parsing: "fd00:96::1"))
        let base = BaseHook(type: .filter, hook: .forward, priority: 0)
        let rule = Rule([.verdictMap([.destinationAddress, .transportProtocol, .destinationPort], "services")])
        let key = PackedFields(address, .sctp, try #require(Port(80)))
        try ruleset.apply(
            Transaction([
                .addTable(table), .addSet(table, map), .addChain(table, Chain("base", base: base)),
                .addRule(table, chain: "base", rule),
                .addElements(table, set: "services", [Element(key, .verdict(.drop))]),
            ])
        )
        #expect(try trace(from: "fd00::1", to: "[fd00:96::1]:80", .sctp).verdict == .dropped(at: .forward))
        #expect(try trace(from: "fd00::1", to: "[fd00:96::1]:80", .tcp).verdict == .delivered("[fd00:96::1]:80"))
    }
}

private func prefix(_ text: String) -> IPPrefix {
    guard let prefix = IPPrefix(parsing: text) else { preconditionFailure("no range: \(text)") }
    return prefix
}
