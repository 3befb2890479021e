internal import NetworkAddress
internal import Nftables

extension RulesetStoreContract {
    static let rules: [Case] = [
        Case("every statement and comparison is taken") { bench in
            let prefix = IPPrefix(holding: bench.address(0), length: 12)
            let nat = Chain("nat-prerouting", base: BaseHook(type: .nat, hook: .prerouting, priority: -100))
            let source = Chain("nat-postrouting", base: BaseHook(type: .nat, hook: .postrouting, priority: 100))
            let filter = Chain("filter-forward", base: BaseHook(type: .filter, hook: .forward, priority: 0))
            let rules: [(chain: Chain, statements: [Statement])] = [
                (nat, [.match(.sourceAddress, .isIn(prefix)), .setMarkBits(0x4000)]),
                (nat, [.match(.destinationAddress, .isNotIn(prefix)), .verdict(.return)]),
                (nat, [.match(.destinationAddress, .isIn(IPPrefix(holding: bench.address(1), length: 0)))]),
                (
                    nat,
                    [
                        .match(
                            .destinationAddress,
                            .isIn(IPPrefix(holding: bench.address(1), length: bench.family.addressBits))
                        )
                    ]
                ),
                (nat, [.match(.destinationAddressType, .equals(AddressType.local))]),
                (nat, [.member([.destinationAddress], of: bench.addresses.name), .verdict(.accept)]),
                (nat, [.member([.destinationAddress], of: bench.addresses.name, isMember: false)]),
                (nat, [.verdictMap(ContractBench.serviceFields, bench.services.name)]),
                // A map answers whether it has a key, too.
                (nat, [.member(ContractBench.serviceFields, of: bench.services.name)]),
                (nat, [.destinationNAT(ContractBench.endpointFields, map: bench.endpoints.name)]),
                (source, [.match(.mark, .hasAnyBit(of: 0x4000)), .flipMarkBits(0x4000), .masquerade]),
                (
                    source,
                    [
                        .match(.connectionStatus, .hasAnyBit(of: ConnectionStatus.destinationTranslated)),
                        .masquerade,
                    ]
                ),
                (filter, [.match(.connectionState, .hasAnyBit(of: ConnectionState.new)), .verdict(.jump("target"))]),
                (filter, [.match(.transportProtocol, .equals(6)), .reject(.tcpReset)]),
                (filter, [.match(.destinationPort, .equals(80)), .reject(.portUnreachable)]),
                (filter, [.match(.mark, .equals(1)), .verdict(.drop)]),
                (filter, [.match(.randomNumber(below: 2), .equals(1)), .verdict(.goto("target"))]),
            ]
            var transaction = Transaction([
                .addChain(bench.table, nat), .addChain(bench.table, source), .addChain(bench.table, filter),
                .addChain(bench.table, Chain("target")), .addSet(bench.table, bench.addresses),
                .addSet(bench.table, bench.services), .addSet(bench.table, bench.endpoints),
            ])
            for (chain, statements) in rules {
                transaction.append(.addRule(bench.table, chain: chain.name, Rule(statements, comment: "a rule")))
            }
            try bench.store.apply(transaction)
            try bench.expectEqual(
                bench.contents().chains,
                [nat: 10, source: 2, filter: 5, Chain("target"): 0],
                "the chains"
            )
        },
        Case("flushing the rules leaves chains, sets and elements") { bench in
            let base = Chain("base", base: BaseHook(type: .filter, hook: .input, priority: 0))
            let element = Element(PackedFields(bench.address(1)))
            try bench.apply(
                .addChain(bench.table, base),
                .addChain(bench.table, Chain("target")),
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, [element]),
                .addRule(bench.table, chain: "base", Rule([.verdict(.jump("target"))])),
                .addRule(bench.table, chain: "base", Rule([.member([.destinationAddress], of: bench.addresses.name)])),
                .addRule(bench.table, chain: "target", Rule([.verdict(.accept)]))
            )
            try bench.apply(.flushRules(bench.table))
            try bench.expectEqual(
                bench.contents(),
                TableContents(chains: [base: 0, Chain("target"): 0], sets: [bench.addresses]),
                "the table"
            )
            try bench.expectElements(bench.addresses, [element])
        },
        Case("rules can be flushed and made anew in one transaction") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("a")),
                .addRule(bench.table, chain: "a", Rule([.verdict(.accept)])),
                .addRule(bench.table, chain: "a", Rule([.verdict(.accept)]))
            )
            try bench.apply(
                .flushRules(bench.table),
                .addRule(bench.table, chain: "a", Rule([.verdict(.drop)]))
            )
            try bench.expectEqual(bench.contents().chains, [Chain("a"): 1], "the chains")
        },
        Case("a rule that names what is not there is refused") { bench in
            try bench.apply(.addChain(bench.table, Chain("chain")))
            func rule(in chain: String = "chain", _ statement: Statement) -> Operation {
                .addRule(bench.table, chain: chain, Rule([statement]))
            }
            try bench.expectRefusal(
                [
                    rule(in: "missing", .verdict(.accept)),
                    rule(.verdict(.jump("missing"))),
                    rule(.verdict(.goto("missing"))),
                    rule(.member([.destinationAddress], of: "missing")),
                    rule(.verdictMap([.destinationAddress], "missing")),
                    rule(.destinationNAT([.destinationAddress], map: "missing")),
                ],
                .init(0, .notFound),
                .init(1, .notFound),
                .init(2, .notFound),
                .init(3, .notFound),
                .init(4, .notFound),
                .init(5, .notFound)
            )
        },
        Case("a lookup that the set cannot answer is refused") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("chain")),
                .addSet(bench.table, bench.addresses),
                .addSet(bench.table, bench.endpoints),
                .addSet(bench.table, bench.services)
            )
            func rule(_ statement: Statement) -> Operation { .addRule(bench.table, chain: "chain", Rule([statement])) }
            try bench.expectRefusal(
                [
                    rule(.verdictMap([.destinationAddress], bench.addresses.name)),
                    rule(.verdictMap(ContractBench.endpointFields, bench.endpoints.name)),
                    rule(.destinationNAT([.destinationAddress], map: bench.addresses.name)),
                    rule(.destinationNAT(ContractBench.serviceFields, map: bench.services.name)),
                    // The kernel notices a key that is too short by its registers that nothing was loaded into (ENODATA).
                    rule(.verdictMap([.destinationAddress], bench.services.name)),
                ],
                .init(0, .invalid),
                .init(1, .invalid),
                .init(2, .invalid),
                .init(3, .invalid),
                .init(4, .invalid, KernelReason(rawValue: 61))
            )
        },
        Case("packets cannot be sent to a base chain") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("base", base: BaseHook(type: .filter, hook: .input, priority: 0))),
                .addChain(bench.table, Chain("chain")),
                .addSet(bench.table, bench.services)
            )
            let element = Element(try bench.tuple(1), .verdict(.goto("base")))
            try bench.expectRefusal(
                [
                    .addRule(bench.table, chain: "chain", Rule([.verdict(.jump("base"))])),
                    .addElements(bench.table, set: bench.services.name, [element]),
                ],
                .init(0, .unsupported),
                .init(1, element: 0, .unsupported)
            )
        },
    ]
}
