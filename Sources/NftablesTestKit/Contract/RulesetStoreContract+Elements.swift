internal import NetworkAddress
internal import Nftables

extension RulesetStoreContract {
    static let elements: [Case] = [
        Case("elements come back as they were added, comments included") { bench in
            let family = bench.family
            let pairs = SetDeclaration("hairpin", key: [.address(family), .address(family)])
            let nodePorts = SetDeclaration("node-ports", key: [.transportProtocol, .port], content: .verdicts)
            let http = try bench.port(80)
            let sets: [(declaration: SetDeclaration, elements: [Element])] = [
                (
                    bench.addresses,
                    [
                        Element(PackedFields(bench.address(1))),
                        Element(PackedFields(bench.address(0xffff)), comment: "with a comment"),
                    ]
                ),
                (pairs, [Element(PackedFields(bench.address(1), bench.address(2)))]),
                (
                    bench.endpoints,
                    [
                        Element(try bench.tuple(1).appending(number: 0), try bench.endpoint(2), comment: "web-0"),
                        Element(try bench.tuple(1).appending(number: 1), try bench.endpoint(3, port: 1)),
                        Element(try bench.tuple(1).appending(number: .max), try bench.endpoint(4, port: 65535)),
                    ]
                ),
                (
                    bench.services,
                    [
                        Element(PackedFields(bench.address(1), .tcp, http), .verdict(.goto("a")), comment: "é 漢字"),
                        Element(PackedFields(bench.address(1), .udp, http), .verdict(.jump("b"))),
                        Element(PackedFields(bench.address(1), .sctp, http), .verdict(.drop)),
                        Element(PackedFields(bench.address(2), .tcp, http), .verdict(.accept)),
                        Element(PackedFields(bench.address(3), .tcp, http), .verdict(.return)),
                    ]
                ),
                (nodePorts, [Element(PackedFields(.tcp, try bench.port(30080)), .verdict(.goto("a")), comment: "np")]),
            ]
            var transaction = Transaction([
                .addChain(bench.table, Chain("a")), .addChain(bench.table, Chain("b")),
            ])
            for (set, elements) in sets {
                transaction.append(.addSet(bench.table, set))
                transaction.append(.addElements(bench.table, set: set.name, elements))
            }
            try bench.store.apply(transaction)
            for (set, elements) in sets { try bench.expectElements(set, elements) }
        },
        Case("a key of one narrow field comes back as it was added") { bench in
            let ports = SetDeclaration("ports", key: [.port])
            let protocols = SetDeclaration("protocols", key: [.transportProtocol], content: .fields([.port]))
            var port = PackedFields()
            port.append(try bench.port(80))
            var transport = PackedFields()
            transport.append(TransportProtocol.udp)
            try bench.apply(
                .addSet(bench.table, ports),
                .addSet(bench.table, protocols),
                .addElements(bench.table, set: ports.name, [Element(port)]),
                .addElements(bench.table, set: protocols.name, [Element(transport, .fields(port))])
            )
            try bench.expectElements(ports, [Element(port)])
            try bench.expectElements(protocols, [Element(transport, .fields(port))])
        },
        Case("an element that is there already with the same value stays as it is") { bench in
            let first = Element(try bench.tuple(1).appending(number: 0), try bench.endpoint(2), comment: "first")
            let second = Element(first.key, first.value, comment: "second")
            try bench.apply(
                .addSet(bench.table, bench.endpoints),
                .addElements(bench.table, set: bench.endpoints.name, [first])
            )
            try bench.apply(.addElements(bench.table, set: bench.endpoints.name, [second, second]))
            try bench.expectElements(bench.endpoints, [first])
        },
        Case("elements are deleted by their keys, whatever else is told of them") { bench in
            let elements = try (0..<4).map { number in
                Element(try bench.tuple(1).appending(number: number), try bench.endpoint(number), comment: "one")
            }
            try bench.apply(
                .addSet(bench.table, bench.endpoints),
                .addElements(bench.table, set: bench.endpoints.name, elements)
            )
            try bench.apply(
                .deleteElements(
                    bench.table,
                    set: bench.endpoints.name,
                    [Element(elements[0].key), Element(elements[2].key, try bench.endpoint(99), comment: "other")]
                )
            )
            try bench.expectElements(bench.endpoints, [elements[1], elements[3]])
        },
        Case("an element can be deleted and added with another value in one transaction") { bench in
            let old = Element(try bench.tuple(1).appending(number: 0), try bench.endpoint(2), comment: "old")
            let new = Element(old.key, try bench.endpoint(3), comment: "new")
            try bench.apply(
                .addSet(bench.table, bench.endpoints),
                .addElements(bench.table, set: bench.endpoints.name, [old])
            )
            try bench.apply(
                .deleteElements(bench.table, set: bench.endpoints.name, [old]),
                .addElements(bench.table, set: bench.endpoints.name, [new])
            )
            try bench.expectElements(bench.endpoints, [new])
        },
        Case("an element can be added and deleted in one transaction") { bench in
            let element = Element(PackedFields(bench.address(1)))
            try bench.apply(
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, [element]),
                .deleteElements(bench.table, set: bench.addresses.name, [element])
            )
            try bench.expectElements(bench.addresses, [])
        },
        Case("a comment of 127 bytes is kept whole") { bench in
            let element = Element(PackedFields(bench.address(1)), comment: String(repeating: "c", count: 127))
            try bench.apply(
                .addSet(bench.table, bench.addresses),
                .addElements(bench.table, set: bench.addresses.name, [element])
            )
            try bench.expectElements(bench.addresses, [element])
        },
        Case("a transaction can add 20,000 elements") { bench in
            let elements = try many(bench)
            try bench.apply(
                .addSet(bench.table, bench.endpoints),
                .addElements(bench.table, set: bench.endpoints.name, elements)
            )
            try bench.expectElements(bench.endpoints, elements)
            try bench.apply(
                .deleteElements(bench.table, set: bench.endpoints.name, Array(elements.prefix(19_999)))
            )
            try bench.expectElements(bench.endpoints, Array(elements.suffix(1)))
        },
        Case("the elements of a missing set cannot be listed") { bench in
            try expectNotFound { _ = try bench.store.elements(of: bench.addresses, in: bench.table) }
            let missing = Table(bench.table.family, "contract-missing")
            try expectNotFound { _ = try bench.store.elements(of: bench.addresses, in: missing) }
        },
    ]

    /// 20,000 elements, which a store has to divide among several messages.
    static func many(_ bench: ContractBench) throws -> [Element] {
        try (0..<20_000).map { number in
            Element(
                try bench.tuple(number / 4).appending(number: number % 4),
                try bench.endpoint(number),
                comment: "default/service-\(number / 4)"
            )
        }
    }

    private static func expectNotFound(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch RulesetError.refused(let failures) where failures.map(\.reason) == [.notFound] {
            return
        }
        throw ContractViolation(description: "the elements of a missing set were listed")
    }
}
