import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What becomes of flows to external front ends under a `Local` policy: the node's own clients are led past it.
@Suite struct ExternalPolicyFlowTests {
    /// A front end at an external address, or at a node port.
    enum Way: String, CaseIterable, Sendable, CustomStringConvertible {
        case address = "an external address"
        case nodePort = "a node port"

        var description: String { rawValue }

        func frontEnd(
            _ traffic: Traffic,
            does action: FrontEndAction,
            ownClients shortCircuit: FrontEndAction?
        ) -> FrontEnd {
            switch self {
            case .address:
                traffic.frontEnd(
                    at: traffic.externalIP,
                    masquerade: .never,
                    does: action,
                    ownClients: shortCircuit
                )
            case .nodePort: traffic.nodePort(masquerade: .never, does: action, ownClients: shortCircuit)
            }
        }

        func outcomes(_ node: FlowNode, _ traffic: Traffic, from place: Place) -> Set<PacketVerdict> {
            switch self {
            case .address: node.outcomes(traffic, from: place, to: traffic.externalIP)
            case .nodePort: node.outcomes(traffic, from: place, to: traffic.nodeAddress, 30080)
            }
        }

        /// Where a flow from outside is dropped.
        var hook: Hook { self == .address ? .forward : .input }
    }

    @Test(arguments: Traffic.all, Way.allCases)
    func `outsiders reach endpoints here with their own address, own clients reach all`(
        traffic: Traffic,
        way: Way
    ) throws {
        let all = [traffic.here, traffic.elsewhere]
        let node = try FlowNode([
            service("web", way.frontEnd(traffic, does: .forward([traffic.here]), ownClients: .forward(all)))
        ])
        #expect(way.outcomes(node, traffic, from: .outside) == traffic.delivered([traffic.here], masqueraded: false))
        #expect(way.outcomes(node, traffic, from: .podHere) == traffic.delivered(all, masqueraded: false))
        #expect(way.outcomes(node, traffic, from: .podElsewhere) == traffic.delivered(all, masqueraded: false))
        #expect(way.outcomes(node, traffic, from: .node) == traffic.delivered(all, masqueraded: true))
    }

    @Test(arguments: Traffic.all, Way.allCases)
    func `without an endpoint here outsiders are dropped, and own clients served`(traffic: Traffic, way: Way) throws {
        let node = try FlowNode([
            service("web", way.frontEnd(traffic, does: .drop, ownClients: .forward([traffic.elsewhere])))
        ])
        #expect(way.outcomes(node, traffic, from: .outside) == [.dropped(at: way.hook)])
        #expect(
            way.outcomes(node, traffic, from: .podHere) == traffic.delivered([traffic.elsewhere], masqueraded: false)
        )
        #expect(way.outcomes(node, traffic, from: .node) == traffic.delivered([traffic.elsewhere], masqueraded: true))
    }

    @Test(arguments: Traffic.all, Way.allCases)
    func `without any endpoint everybody is refused`(traffic: Traffic, way: Way) throws {
        let node = try FlowNode([service("web", way.frontEnd(traffic, does: .refuse, ownClients: nil))])
        for place in Place.allCases {
            let hook: Hook =
                switch (way, place) {
                case (.nodePort, _): .input
                case (.address, .node): .output
                case (.address, _): .forward
                }
            // The node's own packets to itself go out before they come in.
            let found = way.outcomes(node, traffic, from: place)
            #expect(found == [.refused(traffic.refusal, at: hook)], "\(place)")
        }
    }

    @Test(arguments: Traffic.all, Way.allCases)
    func `where pods cannot be told from others, only the node is led past the policy`(
        traffic: Traffic,
        way: Way
    ) throws {
        let all = [traffic.here, traffic.elsewhere]
        let node = try FlowNode(
            [service("web", way.frontEnd(traffic, does: .forward([traffic.here]), ownClients: .forward(all)))],
            configuration: .init()
        )
        for place in Place.allCases where place != .node {
            #expect(way.outcomes(node, traffic, from: place) == traffic.delivered([traffic.here], masqueraded: false))
        }
        #expect(way.outcomes(node, traffic, from: .node) == traffic.delivered(all, masqueraded: true))
    }

    @Test(arguments: Traffic.all)
    func `a pod that reaches itself past the policy is masqueraded`(traffic: Traffic) throws {
        let frontEnd = Way.address.frontEnd(traffic, does: .drop, ownClients: .forward([traffic.here]))
        let node = try FlowNode([service("web", frontEnd)])
        #expect(
            node.outcomes(traffic.packet(from: traffic.here.destination.address, to: traffic.externalIP))
                == traffic.delivered([traffic.here], masqueraded: true)
        )
    }

    @Test(arguments: Traffic.all)
    func `the policy of an address says nothing of its cluster IP`(traffic: Traffic) throws {
        let all = [traffic.here, traffic.elsewhere]
        let node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(at: traffic.clusterIP, does: .forward(all)),
                Way.address.frontEnd(traffic, does: .forward([traffic.here]), ownClients: .forward(all))
            )
        ])
        #expect(
            node.outcomes(traffic, from: .outside, to: traffic.clusterIP) == traffic.delivered(all, masqueraded: true)
        )
    }
}
