import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What is none of the data plane's business passes as if there were no rules.
@Suite struct UntouchedFlowTests {
    private func cluster(_ traffic: Traffic) -> [ServiceSnapshot] {
        [
            service(
                "web",
                traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints)),
                traffic.nodePort(does: .forward(traffic.endpoints))
            ),
            service(
                "db",
                traffic.frontEnd(at: traffic.otherClusterIP, does: .refuse),
                traffic.nodePort(30081, does: .drop)
            ),
        ]
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to a pod, to a host or to an unused cluster IP passes`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode(cluster(traffic))
        let unused = ip(traffic.family == .ipv4 ? "10.96.0.9" : "fd00:96::9")
        for address in [
            traffic.here.destination.address, traffic.elsewhere.destination.address, unused, traffic.externalIP,
        ] {
            for number in [80, 8080, 30080] {
                #expect(
                    node.outcomes(traffic, from: place, to: address, number)
                        == [.delivered(to: TransportAddress(address, port(number)), masqueraded: false)]
                )
            }
        }
    }

    @Test(arguments: Traffic.all, Place.allCases)
    func `a flow to a port of the node that is no node port passes`(traffic: Traffic, place: Place) throws {
        let node = try FlowNode(cluster(traffic))
        #expect(
            node.outcomes(traffic, from: place, to: traffic.nodeAddress, 22)
                == [.delivered(to: TransportAddress(traffic.nodeAddress, port(22)), masqueraded: false)]
        )
    }

    @Test(arguments: Traffic.all)
    func `a flow that is established is not cut when its endpoints are gone`(traffic: Traffic) throws {
        let node = try FlowNode([
            service("web", traffic.frontEnd(at: traffic.clusterIP, does: .refuse), traffic.nodePort(does: .drop))
        ])
        let destination = traffic.here.destination
        let established = Packet.Connection.established(translatedTo: destination)
        for place in Place.allCases {
            #expect(
                node.outcomes(traffic.packet(from: place, to: traffic.clusterIP, connection: established), place.path)
                    == [.delivered(to: destination, masqueraded: false)]
            )
            #expect(
                node.outcomes(
                    traffic.packet(from: place, to: traffic.nodeAddress, 30080, connection: established),
                    place.path
                ) == [.delivered(to: destination, masqueraded: false)]
            )
            // Nor is one that was there before the Service was.
            #expect(
                node.outcomes(
                    traffic.packet(from: place, to: traffic.clusterIP, connection: .established()),
                    place.path
                ) == [.delivered(to: TransportAddress(traffic.clusterIP, port(80)), masqueraded: false)]
            )
        }
    }

    @Test(arguments: Traffic.all)
    func `the mark is left as it was, but for the bit that is ours`(traffic: Traffic) throws {
        var configuration = DataPlaneConfiguration.withPodRanges
        for bit: UInt32 in [1 << 14, 1 << 3] {
            configuration.masqueradeMark = bit
            let node = try FlowNode(cluster(traffic), configuration: configuration)
            for (address, number) in [(traffic.clusterIP, 80), (traffic.nodeAddress, 30080), (traffic.externalIP, 80)] {
                var packet = traffic.packet(from: .outside, to: address, number)
                packet.mark = 0x00f0_0001
                let outcome = node.tracer.trace(packet)
                #expect(outcome.mark == 0x00f0_0001, "\(outcome)")
            }
        }
    }

    @Test(arguments: Traffic.all)
    func `who marks a packet with the bit asks for masquerading`(traffic: Traffic) throws {
        let node = try FlowNode(cluster(traffic))
        var packet = traffic.packet(from: .podHere, to: traffic.externalIP)
        packet.mark = DataPlaneConfiguration().masqueradeMark
        let outcome = node.tracer.trace(packet)
        #expect(
            outcome.verdict == .delivered(to: TransportAddress(traffic.externalIP, port(80)), masqueraded: true)
        )
        #expect(outcome.mark == 0)
    }

    @Test(arguments: AddressFamily.allCases)
    func `the families know nothing of each other`(family: AddressFamily) throws {
        let own = Traffic(family: family, transport: .tcp)
        let other = Traffic(family: family == .ipv4 ? .ipv6 : .ipv4, transport: .tcp)
        let node = try FlowNode(cluster(own))
        #expect(
            node.outcomes(other, from: .outside, to: other.nodeAddress, 30080)
                == [.delivered(to: TransportAddress(other.nodeAddress, port(30080)), masqueraded: false)]
        )
        #expect(
            node.outcomes(other, from: .outside, to: other.clusterIP, 81)
                == [.delivered(to: TransportAddress(other.clusterIP, port(81)), masqueraded: false)]
        )
    }
}
