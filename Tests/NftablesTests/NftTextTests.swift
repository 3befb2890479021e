import NetworkAddress
import Nftables
import Testing

/// What `nft list ruleset` of nft 1.0.6 prints for such a ruleset, but for what `NftText` says.
@Suite struct NftTextTests {
    @Test(
        arguments: [
            (Statement.verdict(.jump("services")), "jump services"),
            (.verdict(.goto("lb-2")), "goto lb-2"),
            (.verdict(.return), "return"),
            (.match(.destinationAddress, .isIn(prefix("10.0.0.0/8"))), "ip daddr 10.0.0.0/8"),
            (.match(.destinationAddress, .isNotIn(prefix("127.0.0.0/8"))), "ip daddr != 127.0.0.0/8"),
            (.match(.sourceAddress, .isIn(prefix("10.0.0.1/32"))), "ip saddr 10.0.0.1"),
            (.match(.destinationPort, .equals(80)), "th dport 80"),
            (.match(.transportProtocol, .equals(17)), "meta l4proto udp"),
            (.match(.mark, .equals(0x4000)), "meta mark 0x00004000"),
            (.match(.mark, .hasAnyBit(of: 0x4000)), "meta mark & 0x00004000 != 0x00000000"),
            (.match(.randomNumber(below: 2), .equals(1)), "numgen random mod 2 1"),
            (.match(.connectionState, .hasAnyBit(of: ConnectionState.new)), "ct state new"),
            (.match(.connectionStatus, .hasAnyBit(of: ConnectionStatus.destinationTranslated)), "ct status dnat"),
            (.match(.destinationAddressType, .equals(AddressType.local)), "fib daddr type local"),
            (.member([.sourceAddress, .destinationAddress], of: "hairpin"), "ip saddr . ip daddr @hairpin"),
            (.member([.destinationPort], of: "one", isMember: false), "th dport != @one"),
            (
                .verdictMap([.destinationAddress, .transportProtocol, .destinationPort], "services"),
                "ip daddr . meta l4proto . th dport vmap @services"
            ),
            (
                .destinationNAT([.destinationAddress, .randomNumber(below: 4)], map: "endpoints"),
                "dnat ip to ip daddr . numgen random mod 4 map @endpoints"
            ),
            (.masquerade, "masquerade fully-random"),
            (.reject(.tcpReset), "reject with tcp reset"),
            (.reject(.portUnreachable), "reject"),
            (.setMarkBits(0x4000), "meta mark set meta mark | 0x00004000"),
            (.flipMarkBits(0x4000), "meta mark set meta mark ^ 0x00004000"),
        ]
    )
    func `a statement reads as nft prints it`(_ statement: Statement, _ text: String) {
        #expect(statement.nftText(in: .ip) == text)
    }

    @Test func `addresses of an IPv6 table are called by its name`() {
        let statement = Statement.destinationNAT([.sourceAddress, .destinationAddress], map: "map")
        #expect(statement.nftText(in: .ip6) == "dnat ip6 to ip6 saddr . ip6 daddr map @map")
        #expect(Statement.reject(.portUnreachable).nftText(in: .ip6) == "reject")
    }

    @Test(
        arguments: [
            (Hook.prerouting, Int32(-100), "dstnat"), (.output, -100, "-100"), (.postrouting, 100, "srcnat"),
            (.input, 100, "100"), (.forward, 0, "filter"), (.forward, 10, "filter + 10"), (.forward, 11, "11"),
            (.forward, -10, "filter - 10"), (.prerouting, -301, "raw - 1"), (.prerouting, -290, "raw + 10"),
            (.input, 51, "security + 1"), (.postrouting, 300, "300"), (.prerouting, -150, "mangle"),
        ]
    )
    func `priorities have names where the hook knows them`(_ hook: Hook, _ priority: Int32, _ text: String) {
        let chain = Chain("c", base: BaseHook(type: .filter, hook: hook, priority: priority))
        let table = NftText.describing(Table(.ip, "t"), sets: [], chains: [(chain, [])])
        #expect(table.contains("\t\ttype filter hook \(hook.name) priority \(text); policy accept;\n"))
    }

    @Test func `a table reads as nft lists it`() throws {
        let services = SetDeclaration(
            "services",
            key: [.address(.ipv4), .transportProtocol, .port],
            content: .verdicts
        )
        let endpoints = SetDeclaration(
            "endpoints",
            key: services.key + [.number],
            content: .fields([.address(.ipv4), .port])
        )
        let tuple = PackedFields(IPAddress(10, 96, 0, 1), .tcp, try #require(Port(80)))
        let destination = try #require(TransportAddress(parsing: "10.128.0.1:8080"))
        let text = NftText.describing(
            Table(.ip, "fairlead"),
            sets: [
                (SetDeclaration("hairpin", key: [.address(.ipv4), .address(.ipv4)]), []),
                (
                    services,
                    [
                        Element(tuple, .verdict(.goto("lb-2")), comment: "default/web:http"),
                        Element(PackedFields(IPAddress(10, 96, 0, 2), .udp, try #require(Port(53))), .verdict(.drop)),
                    ]
                ),
                (
                    endpoints,
                    [
                        Element(
                            tuple.appending(number: 10),
                            .fields(PackedFields(destination)),
                            comment: "web-7d9f"
                        )
                    ]
                ),
            ],
            chains: [
                (Chain("lb-2"), [Rule([.verdict(.return)], comment: "a comment")]),
                (
                    Chain("nat-prerouting", base: BaseHook(type: .nat, hook: .prerouting, priority: -100)),
                    [Rule([.match(.mark, .equals(1)), .verdict(.accept)])]
                ),
            ]
        )
        let expected = """
            table ip fairlead {
            \tset hairpin {
            \t\ttype ipv4_addr . ipv4_addr
            \t}

            \tmap services {
            \t\ttype ipv4_addr . inet_proto . inet_service : verdict
            \t\telements = { 10.96.0.1 . tcp . 80 comment "default/web:http" : goto lb-2,
            \t\t\t     10.96.0.2 . udp . 53 : drop }
            \t}

            \tmap endpoints {
            \t\ttypeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport
            \t\telements = { 10.96.0.1 . tcp . 80 . 10 comment "web-7d9f" : 10.128.0.1 . 8080 }
            \t}

            \tchain lb-2 {
            \t\treturn comment "a comment"
            \t}

            \tchain nat-prerouting {
            \t\ttype nat hook prerouting priority dstnat; policy accept;
            \t\tmeta mark 0x00000001 accept
            \t}
            }

            """
        #expect(text == expected)
    }
}

private func prefix(_ text: String) -> IPPrefix {
    guard let prefix = IPPrefix(parsing: text) else { preconditionFailure("no range: \(text)") }
    return prefix
}
