internal import NetworkAddress
internal import Nftables

extension RulesetStoreContract {
    static let forms: [Case] = [
        Case("ranges and dynamic maps are listed as they were declared") { bench in
            let sets: Set = [bench.sourceRanges, bench.affinity]
            try bench.store.apply(Transaction(sets.map { .addSet(bench.table, $0) }))
            try bench.expectEqual(bench.contents(), TableContents(sets: sets), "the table")
        },
        Case("a set cannot be made again in another form") { bench in
            try bench.apply(.addSet(bench.table, bench.sourceRanges), .addSet(bench.table, bench.affinity))
            try bench.expectRefusal(
                [
                    .addSet(bench.table, SetDeclaration(bench.sourceRanges.name, key: bench.sourceRanges.key)),
                    .addSet(
                        bench.table,
                        SetDeclaration(
                            bench.affinity.name,
                            key: bench.affinity.key,
                            content: bench.affinity.content
                        )
                    ),
                ],
                .init(0, .exists),
                .init(1, .exists)
            )
        },
        Case("ranges come back with both their ends, and go by them") { bench in
            let ranges = try [
                bench.sourceRange(of: 1, from: 16, to: 31), bench.sourceRange(of: 1, from: 40, to: 40),
                bench.sourceRange(of: 2, from: 16, to: 31),
            ]
            try bench.apply(
                .addSet(bench.table, bench.sourceRanges),
                .addElements(bench.table, set: bench.sourceRanges.name, ranges)
            )
            try bench.expectElements(bench.sourceRanges, ranges)
            try bench.apply(.deleteElements(bench.table, set: bench.sourceRanges.name, [ranges[0]]))
            try bench.expectElements(bench.sourceRanges, Array(ranges[1...]))
            try bench.apply(.flushSet(bench.table, name: bench.sourceRanges.name))
            try bench.expectElements(bench.sourceRanges, [])
        },
        Case("an element of a dynamic map comes and goes by transactions too") { bench in
            let element = Element(try bench.client(9, of: 1), try bench.endpoint(2))
            try bench.apply(
                .addSet(bench.table, bench.affinity),
                .addElements(bench.table, set: bench.affinity.name, [element])
            )
            try bench.expectElements(bench.affinity, [element])
            try bench.apply(.deleteElements(bench.table, set: bench.affinity.name, [element]))
            try bench.expectElements(bench.affinity, [])
        },
        Case("rules remember and forget elements, and look at interfaces and the original packet") { bench in
            let filter = Chain("filter-forward", base: BaseHook(type: .filter, hook: .forward, priority: 10))
            let client: [Field] = [
                .originalSourceAddress, .originalDestinationAddress, .transportProtocol, .originalDestinationPort,
            ]
            let endpoint: [Field] = [.destinationAddress, .destinationPort]
            let rules: [[Statement]] = [
                [.remember(client, value: endpoint, map: bench.affinity.name, seconds: 10_800), .verdict(.return)],
                [.forget(client, value: endpoint, map: bench.affinity.name), .verdict(.drop)],
                [
                    .match(.transportProtocol, .equals(6)),
                    .remember(
                        client,
                        value: [.replySourceAddress, .replySourcePort],
                        map: bench.affinity.name,
                        seconds: 60
                    ),
                ],
                [.match(.inputInterface, .isNamed("cbr0")), .setMarkBits(1)],
                [.match(.inputInterface, .isNamedLike(prefix: "veth")), .setMarkBits(1)],
                [.match(.sourceAddressType, .equals(AddressType.local)), .setMarkBits(1)],
                [
                    .member(
                        ContractBench.serviceFields + [.sourceAddress],
                        of: bench.sourceRanges.name,
                        isMember: false
                    ),
                    .verdict(.drop),
                ],
            ]
            try bench.apply(
                .addSet(bench.table, bench.affinity),
                .addSet(bench.table, bench.sourceRanges),
                .addChain(bench.table, filter)
            )
            for rule in rules { try bench.apply(.addRule(bench.table, chain: filter.name, Rule(rule))) }
            try bench.expectEqual(bench.contents().chains, [filter: rules.count], "the chains")
        },
    ]
}

extension ContractBench {
    fileprivate var sourceRanges: SetDeclaration {
        SetDeclaration(
            "source-ranges",
            key: [.address(family), .transportProtocol, .port, .address(family)],
            form: .ranges
        )
    }

    fileprivate var affinity: SetDeclaration {
        SetDeclaration(
            "affinity",
            key: [.address(family), .address(family), .transportProtocol, .port],
            content: .fields([.address(family), .port]),
            form: .dynamic(elementsMax: 65_536)
        )
    }

    fileprivate func sourceRange(of service: UInt32, from first: UInt32, to last: UInt32) throws -> Element {
        var start = try tuple(service)
        start.append(address(first))
        var end = try tuple(service)
        end.append(address(last))
        return Element(start, .upTo(end), comment: "range")
    }

    fileprivate func client(_ client: UInt32, of service: UInt32) throws -> PackedFields {
        var key = PackedFields(address(client), address(service))
        key.append(TransportProtocol.tcp)
        key.append(try port(80))
        return key
    }
}
