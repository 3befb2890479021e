internal import Nftables

extension RulesetStoreContract {
    static let refusedElements: [Case] = [
        Case("an element that is there already with another value is refused") { bench in
            let chains = ["a", "b"]
            let endpoint = Element(try bench.tuple(1).appending(number: 0), try bench.endpoint(2))
            let service = Element(try bench.tuple(1), .verdict(.goto("a")))
            try bench.apply(
                .addChain(bench.table, Chain(chains[0])),
                .addChain(bench.table, Chain(chains[1])),
                .addSet(bench.table, bench.endpoints),
                .addSet(bench.table, bench.services),
                .addElements(bench.table, set: bench.endpoints.name, [endpoint]),
                .addElements(bench.table, set: bench.services.name, [service])
            )
            let free = Element(try bench.tuple(1).appending(number: 1), try bench.endpoint(2))
            try bench.expectRefusal(
                [
                    .addElements(
                        bench.table,
                        set: bench.endpoints.name,
                        [free, Element(endpoint.key, try bench.endpoint(3))]
                    ),
                    .addElements(bench.table, set: bench.services.name, [Element(service.key, .verdict(.goto("b")))]),
                    .addElements(bench.table, set: bench.services.name, [Element(service.key, .verdict(.drop))]),
                ],
                .init(0, element: 1, .exists),
                .init(1, element: 0, .exists),
                .init(2, element: 0, .exists)
            )
        },
        Case("an element of a missing set is refused") { bench in
            let element = Element(PackedFields(bench.address(1)))
            try bench.expectRefusal(
                [.addElements(bench.table, set: "missing", [element])],
                .init(0, .notFound)
            )
            try bench.expectRefusal(
                [.deleteElements(bench.table, set: "missing", [element])],
                .init(0, .notFound)
            )
        },
        Case("a verdict that leads to a missing chain is refused") { bench in
            try bench.apply(.addSet(bench.table, bench.services))
            try bench.expectRefusal(
                [
                    .addElements(
                        bench.table,
                        set: bench.services.name,
                        [
                            Element(try bench.tuple(1), .verdict(.drop)),
                            Element(try bench.tuple(2), .verdict(.accept)),
                            Element(try bench.tuple(3), .verdict(.goto("missing"))),
                        ]
                    )
                ],
                .init(0, element: 2, .notFound)
            )
        },
        Case("a key of another width is refused") { bench in
            try bench.apply(.addSet(bench.table, bench.addresses), .addSet(bench.table, bench.endpoints))
            let good = Element(PackedFields(bench.address(1)))
            let wide = Element(PackedFields(bench.address(1), bench.address(2)))
            let narrow = Element(try bench.tuple(1), try bench.endpoint(1))
            try bench.expectRefusal(
                [
                    .addElements(bench.table, set: bench.addresses.name, [good, wide]),
                    .addElements(bench.table, set: bench.endpoints.name, [narrow]),
                    .deleteElements(bench.table, set: bench.addresses.name, [wide]),
                ],
                .init(0, element: 1, .invalid),
                .init(1, element: 0, .invalid),
                .init(2, element: 0, .invalid)
            )
        },
        Case("a value of another kind or width is refused") { bench in
            try bench.apply(
                .addSet(bench.table, bench.addresses),
                .addSet(bench.table, bench.endpoints),
                .addSet(bench.table, bench.services)
            )
            let key = try bench.tuple(1).appending(number: 0)
            let address = Element.Value.fields(PackedFields(bench.address(1)))
            let wrong: [(set: SetDeclaration, element: Element)] = [
                (bench.addresses, Element(PackedFields(bench.address(1)), address)),
                (bench.addresses, Element(PackedFields(bench.address(1)), .verdict(.drop))),
                (bench.endpoints, Element(key)),
                (bench.endpoints, Element(key, .verdict(.drop))),
                (bench.endpoints, Element(key, address)),
                (bench.services, Element(try bench.tuple(1))),
                (bench.services, Element(try bench.tuple(1), address)),
            ]
            for (set, element) in wrong {
                try bench.expectRefusal(
                    [.addElements(bench.table, set: set.name, [element])],
                    .init(0, element: 0, .invalid),
                    because: "(\(element.value) in \(set.name))"
                )
            }
        },
        Case("a comment longer than 127 bytes is refused") { bench in
            try bench.apply(.addSet(bench.table, bench.addresses))
            let elements = [
                Element(PackedFields(bench.address(1)), comment: "short"),
                Element(PackedFields(bench.address(2)), comment: String(repeating: "é", count: 64)),
            ]
            // The kernel takes 252 bytes, which nft would not print: the store has to look.
            try bench.expectRefusal(
                [.addElements(bench.table, set: bench.addresses.name, elements)],
                .init(0, element: 1, .invalid)
            )
        },
        Case("a key that is not there cannot be deleted") { bench in
            let elements = (0..<3).map { Element(PackedFields(bench.address($0))) }
            try bench.apply(
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, elements)
            )
            let missing = Element(PackedFields(bench.address(9)))
            try bench.expectRefusal(
                [
                    .deleteElements(bench.table, set: bench.addresses.name, [elements[0], missing]),
                    .deleteElements(bench.table, set: bench.addresses.name, [elements[1], elements[2], elements[1]]),
                ],
                .init(0, element: 1, .notFound),
                .init(1, element: 2, .notFound)
            )
        },
        Case("one bad element among 20,000 is named, and none is added") { bench in
            try bench.apply(.addSet(bench.table, bench.endpoints))
            var elements = try many(bench)
            elements[15_000] = Element(elements[14_000].key, elements[15_000].value)
            try bench.expectRefusal(
                [.addElements(bench.table, set: bench.endpoints.name, elements)],
                .init(0, element: 15_000, .exists)
            )
        },
    ]
}
