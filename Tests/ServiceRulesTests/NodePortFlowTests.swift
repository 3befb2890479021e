import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What becomes of flows to node ports.
@Suite struct NodePortFlowTests {
    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to a node port reaches each endpoint, masqueraded`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode([service("web", traffic.nodePort(does: .forward(traffic.endpoints)))])
        for address in Place.nodeAddresses(traffic.family) {
            #expect(
                node.outcomes(traffic, from: place, to: address, 30080)
                    == traffic.delivered(traffic.endpoints, masqueraded: true)
            )
        }
    }

    @Test(arguments: Traffic.all)
    func `a node port is open on the selected addresses alone`(traffic: Traffic) throws {
        var configuration = DataPlaneConfiguration.withPodRanges
        configuration.nodePortAddresses = [traffic.family: .only([traffic.secondNodeAddress])]
        let node = try FlowNode(
            [service("web", traffic.nodePort(does: .forward([traffic.here])), traffic.nodePort(30081, does: .refuse))],
            configuration: configuration
        )
        for place in Place.allCases {
            #expect(
                node.outcomes(traffic, from: place, to: traffic.secondNodeAddress, 30080)
                    == traffic.delivered([traffic.here], masqueraded: true)
            )
            #expect(
                node.outcomes(traffic, from: place, to: traffic.secondNodeAddress, 30081)
                    == [.refused(traffic.refusal, at: .input)]
            )
            // On other addresses the ports belong to whatever listens there.
            for number in [30080, 30081] {
                #expect(
                    node.outcomes(traffic, from: place, to: traffic.nodeAddress, number)
                        == [.delivered(to: TransportAddress(traffic.nodeAddress, port(number)), masqueraded: false)]
                )
            }
        }
    }

    @Test(arguments: Traffic.all)
    func `a family without a selected address has no node ports, and the other has`(traffic: Traffic) throws {
        var configuration = DataPlaneConfiguration.withPodRanges
        configuration.nodePortAddresses = [traffic.family: .only([])]
        let other = Traffic(family: traffic.family == .ipv4 ? .ipv6 : .ipv4, transport: traffic.transport)
        let node = try FlowNode(
            [
                service(
                    "web",
                    traffic.nodePort(does: .forward([traffic.here])),
                    other.nodePort(does: .forward([other.here]))
                )
            ],
            configuration: configuration
        )
        let closed = TransportAddress(traffic.nodeAddress, port(30080))
        #expect(
            node.outcomes(traffic, from: .outside, to: closed.address, 30080)
                == [.delivered(to: closed, masqueraded: false)]
        )
        #expect(
            node.outcomes(other, from: .outside, to: other.nodeAddress, 30080)
                == other.delivered([other.here], masqueraded: true)
        )
    }

    @Test(arguments: Traffic.all)
    func `another selection opens and closes addresses`(traffic: Traffic) throws {
        var configuration = DataPlaneConfiguration.withPodRanges
        configuration.nodePortAddresses = [traffic.family: .only([traffic.nodeAddress, traffic.nodeAddress])]
        var node = try FlowNode(
            [service("web", traffic.nodePort(does: .forward([traffic.here])))],
            configuration: configuration
        )
        let open = traffic.delivered([traffic.here], masqueraded: true)
        #expect(node.outcomes(traffic, from: .outside, to: traffic.nodeAddress, 30080) == open)
        #expect(node.outcomes(traffic, from: .outside, to: traffic.secondNodeAddress, 30080) != open)
        configuration.nodePortAddresses = [traffic.family: .only([traffic.secondNodeAddress])]
        try node.programmed.rebuild(configuration: configuration)
        #expect(node.outcomes(traffic, from: .outside, to: traffic.nodeAddress, 30080) != open)
        #expect(node.outcomes(traffic, from: .outside, to: traffic.secondNodeAddress, 30080) == open)
        configuration.nodePortAddresses = [:]
        try node.programmed.rebuild(configuration: configuration)
        #expect(node.outcomes(traffic, from: .outside, to: traffic.nodeAddress, 30080) == open)
        #expect(node.outcomes(traffic, from: .outside, to: traffic.secondNodeAddress, 30080) == open)
    }

    @Test(arguments: Traffic.all)
    func `loopback addresses have no node ports`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("web", traffic.nodePort(does: .forward([traffic.here])), traffic.nodePort(30081, does: .refuse))
        ])
        let addresses = traffic.family == .ipv4 ? [ip("127.0.0.1"), ip("127.255.255.254")] : [ip("::1")]
        for address in addresses {
            for number in [30080, 30081] {
                #expect(
                    node.outcomes(traffic.packet(from: traffic.loopback, to: address, number), .locallyGenerated)
                        == [.delivered(to: TransportAddress(address, port(number)), masqueraded: false)]
                )
            }
        }
    }

    @Test(arguments: Traffic.all)
    func `a node port means nothing at addresses of others`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("web", traffic.nodePort(does: .forward([traffic.here])), traffic.nodePort(30081, does: .refuse))
        ])
        for place in Place.allCases {
            for number in [30080, 30081] {
                let elsewhere = TransportAddress(traffic.externalIP, port(number))
                #expect(
                    node.outcomes(traffic, from: place, to: elsewhere.address, number)
                        == [.delivered(to: elsewhere, masqueraded: false)]
                )
            }
        }
    }

    @Test(arguments: Traffic.all)
    func `a node port takes its own transport and port alone`(traffic: Traffic) throws {
        let node = try FlowNode([service("web", traffic.nodePort(does: .forward([traffic.here])))])
        let untouched = TransportAddress(traffic.nodeAddress, port(30080))
        for transport in TransportProtocol.allCases where transport != traffic.transport {
            let other = Traffic(family: traffic.family, transport: transport)
            #expect(
                node.outcomes(other, from: .outside, to: traffic.nodeAddress, 30080)
                    == [.delivered(to: untouched, masqueraded: false)]
            )
        }
        #expect(
            node.outcomes(traffic, from: .outside, to: traffic.nodeAddress, 30081)
                == [.delivered(to: TransportAddress(traffic.nodeAddress, port(30081)), masqueraded: false)]
        )
    }

    @Test(arguments: Traffic.all)
    func `a pod that reaches itself through a node port is masqueraded once`(traffic: Traffic) throws {
        let node = try FlowNode([service("web", traffic.nodePort(does: .forward([traffic.here])))])
        let packet = traffic.packet(from: traffic.here.destination.address, to: traffic.nodeAddress, 30080)
        #expect(node.outcomes(packet) == traffic.delivered([traffic.here], masqueraded: true))
    }

    @Test(arguments: Traffic.all)
    func `a node port and a cluster IP of one Service go by their own rules`(traffic: Traffic) throws {
        let node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(at: traffic.clusterIP, 30080, does: .forward([traffic.here])),
                traffic.nodePort(30080, does: .forward([traffic.elsewhere]))
            )
        ])
        #expect(
            node.outcomes(traffic, from: .podHere, to: traffic.clusterIP, 30080)
                == traffic.delivered([traffic.here], masqueraded: false)
        )
        #expect(
            node.outcomes(traffic, from: .podHere, to: traffic.nodeAddress, 30080)
                == traffic.delivered([traffic.elsewhere], masqueraded: true)
        )
    }
}
