import NetworkAddress
import Nftables
import ServiceModel
import ServiceRules
import Testing

/// Which clients are to be forgotten when endpoints depart.
@Suite struct StaleClientsTests {
    /// A remembered client of `10.96.0.1:80`, or as the arguments say, with the endpoint that it was given.
    struct Client: Sendable {
        var family = AddressFamily.ipv4
        var asked = "10.96.0.1"
        var transport = TransportProtocol.tcp
        var port = 80
        var endpoint = "10.244.1.1:8080"

        var element: Element {
            var key = PackedFields(ip(family == .ipv4 ? "203.0.113.7" : "2001:db8::7"), ip(asked))
            key.append(transport)
            key.append(ServiceRulesTests.port(port))
            return Element(key, .fields(PackedFields(ServiceRulesTests.endpoint(endpoint).destination)))
        }
    }

    /// Whose endpoint departs from what.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var listener = FrontEndKey.Listener.address(ip("10.96.0.1"))
        var transport = TransportProtocol.tcp
        var port = 80
        var endpoint = "10.244.1.1:8080"
        var hadAffinity = true
        /// Which of the clients are to be forgotten.
        let stale: Set<Int>

        var testDescription: String { name }

        /// What a plan says of the departure.
        func departed() throws -> [DepartedEndpoint] {
            let frontEnd = FrontEnd(
                key: FrontEndKey(listener: listener, transport: transport, port: ServiceRulesTests.port(port)),
                portName: "",
                masquerade: .offCluster,
                action: .forward([ServiceRulesTests.endpoint(endpoint)]),
                affinitySeconds: hadAffinity ? 60 : nil
            )
            return try ProgrammedNode([service("web", frontEnd)]).plane.plan([service("web")]).departed
        }
    }

    private static let clients: [Client] = [
        Client(), Client(endpoint: "10.244.1.2:8080"), Client(endpoint: "10.244.1.1:8081"), Client(asked: "10.96.0.2"),
        Client(transport: .udp), Client(port: 443), Client(asked: "192.0.2.10", port: 30080),
        Client(asked: "198.51.100.10", port: 30080), Client(asked: "192.0.2.10", transport: .udp, port: 30080),
    ]
    private static let clients6: [Client] = [
        Client(family: .ipv6, asked: "fd00:96::1", endpoint: "[fd00:244::1]:8080"),
        Client(family: .ipv6, asked: "2001:db8::10", port: 30080, endpoint: "[fd00:244::1]:8080"),
    ]

    private static let cases: [Case] = [
        Case(name: "an address's endpoint", stale: [0]),
        Case(name: "another endpoint of it", endpoint: "10.244.1.2:8080", stale: [1]),
        Case(name: "another port of the endpoint", endpoint: "10.244.1.1:8081", stale: [2]),
        Case(name: "an endpoint of nobody", endpoint: "10.244.9.9:8080", stale: []),
        Case(name: "another address", listener: .address(ip("10.96.0.2")), stale: [3]),
        Case(name: "another protocol", transport: .udp, stale: [4]),
        Case(name: "another port", port: 443, stale: [5]),
        Case(name: "no affinity", hadAffinity: false, stale: []),
        Case(name: "a node port, at any address", listener: .nodeAddresses(.ipv4), port: 30080, stale: [6, 7]),
        Case(
            name: "a node port of the other family",
            listener: .nodeAddresses(.ipv6),
            port: 30080,
            endpoint: "[fd00:244::1]:8080",
            stale: []
        ),
        Case(
            name: "a node port over UDP",
            listener: .nodeAddresses(.ipv4),
            transport: .udp,
            port: 30080,
            stale: [8]
        ),
    ]

    private static let cases6: [Case] = [
        Case(name: "an address", listener: .address(ip("fd00:96::1")), endpoint: "[fd00:244::1]:8080", stale: [0]),
        Case(
            name: "a node port",
            listener: .nodeAddresses(.ipv6),
            port: 30080,
            endpoint: "[fd00:244::1]:8080",
            stale: [1]
        ),
        Case(name: "an IPv4 address", stale: []),
    ]

    private func expect(_ departure: Case, _ clients: [Client], _ table: Table) throws {
        let elements = clients.map(\.element)
        let stale = DataPlane.staleClients(elements, of: try departure.departed(), in: table)
        #expect(stale == departure.stale.sorted().map { elements[$0] })
    }

    @Test(arguments: cases)
    func `clients of the departed endpoint are found, and no others`(_ departure: Case) throws {
        try expect(departure, Self.clients, Table(.ip, "fairlead"))
    }

    @Test(arguments: cases6)
    func `the same over IPv6`(_ departure: Case) throws {
        try expect(departure, Self.clients6, Table(.ip6, "fairlead"))
    }

    @Test func `several departures are found at once, and none without one`() throws {
        let departed = try [Self.cases[0], Self.cases[3], Self.cases[4], Self.cases[8]].flatMap { try $0.departed() }
        let elements = Self.clients.map(\.element)
        let table = Table(.ip, "fairlead")
        #expect(DataPlane.staleClients(elements, of: departed, in: table) == [0, 3, 6, 7].map { elements[$0] })
        #expect(DataPlane.staleClients(elements, of: [], in: table).isEmpty)
    }

    @Test func `clients stray where no front end with affinity leads to their endpoint`() throws {
        func frontEnd(_ listener: FrontEndKey.Listener, _ number: Int, affinitySeconds: UInt32?) -> FrontEnd {
            FrontEnd(
                key: FrontEndKey(listener: listener, transport: .tcp, port: ServiceRulesTests.port(number)),
                portName: "",
                masquerade: .offCluster,
                action: .forward([endpoint("10.244.1.1:8080")]),
                affinitySeconds: affinitySeconds
            )
        }
        let node = try ProgrammedNode([
            service(
                "web",
                frontEnd(.address(ip("10.96.0.1")), 80, affinitySeconds: 60),
                frontEnd(.address(ip("10.96.0.2")), 80, affinitySeconds: nil),
                frontEnd(.nodeAddresses(.ipv4), 30080, affinitySeconds: 60)
            )
        ])
        let elements = Self.clients.map(\.element)
        let stray = node.plane.strayClients(elements, in: Table(.ip, "fairlead"))
        let indices = Set(elements.indices.filter { stray.contains(elements[$0]) })
        #expect(indices == [1, 2, 3, 4, 5, 8])
    }
}
