import LinuxSystem
import NetfilterKernel
import NetworkAddress
import Nftables
import ServiceModel
import ServiceRules
import Testing

/// What nft, the operator's tool, shows of the tables that were made here.
@Suite(.needsNetworkNamespaces)
struct NftListingTests {
    /// A cluster in which every set of the data plane has elements, in both families; those of affinity in some.
    private func snapshots(affinity: Set<AddressFamily> = []) throws -> [ServiceSnapshot] {
        try [AddressFamily.ipv4, .ipv6].flatMap { family in
            func address(_ number: UInt32) -> IPAddress {
                family == .ipv4
                    ? Fixture.address(Int(number)) : IPAddress(family: .ipv6, bits: 0xfd00 << 112 | UInt128(number))
            }
            let (http, dns, nodePort) = (
                try #require(Port(80)), try #require(Port(53)), try #require(Port(30080))
            )
            let endpoints = (0..<5).map { Endpoint(TransportAddress(address(1000 + $0), http)) }
            let ranges = [IPPrefix(holding: address(1 << 16), length: family.addressBits - 8)]
            func frontEnd(
                _ listener: FrontEndKey.Listener,
                _ transport: TransportProtocol,
                _ port: Port,
                _ masquerade: Masquerade,
                _ action: FrontEndAction,
                shortCircuit: FrontEndAction? = nil,
                sourceRanges: [IPPrefix]? = nil
            ) -> FrontEnd {
                FrontEnd(
                    key: FrontEndKey(listener: listener, transport: transport, port: port),
                    portName: "http",
                    masquerade: masquerade,
                    action: action,
                    shortCircuit: shortCircuit,
                    sourceRanges: sourceRanges,
                    affinitySeconds: affinity.contains(family) ? 10_800 : nil
                )
            }
            let frontEnds = [
                frontEnd(.address(address(1)), .tcp, http, .offCluster, .forward(endpoints)),
                frontEnd(.address(address(2)), .tcp, http, .always, .forward([endpoints[0]])),
                frontEnd(.address(address(1)), .udp, dns, .offCluster, .refuse),
                frontEnd(
                    .address(address(3)),
                    .udp,
                    dns,
                    .never,
                    .forward([endpoints[1]]),
                    shortCircuit: .forward(endpoints),
                    sourceRanges: ranges
                ),
                frontEnd(
                    .nodeAddresses(family),
                    .udp,
                    http,
                    .never,
                    .drop,
                    shortCircuit: .forward(endpoints)
                ),
                frontEnd(.address(address(1)), .sctp, dns, .offCluster, .drop),
                frontEnd(.nodeAddresses(family), .tcp, nodePort, .always, .forward(endpoints)),
                frontEnd(.nodeAddresses(family), .udp, nodePort, .always, .drop),
            ]
            return [
                ServiceSnapshot(service: ObjectName(namespace: "default", name: "web-\(family)"), frontEnds: frontEnds)
            ]
        }
    }

    /// Applies what a configuration makes of the cluster, and returns nft's words for it and our own.
    private func listings(_ configuration: DataPlaneConfiguration) throws -> (nft: [String], ours: [String]) {
        let plane = DataPlane(configuration: configuration)
        let transaction = plane.rebuild(replacing: [:], changing: try snapshots()).transaction
        return try inNewNetworkNamespace {
            try KernelRuleset().apply(transaction)
            return (canonical(try NftProgram().listing()), canonical(NftText.describing(transaction)))
        }
    }

    /// The lines of a listing without what `NftText` documents to be different: the arrangement of elements, and the
    /// match that a TCP reset implies.
    private func canonical(_ listing: String) -> [String] {
        var lines: [String] = []
        var elements: String?
        for line in listing.split(separator: "\n") {
            var text = String(line.drop { $0 == "\t" || $0 == " " })
            if text == "meta l4proto tcp reject with tcp reset" { text = "reject with tcp reset" }
            if elements != nil || text.hasPrefix("elements = { ") {
                let joined = (elements.map { $0 + " " } ?? "") + text
                elements = text.hasSuffix("}") ? nil : joined
                guard elements == nil else { continue }
                lines += joined.dropFirst("elements = { ".count).dropLast(" }".count).split(separator: ",").map {
                    String($0.drop { $0 == " " })
                }.sorted()
            } else {
                lines.append(text)
            }
        }
        return lines
    }

    @Test func `nft lists the whole data plane in the words of NftText`() throws {
        let pods = ["10.244.0.0/16", "fd00:244::/48"].compactMap { IPPrefix(parsing: $0) }
        let (nft, ours) = try listings(DataPlaneConfiguration(clusterCIDRs: pods))
        #expect(nft == ours)
        // All that the two listings could lack together.
        #expect(nft.filter { $0.hasPrefix("table ") } == ["table ip fairlead {", "table ip6 fairlead {"])
        #expect(nft.contains("10.0.0.1 . tcp . 80 comment \"default/web-IPv4:http\" : goto lb-8"))
        #expect(nft.contains("fd00::1 . tcp . 80 comment \"default/web-IPv6:http\" : goto lb-8"))
    }

