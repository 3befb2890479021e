import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What becomes of flows that no endpoint can answer.
@Suite struct UnansweredFlowTests {
    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to a cluster IP without endpoints is refused at once`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([service("web", traffic.frontEnd(at: traffic.clusterIP, does: .refuse))])
        let hook: Hook = place == .node ? .output : .forward
        #expect(node.outcomes(traffic, from: place, to: traffic.clusterIP) == [.refused(traffic.refusal, at: hook)])
        // The client of another port is told the same.
        #expect(node.outcomes(traffic, from: place, to: traffic.clusterIP, 81) == [.refused(traffic.refusal, at: hook)])
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to a cluster IP whose endpoints are elsewhere is dropped`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([service("web", traffic.frontEnd(at: traffic.clusterIP, does: .drop))])
        let hook: Hook = place == .node ? .output : .forward
        #expect(node.outcomes(traffic, from: place, to: traffic.clusterIP) == [.dropped(at: hook)])
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to an external address without endpoints is refused`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([
            service("web", traffic.frontEnd(at: traffic.externalIP, masquerade: .always, does: .refuse))
        ])
        let hook: Hook = place == .node ? .output : .forward
        #expect(node.outcomes(traffic, from: place, to: traffic.externalIP) == [.refused(traffic.refusal, at: hook)])
    }

    @Test(arguments: Traffic.all)
    func `an external address that is the node's own refuses too`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("web", traffic.frontEnd(at: traffic.nodeAddress, masquerade: .always, does: .refuse))
        ])
        #expect(
            node.outcomes(traffic, from: .outside, to: traffic.nodeAddress) == [.refused(traffic.refusal, at: .input)]
        )
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to a node port without endpoints is refused`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([service("web", traffic.nodePort(does: .refuse))])
        #expect(
            node.outcomes(traffic, from: place, to: traffic.nodeAddress, 30080)
                == [.refused(traffic.refusal, at: .input)]
        )
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to a node port whose endpoints are elsewhere is dropped`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([service("web", traffic.nodePort(does: .drop))])
        #expect(node.outcomes(traffic, from: place, to: traffic.nodeAddress, 30080) == [.dropped(at: .input)])
    }

    @Test(arguments: Traffic.all)
    func `endpoints that come and go switch between answers and refusals`(traffic: Traffic) throws {
        var node = try FlowNode([])
        let actions: [(FrontEndAction, Set<PacketVerdict>)] = [
            (.refuse, [.refused(traffic.refusal, at: .forward)]),
            (.forward([traffic.here]), traffic.delivered([traffic.here], masqueraded: true)),
            (.drop, [.dropped(at: .forward)]),
            (.forward(traffic.endpoints), traffic.delivered(traffic.endpoints, masqueraded: true)),
            (.refuse, [.refused(traffic.refusal, at: .forward)]),
        ]
        for (action, expected) in actions {
            try node.programmed.change(service("web", traffic.frontEnd(at: traffic.clusterIP, does: action)))
            #expect(node.outcomes(traffic, from: .outside, to: traffic.clusterIP) == expected)
        }
        try node.programmed.change(service("web"))
        #expect(
            node.outcomes(traffic, from: .outside, to: traffic.clusterIP)
                == [.delivered(to: TransportAddress(traffic.clusterIP, port(80)), masqueraded: false)]
        )
    }
}
