import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What becomes of flows to front ends whose clients return to the endpoint that they were given.
@Suite struct AffinityFlowTests {
    private static let table4 = Table(.ip, "fairlead")
    private static let table6 = Table(.ip6, "fairlead")

    /// A change of a dynamic map, to compare.
    private struct Change: Hashable {
        let map: String
        let element: Element
        let seconds: UInt32

        init(map: String, element: Element, seconds: UInt32) {
            self.map = map
            self.element = element
            self.seconds = seconds
        }

        init(_ change: RememberedElement) {
            self.init(map: change.map, element: change.element, seconds: change.seconds)
        }
    }

    /// What rules remember of a client that asked an address: the key, and the endpoint.
    private func element(
        _ traffic: Traffic,
        client: IPAddress,
        asked: IPAddress,
        _ number: Int = 80,
        gets endpoint: Endpoint? = nil
    ) -> Element {
        var key = PackedFields(client, asked)
        key.append(traffic.transport)
        key.append(port(number))
        return Element(key, endpoint.map { .fields(PackedFields($0.destination)) } ?? .none)
    }

    /// Plays the rule that remembered a client earlier.
    private func remember(_ element: Element, _ traffic: Traffic, on node: FlowNode) throws {
        let table = traffic.family == .ipv4 ? Self.table4 : Self.table6
        try node.programmed.ruleset.foreignChange([.addElements(table, set: "affinity", [element])])
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a client's endpoint is remembered by client, address, protocol and port`(
        traffic: Traffic,
        place: Place
    ) throws {
        let node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(at: traffic.clusterIP, does: .forward([traffic.elsewhere]), affinitySeconds: 600)
            )
        ])
        let outcome = node.tracer.trace(traffic.packet(from: place, to: traffic.clusterIP), place.path)
        #expect(outcome.verdict == .delivered(to: traffic.elsewhere.destination, masqueraded: !place.isPod))
        let client = place.address(traffic.family)
        let expected = element(traffic, client: client, asked: traffic.clusterIP, gets: traffic.elsewhere)
        #expect(outcome.remembered.map(Change.init) == [Change(map: "affinity", element: expected, seconds: 600)])
        #expect(outcome.forgotten.isEmpty)
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a client of a node port is remembered by the address that it asked`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([
            service("web", traffic.nodePort(does: .forward([traffic.elsewhere]), affinitySeconds: 90))
        ])
        let packet = traffic.packet(from: place, to: traffic.secondNodeAddress, 30080)
        let outcome = node.tracer.trace(packet, place.path)
        #expect(outcome.verdict == .delivered(to: traffic.elsewhere.destination, masqueraded: true))
        let client = place.address(traffic.family)
        let expected = element(
            traffic,
            client: client,
            asked: traffic.secondNodeAddress,
            30080,
            gets: traffic.elsewhere
        )
        #expect(outcome.remembered.map(Change.init) == [Change(map: "affinity", element: expected, seconds: 90)])
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a client that is remembered goes back to its endpoint, and is remembered anew`(
        traffic: Traffic,
        place: Place
    ) throws {
        let node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints), affinitySeconds: 600),
                traffic.frontEnd(at: traffic.clusterIP, 443, does: .forward(traffic.endpoints), affinitySeconds: 600),
                traffic.frontEnd(at: traffic.otherClusterIP, does: .forward(traffic.endpoints), affinitySeconds: 600),
                traffic.nodePort(does: .forward(traffic.endpoints), affinitySeconds: 600)
            )
        ])
        let client = place.address(traffic.family)
        let known = element(traffic, client: client, asked: traffic.clusterIP, gets: traffic.somewhere)
        let knownAtPort = element(traffic, client: client, asked: traffic.nodeAddress, 30080, gets: traffic.here)
        try remember(known, traffic, on: node)
        try remember(knownAtPort, traffic, on: node)
        let masqueraded = !place.isPod
        #expect(
            node.outcomes(traffic, from: place, to: traffic.clusterIP)
                == traffic.delivered([traffic.somewhere], masqueraded: masqueraded)
        )
        #expect(
            node.outcomes(traffic, from: place, to: traffic.nodeAddress, 30080)
                == traffic.delivered([traffic.here], masqueraded: true)
        )
        let outcome = node.tracer.trace(traffic.packet(from: place, to: traffic.clusterIP), place.path)
        #expect(outcome.remembered.map(Change.init) == [Change(map: "affinity", element: known, seconds: 600)])
        // What it asked elsewhere, and what others ask, is balanced.
        for (address, number) in [(traffic.clusterIP, 443), (traffic.otherClusterIP, 80)] {
            #expect(
                node.outcomes(traffic, from: place, to: address, number)
                    == traffic.delivered(traffic.endpoints, masqueraded: masqueraded)
            )
        }
        for other in Place.allCases where other != place {
            #expect(
                node.outcomes(traffic, from: other, to: traffic.clusterIP)
                    == traffic.delivered(traffic.endpoints, masqueraded: !other.isPod)
            )
        }
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a client whose endpoint has gone is forgotten, and its packet dropped`(
        traffic: Traffic,
        place: Place
    ) throws {
        let node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(at: traffic.clusterIP, does: .forward([traffic.elsewhere]), affinitySeconds: 600),
                traffic.nodePort(does: .forward([traffic.elsewhere]), affinitySeconds: 600)
            ),
            // It is an endpoint of another front end still.
            service(
                "api",
                traffic.frontEnd(at: traffic.otherClusterIP, does: .forward([traffic.here]), affinitySeconds: 600)
            ),
        ])
        let client = place.address(traffic.family)
        for (address, number) in [(traffic.clusterIP, 80), (traffic.nodeAddress, 30080)] {
            try remember(
                element(traffic, client: client, asked: address, number, gets: traffic.here),
                traffic,
                on: node
            )
            let outcome = node.tracer.trace(traffic.packet(from: place, to: address, number), place.path)
            #expect(outcome.verdict == .dropped(at: place == .node ? .output : .forward))
            let key = element(traffic, client: client, asked: address, number)
            #expect(outcome.forgotten.map(Change.init) == [Change(map: "affinity", element: key, seconds: 0)])
            #expect(outcome.remembered.isEmpty)
        }
    }

    @Test(arguments: Traffic.all)
    func `nothing is remembered without affinity, of refusals, and of flows that stand`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward([traffic.here]))),
            service("api", traffic.frontEnd(at: traffic.otherClusterIP, does: .refuse, affinitySeconds: 600)),
            service(
                "db",
                traffic.frontEnd(at: traffic.clusterIP, 443, does: .forward([traffic.here]), affinitySeconds: 600)
            ),
        ])
        let standing = Packet.Connection.established(translatedTo: traffic.here.destination)
        for packet in [
            traffic.packet(from: .outside, to: traffic.clusterIP),
            traffic.packet(from: .outside, to: traffic.otherClusterIP),
            traffic.packet(from: .outside, to: traffic.clusterIP, 443, connection: standing),
        ] {
            let outcome = node.tracer.trace(packet)
            #expect(outcome.remembered.isEmpty)
            #expect(outcome.forgotten.isEmpty)
        }
    }

    @Test(arguments: Traffic.all)
    func `a client of the short circuit goes back to an endpoint elsewhere`(traffic: Traffic) throws {
        let all = [traffic.here, traffic.elsewhere]
        let node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(
                    at: traffic.externalIP,
                    masquerade: .never,
                    does: .forward([traffic.here]),
                    ownClients: .forward(all),
                    affinitySeconds: 600
                )
            )
        ])
        #expect(
            node.outcomes(traffic, from: .podHere, to: traffic.externalIP)
                == traffic.delivered(all, masqueraded: false)
        )
        let client = Place.podHere.address(traffic.family)
        try remember(
            element(traffic, client: client, asked: traffic.externalIP, gets: traffic.elsewhere),
            traffic,
            on: node
        )
        #expect(
            node.outcomes(traffic, from: .podHere, to: traffic.externalIP)
                == traffic.delivered([traffic.elsewhere], masqueraded: false)
        )
        let outcome = node.tracer.trace(traffic.packet(from: .outside, to: traffic.externalIP))
        #expect(outcome.verdict == .delivered(to: traffic.here.destination, masqueraded: false))
        #expect(outcome.remembered.map(\.seconds) == [600])
    }

    @Test(arguments: Traffic.all)
    func `a rebuild keeps what is remembered`(traffic: Traffic) throws {
        var node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints), affinitySeconds: 600)
            )
        ])
        let client = Place.outside.address(traffic.family)
        try remember(
            element(traffic, client: client, asked: traffic.clusterIP, gets: traffic.somewhere),
            traffic,
            on: node
        )
        try node.programmed.rebuild()
        #expect(
            node.outcomes(traffic, from: .outside, to: traffic.clusterIP)
                == traffic.delivered([traffic.somewhere], masqueraded: true)
        )
    }
}
