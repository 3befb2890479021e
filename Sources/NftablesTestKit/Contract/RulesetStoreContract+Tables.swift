internal import Nftables

extension RulesetStoreContract {
    static let tables: [Case] = [
        Case("a table that was made is empty") { bench in
            try bench.expectEqual(bench.contents(), TableContents(), "a new table")
        },
        Case("a missing table has no contents") { bench in
            let missing = Table(bench.table.family, "contract-missing")
            try bench.expectEqual(bench.store.contents(of: missing), nil, "the contents of a missing table")
        },
        Case("tables of the two families are different ones") { bench in
            let other = Table(bench.table.family == .ip ? .ip6 : .ip, bench.table.name)
            try bench.makeTable(other)
            try bench.apply(.addChain(bench.table, Chain("here")), .addChain(other, Chain("there")))
            try bench.expectEqual(bench.contents().chains, [Chain("here"): 0], "the chains of \(bench.table)")
            try bench.apply(.deleteTable(other))
            try bench.expectEqual(bench.contents().chains, [Chain("here"): 0], "the chains of \(bench.table)")
        },
        Case("a table that exists may be made again, and keeps what it holds") { bench in
            try bench.apply(.addChain(bench.table, Chain("kept")))
            try bench.apply(.addTable(bench.table))
            try bench.expectEqual(bench.contents().chains, [Chain("kept"): 0], "the chains")
        },
        Case("deleting a missing table is refused") { bench in
            let missing = Table(bench.table.family, "contract-missing")
            try bench.expectRefusal([.deleteTable(missing)], .init(0, .notFound))
        },
        Case("deleting a table deletes all that is in it") { bench in
            try fill(bench)
            try bench.apply(.deleteTable(bench.table))
            try bench.expectEqual(bench.store.contents(of: bench.table), nil, "the contents of the deleted table")
        },
        Case("a table can be deleted and made anew in one transaction") { bench in
            try fill(bench)
            try bench.apply(
                .deleteTable(bench.table),
                .addTable(bench.table),
                .addSet(bench.table, bench.addresses)
            )
            try bench.expectEqual(bench.contents(), TableContents(sets: [bench.addresses]), "the table made anew")
            try bench.expectElements(bench.addresses, [])
        },
        Case("every operation in a missing table is refused") { bench in
            let missing = Table(bench.table.family, "contract-missing")
            let element = Element(PackedFields(bench.address(1)))
            try bench.expectRefusal(
                [
                    .deleteTable(missing),
                    .addChain(missing, Chain("chain")),
                    .deleteChain(missing, name: "chain"),
                    .flushRules(missing),
                    .addRule(missing, chain: "chain", Rule([.verdict(.accept)])),
                    .addSet(missing, bench.addresses),
                    .deleteSet(missing, name: bench.addresses.name),
                    .flushSet(missing, name: bench.addresses.name),
                ],
                .init(0, .notFound),
                .init(1, .notFound),
                .init(2, .notFound),
                .init(3, .notFound),
                .init(4, .notFound),
                .init(5, .notFound),
                .init(6, .notFound),
                .init(7, .notFound)
            )
            // Which element is to blame for a missing table is up to the store.
            for operation: Operation in [
                .addElements(missing, set: bench.addresses.name, [element]),
                .deleteElements(missing, set: bench.addresses.name, [element]),
            ] {
                try bench.expectRefusal([operation], .init(0, .notFound))
            }
        },
        Case("a name of 255 bytes is taken, a longer one is refused") { bench in
            let longest = String(repeating: "a", count: 255)
            let tooLong = String(repeating: "a", count: 256)
            let set = SetDeclaration(longest, key: [.address(bench.family)])
            try bench.apply(.addChain(bench.table, Chain(longest)), .addSet(bench.table, set))
            try bench.expectEqual(
                bench.contents(),
                TableContents(chains: [Chain(longest): 0], sets: [set]),
                "the table with long names"
            )
            // The kernel says ERANGE; a store that looks itself may say EINVAL.
            try bench.expectRefusal(
                [
                    .addTable(Table(bench.table.family, tooLong)),
                    .addChain(bench.table, Chain(tooLong)),
                    .addSet(bench.table, SetDeclaration(tooLong, key: [.port])),
                ],
                .init(0, .outOfRange, .invalid),
                .init(1, .outOfRange, .invalid),
                .init(2, .outOfRange, .invalid)
            )
        },
    ]

    /// Puts chains that lead to each other, sets and elements into the table.
    private static func fill(_ bench: ContractBench) throws {
        try bench.apply(
            .addChain(bench.table, Chain("target")),
            .addChain(bench.table, Chain("base", base: BaseHook(type: .filter, hook: .forward, priority: 0))),
            .addSet(bench.table, bench.addresses),
            .addSet(bench.table, bench.services),
            .addElements(bench.table, set: bench.addresses.name, [Element(PackedFields(bench.address(1)))]),
            .addElements(
                bench.table,
                set: bench.services.name,
                [Element(try bench.tuple(1), .verdict(.goto("target")))]
            ),
            .addRule(bench.table, chain: "base", Rule([.verdictMap(ContractBench.serviceFields, bench.services.name)])),
            .addRule(bench.table, chain: "base", Rule([.verdict(.jump("target"))]))
        )
    }
}
