import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What becomes of flows to cluster IPs.
@Suite struct ClusterIPFlowTests {
    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to a cluster IP reaches each endpoint, masqueraded unless it is a pod's`(
        traffic: Traffic,
        place: Place
    ) throws {
        let node = try FlowNode([
            service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints)))
        ])
        #expect(
            node.outcomes(traffic, from: place, to: traffic.clusterIP)
                == traffic.delivered(traffic.endpoints, masqueraded: !place.isPod)
        )
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `without a pod range of the family no flow to a cluster IP is masqueraded`(
        traffic: Traffic,
        place: Place
    ) throws {
        let otherFamily = prefix(traffic.family == .ipv4 ? "fd00:244::/32" : "10.244.0.0/16")
        for ranges in [[], [otherFamily]] {
            let node = try FlowNode(
                [service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints)))],
                configuration: DataPlaneConfiguration(clusterCIDRs: ranges)
            )
            #expect(
                node.outcomes(traffic, from: place, to: traffic.clusterIP)
                    == traffic.delivered(traffic.endpoints, masqueraded: false)
            )
        }
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `every flow to a cluster IP is masqueraded when all are to be`(traffic: Traffic, place: Place) throws {
        var configuration = DataPlaneConfiguration.withPodRanges
        configuration.masqueradesAll = true
        let node = try FlowNode(
            [
                service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints))),
                service("db", traffic.frontEnd(at: traffic.otherClusterIP, does: .refuse)),
            ],
            configuration: configuration
        )
        #expect(
            node.outcomes(traffic, from: place, to: traffic.clusterIP)
                == traffic.delivered(traffic.endpoints, masqueraded: true)
        )
        // It is about cluster IPs only.
        let endpoint = traffic.elsewhere.destination
        #expect(
            node.outcomes(traffic, from: place, to: endpoint.address, 8081)
                == [.delivered(to: endpoint, masqueraded: false)]
        )
    }

    @Test(arguments: Traffic.all)
    func `a pod that reaches itself is masqueraded, and only then`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints)))
        ])
        for itself in [traffic.here, traffic.somewhere] {
            let others = traffic.endpoints.filter { $0 != itself }
            #expect(
                node.outcomes(traffic.packet(from: itself.destination.address, to: traffic.clusterIP))
                    == traffic.delivered(others, masqueraded: false)
                    .union(traffic.delivered([itself], masqueraded: true))
            )
        }
        // Without a Service between, nothing is translated.
        let itself = traffic.here.destination
        #expect(
            node.outcomes(traffic.packet(from: itself.address, to: itself.address, 8080))
                == [.delivered(to: itself, masqueraded: false)]
        )
    }

    @Test(arguments: Traffic.all)
    func `a pod of another node that reaches itself is that node's concern`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward([traffic.elsewhere])))
        ])
        #expect(
            node.outcomes(traffic.packet(from: traffic.elsewhere.destination.address, to: traffic.clusterIP))
                == traffic.delivered([traffic.elsewhere], masqueraded: false)
        )
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to an external address is masqueraded wherever it comes from`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(at: traffic.externalIP, masquerade: .always, does: .forward(traffic.endpoints))
            )
        ])
        #expect(
            node.outcomes(traffic, from: place, to: traffic.externalIP)
                == traffic.delivered(traffic.endpoints, masqueraded: true)
        )
        // Unlike a cluster IP, the address may have other listeners: other ports are left alone.
        #expect(
            node.outcomes(traffic, from: place, to: traffic.externalIP, 81)
                == [.delivered(to: TransportAddress(traffic.externalIP, port(81)), masqueraded: false)]
        )
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `another port or transport of a live cluster IP is refused`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([
            service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints)))
        ])
        let hook: Hook = place == .node ? .output : .forward
        #expect(node.outcomes(traffic, from: place, to: traffic.clusterIP, 81) == [.refused(traffic.refusal, at: hook)])
        for transport in TransportProtocol.allCases where transport != traffic.transport {
            let other = Traffic(family: traffic.family, transport: transport)
            #expect(node.outcomes(other, from: place, to: traffic.clusterIP) == [.refused(other.refusal, at: hook)])
        }
    }

    @Test(arguments: Traffic.all)
    func `a cluster IP that the node has too is left to whatever listens there`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("dns", traffic.frontEnd(at: traffic.nodeAddress, does: .forward(traffic.endpoints)))
        ])
        let other = TransportAddress(traffic.nodeAddress, port(9053))
        #expect(
            node.outcomes(traffic, from: .podHere, to: traffic.nodeAddress, 9053)
                == [.delivered(to: other, masqueraded: false)]
        )
        #expect(
            node.outcomes(traffic, from: .podHere, to: traffic.nodeAddress)
                == traffic.delivered(traffic.endpoints, masqueraded: false)
        )
    }

    @Test(arguments: Traffic.all)
    func `each port of a cluster IP leads to its own endpoints`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("a", traffic.frontEnd(at: traffic.clusterIP, 80, does: .forward([traffic.here]))),
            service("b", traffic.frontEnd(at: traffic.clusterIP, 443, does: .forward([traffic.elsewhere]))),
            service("c", traffic.frontEnd(at: traffic.otherClusterIP, 80, does: .forward([traffic.somewhere]))),
        ])
        for (address, number, endpoint) in [
            (traffic.clusterIP, 80, traffic.here), (traffic.clusterIP, 443, traffic.elsewhere),
            (traffic.otherClusterIP, 80, traffic.somewhere),
        ] {
            #expect(
                node.outcomes(traffic, from: .podElsewhere, to: address, number)
                    == traffic.delivered([endpoint], masqueraded: false)
            )
        }
    }
}
