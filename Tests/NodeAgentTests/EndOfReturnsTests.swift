import NetworkAddress
import NodeAgent
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// An endpoint with affinity leaves: whoever is remembered as its client is forgotten before any packet is dropped.
@Suite struct EndOfReturnsTests {
    private static let affinity = DataPlane.affinityMap(of: CommitBench.table)
    private static let gone = ip("10.244.1.2")
    private static let kept = ip("10.244.1.1")

    /// A store that shows the ruleset before a transaction and after it.
    private final class ShownRuleset: RulesetStore {
        let ruleset = InMemoryRuleset()
        var show: () throws -> Void = {}
        var beforeApplying: () throws -> Void = {}

        func generation() throws(RulesetError) -> UInt32 { try ruleset.generation() }

        func contents(of table: Table) throws(RulesetError) -> TableContents? { try ruleset.contents(of: table) }

        func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
            #expect(throws: Never.self) { try show() }
            return try ruleset.elements(of: set, in: table)
        }

        func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
            #expect(throws: Never.self) { try show() }
            #expect(throws: Never.self) { try beforeApplying() }
            try ruleset.apply(transaction, expecting: expected)
            #expect(throws: Never.self) { try show() }
        }
    }

    private static func endpoint(_ address: IPAddress) -> Endpoint {
        Endpoint(TransportAddress(address, port(8080)), locality: .local)
    }

    /// A way into the Service.
    private enum Way: CaseIterable {
        case clusterIP
        case nodePort

        var address: IPAddress { self == .clusterIP ? ip("10.96.0.1") : ip("192.0.2.10") }
        var port: Port { NodeAgentTests.port(self == .clusterIP ? 53 : 30053) }
        var listener: FrontEndKey.Listener { self == .clusterIP ? .address(address) : .nodeAddresses(.ipv4) }
    }

    private static func web(
        _ endpoints: [IPAddress],
        affinitySeconds: UInt32? = 600,
        named service: String = "web"
    ) -> ServiceSnapshot {
        let frontEnds = Way.allCases.map { way in
            FrontEnd(
                key: FrontEndKey(listener: way.listener, transport: .udp, port: way.port),
                portName: "",
                masquerade: .never,
                action: endpoints.isEmpty ? .refuse : .forward(endpoints.map(endpoint)),
                affinitySeconds: affinitySeconds
            )
        }
        return ServiceSnapshot(service: name(service), frontEnds: frontEnds)
    }

    /// A committer whose store shows every moment to clients, which come and return all the time.
    private final class Bench {
        let store = ShownRuleset()
        let committer: RulesetCommitter
        private var clients: [(address: IPAddress, way: Way)] = []
        private(set) var losses: [String] = []

        init(_ snapshots: ServiceSnapshot...) throws {
            committer = RulesetCommitter(store: store, configuration: .init())
            _ = try committer.rebuild(snapshots)
            for way in Way.allCases {
                for endpoint in [EndOfReturnsTests.kept, EndOfReturnsTests.gone] {
                    try remember(endpoint, way)
                    // It is its own client, too.
                    try remember(endpoint, way, as: endpoint)
                }
            }
            store.show = { [unowned self] in try comeAndReturn() }
        }

        var remembered: [Element] {
            get throws { try store.ruleset.elements(of: EndOfReturnsTests.affinity, in: CommitBench.table) }
        }

        /// The endpoints that clients are remembered as those of.
        var endpoints: Set<String> {
            get throws { Set(try remembered.map { "\(String(describing: $0.value))" }) }
        }

        /// Plays the rule that remembers a new client.
        func remember(_ endpoint: IPAddress, _ way: Way, as client: IPAddress? = nil) throws {
            let address = client ?? IPAddress(ipv4: 203 << 24 | 113 << 8 | UInt32(clients.count) << 16)
            clients.append((address, way))
            var key = PackedFields(address, way.address)
            key.append(.udp)
            key.append(way.port)
            let element = Element(key, .fields(PackedFields(TransportAddress(endpoint, port(8080)))))
            try store.ruleset.foreignChange([.addElements(CommitBench.table, set: "affinity", [element])])
        }

        /// Every client returns, and another comes that is given the endpoint that leaves, if any still is.
        private func comeAndReturn() throws {
            let tracer = PacketTracer(store.ruleset, nodeAddresses: [Way.nodePort.address])
            for client in clients {
                let outcome = tracer.trace(packet(from: client.address, client.way))
                switch outcome.verdict {
                case .dropped: losses.append("\(client): \(outcome)")
                case .delivered(let endpoint, false) where endpoint.address == client.address:
                    losses.append("\(client) answers itself: \(outcome)")
                default: break
                }
            }
            let given = TransportAddress(EndOfReturnsTests.gone, port(8080))
            for way in Way.allCases {
                let packet = packet(from: ip("203.255.0.1"), way)
                guard tracer.outcomes(of: packet).keys.contains(.delivered(to: given, masqueraded: false)),
                    !tracer.trace(packet).remembered.isEmpty
                else { continue }
                try remember(EndOfReturnsTests.gone, way)
            }
        }

        private func packet(from client: IPAddress, _ way: Way) -> Packet {
            Packet(from: client, to: TransportAddress(way.address, way.port), transport: .udp)
        }
    }

    /// What becomes of the Service.
    private static let changes: [[ServiceSnapshot]] = [
        [web([kept])], [web([])], [ServiceSnapshot(service: name("web"), frontEnds: [])], [web([ip("10.244.1.9")])],
        [web([kept], affinitySeconds: nil)], [web([kept], affinitySeconds: 60)],
        [web([kept, gone, ip("10.244.1.9")], affinitySeconds: nil)],
        [ServiceSnapshot(service: name("web"), frontEnds: []), web([kept], named: "other")],
    ]

    @Test(arguments: changes.indices)
    func `no packet of a client is lost, whenever it comes`(_ index: Int) throws {
        let bench = try Bench(Self.web([Self.kept, Self.gone]))
        let report = try bench.committer.commit(Self.changes[index])
        #expect(!report.isRebuild)
        #expect(bench.losses.isEmpty, "\(bench.losses.first ?? "")")
        // An endpoint that another Service has in the same place is no end.
        #expect(report.departed.allSatisfy { !$0.hadAffinity || $0.endpoint.address == Self.kept })
        #expect(report.forgottenClients > 0)
        let gone = Element.Value.fields(PackedFields(TransportAddress(Self.gone, port(8080))))
        #expect(try !bench.remembered.contains { $0.value == gone })
        // Whoever is a client of the endpoint that stays is remembered still.
        if index == 0 { #expect(try bench.remembered.count == 4) }
    }

    @Test func `a key that another Service takes over keeps its endpoints`() throws {
        let bench = try Bench(Self.web([Self.kept, Self.gone]))
        let report = try bench.committer.commit([
            ServiceSnapshot(service: name("web"), frontEnds: []), Self.web([Self.kept, Self.gone], named: "other"),
        ])
        #expect(!report.isRebuild)
        let endpoints = SetDeclaration(
            "affinity-endpoints",
            key: [.address(.ipv4), .transportProtocol, .port, .address(.ipv4), .port]
        )
        #expect(try bench.store.elements(of: endpoints, in: CommitBench.table).count == 2)
        #expect(bench.losses.isEmpty)
    }

    @Test func `a client whose time ends meanwhile does not matter`() throws {
        let bench = try Bench(Self.web([Self.kept, Self.gone]))
        let gone = Element.Value.fields(PackedFields(TransportAddress(Self.gone, port(8080))))
        let ruleset = bench.store.ruleset
        ruleset.applied = []
        var ended = 0
        bench.store.beforeApplying = {
            // The client was listed, and is to be forgotten with the end of the change.
            guard ruleset.applied.count == 1, ended == 0 else { return }
            let client = try #require(try bench.remembered.first { $0.value == gone })
            try ruleset.foreignChange([.deleteElements(CommitBench.table, set: "affinity", [client])])
            ended += 1
        }
        let report = try bench.committer.commit([Self.web([Self.kept])])
        #expect(ended == 1)
        #expect(!report.isRebuild)
        #expect(ruleset.applied.count == 2)
        #expect(try bench.remembered.count == 4)
    }

    @Test func `an error at the end is mended by a rebuild`() throws {
        let bench = try Bench(Self.web([Self.kept, Self.gone]))
        let ruleset = bench.store.ruleset
        ruleset.applied = []
        bench.store.beforeApplying = {
            guard ruleset.applied.count == 1 else { return }
            bench.store.beforeApplying = {}
            ruleset.failNext(.apply, with: .channel(step: "send", reason: .noBufferSpace))
        }
        #expect(throws: RulesetError.channel(step: "send", reason: .noBufferSpace)) {
            try bench.committer.commit([Self.web([Self.kept])])
        }
        #expect(bench.committer.hasPending)
        let report = try bench.committer.commit([])
        #expect(report.isRebuild)
        #expect(report.departed.map(\.endpoint.address) == [Self.gone, Self.gone])
        #expect(report.departed.allSatisfy { $0.hadAffinity })
    }
}
