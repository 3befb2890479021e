internal import Nftables

extension RulesetStoreContract {
    static let sets: [Case] = [
        Case("sets are listed as they were declared") { bench in
            let family = bench.family
            let sets: Set = [
                bench.addresses, bench.services, bench.endpoints,
                SetDeclaration("ports", key: [.port]),
                SetDeclaration("protocols", key: [.transportProtocol]),
                SetDeclaration("numbers", key: [.number]),
                SetDeclaration("pairs", key: [.address(family), .address(family)]),
                SetDeclaration("node-ports", key: [.transportProtocol, .port], content: .verdicts),
                SetDeclaration("addresses-of", key: [.number], content: .fields([.address(family)])),
                SetDeclaration("numbers-of", key: [.address(family)], content: .fields([.number])),
            ]
            try bench.store.apply(Transaction(sets.map { .addSet(bench.table, $0) }))
            try bench.expectEqual(bench.contents(), TableContents(sets: sets), "the table")
        },
        Case("a set that exists may be made again, and keeps its elements") { bench in
            let element = Element(PackedFields(bench.address(1)), comment: "kept")
            try bench.apply(
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, [element])
            )
            try bench.apply(.addSet(bench.table, bench.addresses))
            try bench.expectElements(bench.addresses, [element])
        },
        Case("a set cannot be made again with other types") { bench in
            try bench.apply(.addSet(bench.table, bench.addresses), .addSet(bench.table, bench.endpoints))
            let key = [DataType.address(bench.family)]
            let others = [
                SetDeclaration(bench.addresses.name, key: [.transportProtocol, .port]),
                SetDeclaration(bench.addresses.name, key: key, content: .fields([.port])),
                SetDeclaration(bench.addresses.name, key: key, content: .verdicts),
                SetDeclaration(bench.endpoints.name, key: bench.endpoints.key, content: .verdicts),
                SetDeclaration(bench.endpoints.name, key: bench.endpoints.key),
                SetDeclaration(bench.endpoints.name, key: bench.endpoints.key, content: .fields(key)),
            ]
            try bench.expectRefusal(
                others.map { .addSet(bench.table, $0) },
                .init(0, .exists),
                .init(1, .exists),
                .init(2, .exists),
                .init(3, .exists),
                .init(4, .exists),
                .init(5, .exists)
            )
        },
        Case("a set can be deleted with its elements, unless a rule uses it") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("chain")),
                .addSet(bench.table, bench.addresses),
                .addSet(bench.table, bench.services),
                .addElements(bench.table, set: bench.addresses.name, [Element(PackedFields(bench.address(1)))]),
                .addRule(
                    bench.table,
                    chain: "chain",
                    Rule([.verdictMap(ContractBench.serviceFields, bench.services.name)])
                )
            )
            try bench.expectRefusal([.deleteSet(bench.table, name: bench.services.name)], .init(0, .busy))
            try bench.apply(.deleteSet(bench.table, name: bench.addresses.name))
            try bench.expectEqual(bench.contents().sets, [bench.services], "the sets")
            try bench.expectRefusal([.deleteSet(bench.table, name: bench.addresses.name)], .init(0, .notFound))
            try bench.apply(.flushRules(bench.table), .deleteSet(bench.table, name: bench.services.name))
            try bench.expectEqual(bench.contents().sets, [], "the sets")
        },
        Case("deleting a verdict map frees the chains that it led to") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("target")),
                .addSet(bench.table, bench.services),
                .addElements(
                    bench.table,
                    set: bench.services.name,
                    [Element(try bench.tuple(1), .verdict(.goto("target")))]
                )
            )
            try bench.apply(
                .deleteSet(bench.table, name: bench.services.name),
                .deleteChain(bench.table, name: "target")
            )
            try bench.expectEqual(bench.contents(), TableContents(), "the table")
        },
        Case("flushing a set takes its elements only") { bench in
            let elements = (0..<100).map { Element(PackedFields(bench.address($0))) }
            try bench.apply(
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, elements)
            )
            try bench.apply(.flushSet(bench.table, name: bench.addresses.name))
            try bench.expectElements(bench.addresses, [])
            try bench.expectEqual(bench.contents().sets, [bench.addresses], "the sets")
            try bench.expectRefusal([.flushSet(bench.table, name: "missing")], .init(0, .notFound))
        },
        Case("a set can be flushed and filled in one transaction") { bench in
            let old = (0..<10).map { Element(PackedFields(bench.address($0)), comment: "old") }
            let new = (5..<15).map { Element(PackedFields(bench.address($0)), comment: "new") }
            try bench.apply(
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, old)
            )
            try bench.apply(
                .flushSet(bench.table, name: bench.addresses.name),
                .addElements(bench.table, set: bench.addresses.name, new)
            )
            try bench.expectElements(bench.addresses, new)
        },
    ]
}
