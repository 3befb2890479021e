internal import Nftables

extension RulesetStoreContract {
    static let chains: [Case] = [
        Case("chains are listed with their hooks and their numbers of rules") { bench in
            let chains = [
                Chain("regular"),
                Chain("nat-prerouting", base: BaseHook(type: .nat, hook: .prerouting, priority: -100)),
                Chain("nat-output", base: BaseHook(type: .nat, hook: .output, priority: -100)),
                Chain("nat-input", base: BaseHook(type: .nat, hook: .input, priority: 100)),
                Chain("nat-postrouting", base: BaseHook(type: .nat, hook: .postrouting, priority: 100)),
                Chain("filter-prerouting", base: BaseHook(type: .filter, hook: .prerouting, priority: -310)),
                Chain("filter-input", base: BaseHook(type: .filter, hook: .input, priority: 0)),
                Chain("filter-forward", base: BaseHook(type: .filter, hook: .forward, priority: 10)),
                Chain("filter-output", base: BaseHook(type: .filter, hook: .output, priority: 0)),
                Chain("filter-postrouting", base: BaseHook(type: .filter, hook: .postrouting, priority: 300)),
            ]
            var transaction = Transaction(chains.map { .addChain(bench.table, $0) })
            for _ in 0..<3 { transaction.append(.addRule(bench.table, chain: "regular", Rule([.verdict(.accept)]))) }
            transaction.append(.addRule(bench.table, chain: "filter-input", Rule([.verdict(.jump("regular"))])))
            try bench.store.apply(transaction)
            var expected = Dictionary(uniqueKeysWithValues: chains.map { ($0, 0) })
            expected[chains[0]] = 3
            expected[chains[6]] = 1
            try bench.expectEqual(bench.contents(), TableContents(chains: expected), "the table")
        },
        Case("a chain that exists may be made again, and keeps its rules") { bench in
            let base = Chain("base", base: BaseHook(type: .filter, hook: .input, priority: 0))
            try bench.apply(
                .addChain(bench.table, base),
                .addChain(bench.table, Chain("regular")),
                .addRule(bench.table, chain: "base", Rule([.verdict(.accept)])),
                .addRule(bench.table, chain: "regular", Rule([.verdict(.accept)]))
            )
            try bench.apply(.addChain(bench.table, base), .addChain(bench.table, Chain("regular")))
            try bench.expectEqual(bench.contents().chains, [base: 1, Chain("regular"): 1], "the chains")
        },
        Case("a chain cannot be made again with another base") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("base", base: BaseHook(type: .filter, hook: .input, priority: 0))),
                .addChain(bench.table, Chain("regular"))
            )
            func again(_ name: String, _ type: BaseHook.ChainType, _ hook: Hook, _ priority: Int32) -> Operation {
                .addChain(bench.table, Chain(name, base: BaseHook(type: type, hook: hook, priority: priority)))
            }
            try bench.expectRefusal(
                [
                    again("base", .filter, .forward, 0),
                    again("base", .filter, .input, 1),
                    again("base", .nat, .input, 0),
                    again("regular", .filter, .input, 0),
                ],
                .init(0, .unsupported),
                .init(1, .unsupported),
                .init(2, .exists),
                // EOPNOTSUPP when the message names a policy, EEXIST when it does not.
                .init(3, .unsupported, .exists)
            )
        },
        Case("a nat chain cannot be hooked in where nothing is translated") { bench in
            try bench.expectRefusal(
                [
                    .addChain(bench.table, Chain("forward", base: BaseHook(type: .nat, hook: .forward, priority: 0))),
                    .addChain(
                        bench.table,
                        Chain("before-conntrack", base: BaseHook(type: .nat, hook: .prerouting, priority: -200))
                    ),
                ],
                .init(0, .unsupported),
                .init(1, .unsupported)
            )
        },
        Case("an empty chain that nothing leads to can be deleted") { bench in
            try bench.apply(.addChain(bench.table, Chain("a")), .addChain(bench.table, Chain("b")))
            try bench.apply(.deleteChain(bench.table, name: "a"))
            try bench.expectEqual(bench.contents().chains, [Chain("b"): 0], "the chains")
            try bench.expectRefusal([.deleteChain(bench.table, name: "a")], .init(0, .notFound))
        },
        Case("a chain with rules cannot be deleted") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("chain")),
                .addRule(bench.table, chain: "chain", Rule([.verdict(.accept)]))
            )
            try bench.expectRefusal([.deleteChain(bench.table, name: "chain")], .init(0, .busy))
        },
        Case("a chain that rules or elements lead to cannot be deleted") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("from")),
                .addChain(bench.table, Chain("jumped-to")),
                .addChain(bench.table, Chain("gone-to")),
                .addChain(bench.table, Chain("mapped")),
                .addSet(bench.table, bench.services),
                .addRule(bench.table, chain: "from", Rule([.verdict(.jump("jumped-to"))])),
                .addRule(bench.table, chain: "from", Rule([.verdict(.goto("gone-to"))])),
                .addElements(
                    bench.table,
                    set: bench.services.name,
                    [Element(try bench.tuple(1), .verdict(.goto("mapped")))]
                )
            )
            try bench.expectRefusal(
                ["jumped-to", "gone-to", "mapped"].map { .deleteChain(bench.table, name: $0) },
                .init(0, .busy),
                .init(1, .busy),
                .init(2, .busy)
            )
        },
        Case("what leads to a chain can be deleted before it in one transaction") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("from")),
                .addChain(bench.table, Chain("jumped-to")),
                .addChain(bench.table, Chain("mapped")),
                .addChain(bench.table, Chain("flushed")),
                .addSet(bench.table, bench.services),
                .addRule(bench.table, chain: "from", Rule([.verdict(.jump("jumped-to"))])),
                .addElements(
                    bench.table,
                    set: bench.services.name,
                    [
                        Element(try bench.tuple(1), .verdict(.goto("mapped"))),
                        Element(try bench.tuple(2), .verdict(.goto("flushed"))),
                    ]
                )
            )
            try bench.apply(
                .flushRules(bench.table),
                .deleteChain(bench.table, name: "jumped-to"),
                .deleteElements(bench.table, set: bench.services.name, [Element(try bench.tuple(1))]),
                .deleteChain(bench.table, name: "mapped"),
                .flushSet(bench.table, name: bench.services.name),
                .deleteChain(bench.table, name: "flushed")
            )
            try bench.expectEqual(bench.contents().chains, [Chain("from"): 0], "the chains")
        },
    ]
}
