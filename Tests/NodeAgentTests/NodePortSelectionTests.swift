import NetworkAddress
import NodeAgent
import ServiceRules
import Testing

/// Which of the node's addresses node ports are open on (`--nodeport-addresses`).
@Suite struct NodePortSelectionTests {
    // MARK: - Words

    private static let words: [(words: [String], selection: NodePortSelection?)] = [
        ([], .all),
        (["all"], .all),
        (["primary"], .primary),
        (["10.0.0.0/8"], .ranges([prefix("10.0.0.0/8")])),
        (["10.0.0.0/8", "fd00::/8"], .ranges([prefix("10.0.0.0/8"), prefix("fd00::/8")])),
        (["0.0.0.0/0"], .ranges([prefix("0.0.0.0/0")])),
        (["all", "primary"], nil),
        (["primary", "10.0.0.0/8"], nil),
        (["10.0.0.0/8", "all"], nil),
        (["10.0.0.0/33"], nil),
        (["10.0.0.1"], nil),
        (["Primary"], nil),
        ([""], nil),
    ]

    @Test(arguments: words)
    func `words name a selection, or make no sense together`(words: [String], selection: NodePortSelection?) {
        #expect(NodePortSelection(words: words) == selection)
    }

    @Test func `only every address can do without the node`() {
        #expect(!NodePortSelection.all.dependsOnNode)
        #expect(NodePortSelection.primary.dependsOnNode)
        #expect(NodePortSelection.ranges([prefix("10.0.0.0/8")]).dependsOnNode)
    }

    // MARK: - Addresses

    /// A selection on a node, and what it opens.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let words: [String]
        var local: [String] = ["127.0.0.1", "10.0.0.5", "192.168.1.5", "10.0.0.6", "::1", "fd00::5", "fe80::5"]
        var primary: [String] = []
        let ipv4: NodePortAddresses
        let ipv6: NodePortAddresses

        var testDescription: String { name }
    }

    private static func only(_ addresses: String...) -> NodePortAddresses { .only(addresses.map(ip)) }

    private static let cases: [Case] = [
        Case(name: "all, without looking", words: ["all"], local: [], ipv4: .allLocal, ipv6: .allLocal),
        Case(name: "no word means all", words: [], ipv4: .allLocal, ipv6: .allLocal),
        Case(
            name: "the first of each family of the Node object",
            words: ["primary"],
            primary: ["fd00::5", "10.0.0.5", "10.0.0.6", "fd00::6"],
            ipv4: only("10.0.0.5"),
            ipv6: only("fd00::5")
        ),
        Case(
            name: "an external address counts though no interface has it",
            words: ["primary"],
            primary: ["203.0.113.9"],
            ipv4: only("203.0.113.9"),
            ipv6: .only([])
        ),
        Case(name: "a Node object without addresses closes both", words: ["primary"], ipv4: .only([]), ipv6: .only([])),
        Case(
            name: "a range selects its local addresses and closes the other family",
            words: ["10.0.0.0/8"],
            ipv4: only("10.0.0.5", "10.0.0.6"),
            ipv6: .only([])
        ),
        Case(
            name: "ranges of both families",
            words: ["192.168.0.0/16", "10.0.0.6/32", "fd00::/8"],
            ipv4: only("192.168.1.5", "10.0.0.6"),
            ipv6: only("fd00::5")
        ),
        Case(
            name: "a range that holds no local address closes its family",
            words: ["172.16.0.0/12", "fd00::5/128"],
            ipv4: .only([]),
            ipv6: only("fd00::5")
        ),
        Case(
            name: "the Node object's addresses do not matter to ranges",
            words: ["10.0.0.0/8"],
            local: ["192.168.1.5"],
            primary: ["10.0.0.5"],
            ipv4: .only([]),
            ipv6: .only([])
        ),
        Case(
            name: "loopback addresses are never open",
            words: ["127.0.0.0/8", "::/1"],
            ipv4: .only([]),
            ipv6: .only([])
        ),
        Case(name: "all of IPv4, none of IPv6", words: ["0.0.0.0/0"], ipv4: .allLocal, ipv6: .only([])),
        Case(
            name: "all of IPv6, whatever other ranges say",
            words: ["fd00::/8", "::/0", "10.0.0.5/32"],
            ipv4: only("10.0.0.5"),
            ipv6: .allLocal
        ),
    ]

    @Test(arguments: cases)
    func `a selection opens addresses`(_ selected: Case) throws {
        let selection = try #require(NodePortSelection(words: selected.words))
        let resolved = selection.resolve(local: selected.local.map(ip), primary: selected.primary.map(ip))
        #expect(resolved[.ipv4]?.unordered == selected.ipv4.unordered)
        #expect(resolved[.ipv6]?.unordered == selected.ipv6.unordered)
        #expect(resolved.count == 2)
    }
}

private func prefix(_ text: String) -> IPPrefix {
    guard let prefix = IPPrefix(parsing: text) else { preconditionFailure("no range of addresses: \(text)") }
    return prefix
}

extension NodePortAddresses {
    /// The addresses, in an order of their own; nil when all local ones are open.
    fileprivate var unordered: [IPAddress]? {
        if case .only(let addresses) = self { addresses.sorted() } else { nil }
    }
}
