internal import Nftables

extension RulesetStoreContract {
    static let transactions: [Case] = [
        Case("an empty transaction does nothing") { bench in
            let generation = try bench.store.generation()
            try bench.store.apply(Transaction())
            try bench.expectEqual(bench.store.generation(), generation, "the generation")
        },
        Case("one bad part of three keeps the others from happening") { bench in
            try bench.expectRefusal(
                [
                    .addChain(bench.table, Chain("a")),
                    .deleteChain(bench.table, name: "missing"),
                    .addSet(bench.table, bench.addresses),
                ],
                .init(1, .notFound)
            )
        },
        Case("a refused transaction leaves all that it would have deleted") { bench in
            let elements = (0..<10).map { Element(PackedFields(bench.address($0)), comment: "kept") }
            try bench.apply(
                .addChain(bench.table, Chain("from")),
                .addChain(bench.table, Chain("target")),
                .addSet(bench.table, bench.addresses),
                .addSet(bench.table, bench.services),
                .addElements(bench.table, set: bench.addresses.name, elements),
                .addElements(
                    bench.table,
                    set: bench.services.name,
                    [Element(try bench.tuple(1), .verdict(.goto("target")))]
                ),
                .addRule(bench.table, chain: "from", Rule([.verdict(.jump("target"))]))
            )
            try bench.expectRefusal(
                [
                    .deleteElements(bench.table, set: bench.addresses.name, [elements[3]]),
                    .flushSet(bench.table, name: bench.addresses.name),
                    .addElements(bench.table, set: bench.addresses.name, [Element(elements[3].key, comment: "new")]),
                    .deleteSet(bench.table, name: bench.services.name),
                    .flushRules(bench.table),
                    .deleteChain(bench.table, name: "target"),
                    .deleteChain(bench.table, name: "missing"),
                ],
                .init(6, .notFound)
            )
            try bench.expectRefusal(
                [.deleteTable(bench.table), .deleteTable(bench.table)],
                .init(1, .notFound)
            )
            // What led to the chain before still does.
            try bench.expectRefusal([.deleteChain(bench.table, name: "target")], .init(0, .busy))
        },
        Case("every refused part is told, not the first one only") { bench in
            try bench.apply(.addSet(bench.table, bench.addresses))
            let good = Element(PackedFields(bench.address(1)))
            try bench.expectRefusal(
                [
                    .deleteChain(bench.table, name: "missing"),
                    .addChain(bench.table, Chain("a")),
                    .deleteElements(bench.table, set: bench.addresses.name, [good]),
                    .addElements(bench.table, set: bench.addresses.name, [good]),
                    .addElements(bench.table, set: bench.addresses.name, [good, Element(good.key, .verdict(.drop))]),
                    .addRule(bench.table, chain: "a", Rule([.verdict(.jump("missing"))])),
                    .addSet(bench.table, bench.services),
                    .deleteSet(bench.table, name: "missing"),
                ],
                .init(0, .notFound),
                .init(2, element: 0, .notFound),
                .init(4, element: 1, .invalid),
                .init(5, .notFound),
                .init(7, .notFound)
            )
        },
        Case("later operations see what earlier ones did") { bench in
            try bench.apply(
                .addChain(bench.table, Chain("a")),
                .addChain(bench.table, Chain("b")),
                .addRule(bench.table, chain: "a", Rule([.verdict(.jump("b"))])),
                .flushRules(bench.table),
                .deleteChain(bench.table, name: "b"),
                .addSet(bench.table, bench.addresses),
                .deleteSet(bench.table, name: bench.addresses.name),
                .addSet(bench.table, SetDeclaration(bench.addresses.name, key: [.port]))
            )
            try bench.expectEqual(
                bench.contents(),
                TableContents(
                    chains: [Chain("a"): 0],
                    sets: [SetDeclaration(bench.addresses.name, key: [.port])]
                ),
                "the table"
            )
        },
        Case("each committed change moves the generation") { bench in
            var seen: Set = [try bench.store.generation()]
            for operation: Operation in [
                .addChain(bench.table, Chain("a")),
                .addRule(bench.table, chain: "a", Rule([.verdict(.accept)])),
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, [Element(PackedFields(bench.address(1)))]),
                .deleteElements(bench.table, set: bench.addresses.name, [Element(PackedFields(bench.address(1)))]),
                .flushRules(bench.table),
                .deleteTable(bench.table),
            ] {
                try bench.apply(operation)
                guard seen.insert(try bench.store.generation()).inserted else {
                    throw ContractViolation(description: "\(operation) left the generation alone")
                }
            }
        },
        Case("what changes something for sure moves the generation by one, whatever else it says") { bench in
            let element = Element(PackedFields(bench.address(1)))
            let rule = Operation.addRule(bench.table, chain: "a", Rule([.verdict(.accept)]))
            let prepared = Transaction([
                .addChain(bench.table, Chain("a")), .addChain(bench.table, Chain("b")),
                .addSet(bench.table, bench.addresses), .addSet(bench.table, bench.services),
                .addElements(bench.table, set: bench.addresses.name, [element]),
            ])
            for change: Operation in [
                rule, .deleteElements(bench.table, set: bench.addresses.name, [element]),
                .deleteChain(bench.table, name: "b"), .deleteSet(bench.table, name: bench.services.name),
                .deleteTable(bench.table),
            ] {
                try bench.makeTable(bench.table)
                try bench.store.apply(prepared)
                let generation = try bench.store.generation()
                // What was there before, and a change that is taken back at once, do not add to it.
                let transaction = Transaction(prepared.operations + [rule, .flushRules(bench.table), change])
                guard transaction.changesForSure, Transaction([change]).changesForSure else {
                    throw ContractViolation(description: "\(change) is not sure to change anything")
                }
                try bench.store.apply(transaction, expecting: generation)
                let next = generation == .max ? 1 : generation + 1
                try bench.expectEqual(bench.store.generation(), next, "the generation after \(change)")
            }
        },
        Case("what is there already does not move the generation") { bench in
            let element = Element(PackedFields(bench.address(1)))
            try bench.apply(
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, [element])
            )
            let generation = try bench.store.generation()
            try bench.apply(
                .addTable(bench.table),
                .addElements(bench.table, set: bench.addresses.name, [element]),
                .flushRules(bench.table)
            )
            try bench.expectEqual(bench.store.generation(), generation, "the generation")
        },
        Case("a transaction made for another generation changes nothing") { bench in
            let old = try bench.store.generation()
            try bench.apply(.addChain(bench.table, Chain("by-somebody-else")))
            let late = Transaction([.addChain(bench.table, Chain("late"))])
            try bench.expectEqual(bench.error(of: late, expecting: old), .generationChanged, "the error")
            try bench.expectEqual(bench.contents().chains, [Chain("by-somebody-else"): 0], "the chains")
        },
        Case("a transaction made for the present generation applies") { bench in
            try bench.store.apply(
                Transaction([.addChain(bench.table, Chain("in-time"))]),
                expecting: try bench.store.generation()
            )
            try bench.expectEqual(bench.contents().chains, [Chain("in-time"): 0], "the chains")
        },
    ]
}
