internal import Nftables

extension RulesetStoreContract {
    /// What may stand where, seen from the base chains that lead there.
    static let placesOfRules: [Case] = [
        Case("a rule cannot stand where its statement makes no sense") { bench in
            try bench.apply(.addSet(bench.table, bench.endpoints))
            let translate = Statement.destinationNAT(ContractBench.endpointFields, map: bench.endpoints.name)
            let places: [(statement: Statement, type: BaseHook.ChainType, hook: Hook)] = [
                (translate, .filter, .prerouting),
                (translate, .nat, .postrouting),
                (.masquerade, .filter, .postrouting),
                (.masquerade, .nat, .prerouting),
                (.reject(.portUnreachable), .filter, .postrouting),
            ]
            for (statement, type, hook) in places {
                let chain = Chain("place", base: BaseHook(type: type, hook: hook, priority: 0))
                try bench.expectRefusal(
                    [
                        .addChain(bench.table, chain),
                        .addRule(bench.table, chain: "place", Rule([statement])),
                    ],
                    .init(1, .unsupported),
                    because: "(\(statement) in a \(type.rawValue) chain at \(hook.name))"
                )
            }
        },
        Case("a jump cannot lead where a statement makes no sense") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("base", base: BaseHook(type: .filter, hook: .forward, priority: 0))),
                .addChain(bench.table, Chain("between")),
                .addChain(bench.table, Chain("masquerading")),
                .addRule(bench.table, chain: "masquerading", Rule([.masquerade])),
                .addRule(bench.table, chain: "between", Rule([.verdict(.goto("masquerading"))]))
            )
            try bench.expectRefusal(
                [
                    .addRule(bench.table, chain: "base", Rule([.verdict(.accept)])),
                    .addRule(bench.table, chain: "base", Rule([.verdict(.jump("between"))])),
                ],
                .init(1, .unsupported)
            )
        },
        Case("an element cannot lead where a statement makes no sense") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("base", base: BaseHook(type: .filter, hook: .forward, priority: 0))),
                .addChain(bench.table, Chain("masquerading")),
                .addSet(bench.table, bench.services),
                .addRule(bench.table, chain: "masquerading", Rule([.masquerade])),
                .addRule(
                    bench.table,
                    chain: "base",
                    Rule([.verdictMap(ContractBench.serviceFields, bench.services.name)])
                ),
                .addElements(bench.table, set: bench.services.name, [Element(try bench.tuple(1), .verdict(.drop))])
            )
            let element = Element(try bench.tuple(2), .verdict(.goto("masquerading")))
            // The kernel looks the table over after all elements of a message, and so blames none of them.
            try bench.expectRefusal(
                [.addElements(bench.table, set: bench.services.name, [element])],
                .init(0, .unsupported)
            )
        },
        Case("a statement may stand anywhere as long as no base chain leads there") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("masquerading")),
                .addRule(bench.table, chain: "masquerading", Rule([.masquerade]))
            )
            try bench.expectEqual(bench.contents().chains, [Chain("masquerading"): 1], "the chains")
        },
        Case("chains cannot lead in a circle") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("base", base: BaseHook(type: .filter, hook: .input, priority: 0))),
                .addChain(bench.table, Chain("a")),
                .addChain(bench.table, Chain("b")),
                .addRule(bench.table, chain: "base", Rule([.verdict(.jump("a"))])),
                .addRule(bench.table, chain: "a", Rule([.verdict(.jump("b"))]))
            )
            // EMLINK; kernels before 4.18 said ELOOP.
            let circle = Operation.addRule(bench.table, chain: "b", Rule([.verdict(.jump("a"))]))
            try bench.expectRefusal([circle], .init(0, .tooManyLinks, KernelReason(rawValue: 40)))
        },
        Case("sixteen chains deep is the most") { bench in
            var transaction = Transaction([
                .addChain(bench.table, Chain("c0", base: BaseHook(type: .filter, hook: .input, priority: 0)))
            ])
            for number in 1...16 { transaction.append(.addChain(bench.table, Chain("c\(number)"))) }
            for number in 1...15 {
                transaction.append(
                    .addRule(bench.table, chain: "c\(number - 1)", Rule([.verdict(.goto("c\(number)"))]))
                )
            }
            try bench.store.apply(transaction)
            let deeper = Operation.addRule(bench.table, chain: "c15", Rule([.verdict(.goto("c16"))]))
            try bench.expectRefusal([deeper], .init(0, .tooManyLinks))
        },
    ]
}