    @Test func `nft lists the data plane of other choices in the words of NftText`() throws {
        let (nft, ours) = try listings(
            DataPlaneConfiguration(
                masqueradesAll: true,
                masqueradeMark: 1 << 20,
                nodePortAddresses: [.ipv4: .only([IPAddress(192, 0, 2, 1)]), .ipv6: .only([])]
            )
        )
        #expect(nft == ours)
        #expect(nft.contains("192.0.2.1"))
    }

    /// What of a listing another table has too that holds the same: all but the time that elements have left, whose last
    /// digits an operator cannot read twice either.
    private func lasting(_ listing: String) -> [String] {
        canonical(listing).map { line in
            line.firstRange(of: " expires ").map {
                "\(line[..<$0.lowerBound])\(line[$0.upperBound...].drop { $0 != " " })"
            }
                ?? line
        }
    }

    /// nft 1.0.6 aborts on the rules that remember clients of IPv6, as on every map of addresses whose keys are longer
    /// than one; all else must come back as it was listed, to the byte in the kernel.
    @Test(
        arguments: [
            DataPlaneConfiguration(
                clusterCIDRs: ["10.244.0.0/16", "fd00:244::/48"].compactMap { IPPrefix(parsing: $0) }
            ),
            DataPlaneConfiguration(
                podInterface: .namedLike(prefix: "veth"),
                serviceCIDRs: ["10.96.0.0/12"].compactMap { IPPrefix(parsing: $0) },
                nodePortAddresses: [.ipv4: .only([IPAddress(192, 0, 2, 1)])]
            ),
        ],
        [[], [AddressFamily.ipv4]] as [Set<AddressFamily>]
    )
    func `nft loads its own listing`(_ configuration: DataPlaneConfiguration, _ affinity: Set<AddressFamily>) throws {
        let plane = DataPlane(configuration: configuration)
        let transaction = plane.rebuild(replacing: [:], changing: try snapshots(affinity: affinity)).transaction
        let (listing, held) = try inNewNetworkNamespace {
            let store = try KernelRuleset()
            try store.apply(transaction)
            if !affinity.isEmpty {
                try NftProgram().run(
                    "add element ip fairlead affinity { 10.9.9.9 . 10.0.0.1 . tcp . 80 timeout 1h : 10.0.3.232 . 80 }"
                )
            }
            return (try NftProgram().listing(), try contents(of: plane.tables, in: store))
        }
        try inNewNetworkNamespace {
            try NftProgram().run(listing)
            #expect(lasting(try NftProgram().listing()) == lasting(listing))
            #expect(try contents(of: plane.tables, in: try KernelRuleset()) == held)
        }
        #expect(held.contains { $0.key.hasSuffix(" endpoints") && $0.value.count > 5 })
        #expect(held["ip fairlead affinity"]?.count == affinity.count)
    }

    /// The elements of every set, by its table and name.
    private func contents(of tables: [Table], in store: KernelRuleset) throws -> [String: Set<Element>] {
        var contents: [String: Set<Element>] = [:]
        for table in tables {
            let found = try #require(try store.contents(of: table))
            #expect(found.foreignSets.isEmpty && found.foreignChains.isEmpty)
            for set in found.sets { contents["\(table) \(set.name)"] = Set(try store.elements(of: set, in: table)) }
        }
        return contents
    }

    @Test func `nft lists rules with every statement and comparison`() throws {
        let statements: [[Statement]] = [
            [.match(.sourceAddress, .isIn(IPPrefix(holding: IPAddress(10, 0, 0, 0), length: 8))), .verdict(.accept)],
            [.match(.sourceAddress, .isNotIn(IPPrefix(holding: IPAddress(10, 1, 2, 3), length: 32))), .verdict(.drop)],
            [.match(.transportProtocol, .equals(17)), .reject(.portUnreachable)],
            [.match(.mark, .equals(0x10)), .verdict(.return)],
            [.match(.mark, .hasAnyBit(of: 0x4000)), .flipMarkBits(0x4000), .verdict(.jump("a-chain"))],
            [.match(.connectionState, .hasAnyBit(of: ConnectionState.new)), .setMarkBits(1)],
            [.match(.destinationAddressType, .equals(AddressType.local)), .verdict(.goto("a-chain"))],
            [.member([.destinationAddress], of: Fixture.addresses.name), .verdict(.accept)],
            [.member([.destinationAddress], of: Fixture.addresses.name, isMember: false), .verdict(.accept)],
            [.verdictMap([.destinationAddress, .transportProtocol, .destinationPort], Fixture.services.name)],
        ]
        let rules = statements.enumerated().map { Rule($1, comment: $0.isMultiple(of: 2) ? "rule \($0)" : nil) }
        let hook = BaseHook(type: .filter, hook: .input, priority: -5)
        let making = Transaction(
            [
                .addTable(Fixture.table), .addSet(Fixture.table, Fixture.addresses),
                .addSet(Fixture.table, Fixture.services), .addChain(Fixture.table, Chain("a-chain")),
                .addChain(Fixture.table, Chain("base", base: hook)),
            ] + rules.map { .addRule(Fixture.table, chain: "base", $0) }
        )
        try inNewNetworkNamespace {
            try KernelRuleset().apply(making)
            #expect(canonical(try NftProgram().listing()) == canonical(NftText.describing(making)))
        }
    }
}
