import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What becomes of flows to addresses that cluster IPs are taken from.
@Suite struct ServiceCIDRFlowTests {
    private func node(_ traffic: Traffic, ranges: [String]) throws -> FlowNode {
        var configuration = DataPlaneConfiguration.withPodRanges
        configuration.serviceCIDRs = ranges.map { prefix($0) }
        return try FlowNode(
            [service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward([traffic.elsewhere])))],
            configuration: configuration
        )
    }

    private static let both = ["10.96.0.0/16", "fd00:96::/112"]

    @Test(arguments: Traffic.all, Place.allCases)
    func `an address that no Service has is dropped, a live one is served`(traffic: Traffic, place: Place) throws {
        let node = try node(traffic, ranges: Self.both)
        let hook: Hook = place == .node ? .output : .forward
        #expect(node.outcomes(traffic, from: place, to: traffic.otherClusterIP) == [.dropped(at: hook)])
        #expect(
            node.outcomes(traffic, from: place, to: traffic.clusterIP)
                == traffic.delivered([traffic.elsewhere], masqueraded: !place.isPod)
        )
        #expect(node.outcomes(traffic, from: place, to: traffic.clusterIP, 81) == [.refused(traffic.refusal, at: hook)])
        let outside = TransportAddress(traffic.externalIP, port(80))
        #expect(
            node.outcomes(traffic, from: place, to: traffic.externalIP)
                == [.delivered(to: outside, masqueraded: false)]
        )
    }

    @Test(arguments: Traffic.all)
    func `a second range counts as well, and a range of the other family does not`(traffic: Traffic) throws {
        let more = traffic.family == .ipv4 ? "198.51.100.128/25" : "2001:db8:2::/48"
        let two = try node(traffic, ranges: Self.both + [more])
        #expect(two.outcomes(traffic, from: .outside, to: traffic.otherClusterIP) == [.dropped(at: .forward)])
        #expect(two.outcomes(traffic, from: .outside, to: traffic.externalIP) == [.dropped(at: .forward)])
        let other = try node(traffic, ranges: [Self.both[traffic.family == .ipv4 ? 1 : 0]])
        let untouched = TransportAddress(traffic.otherClusterIP, port(80))
        #expect(
            other.outcomes(traffic, from: .outside, to: traffic.otherClusterIP)
                == [.delivered(to: untouched, masqueraded: false)]
        )
    }

    @Test(arguments: Traffic.all)
    func `a flow that stands goes on when its address goes`(traffic: Traffic) throws {
        let node = try node(traffic, ranges: Self.both)
        let packet = traffic.packet(
            from: .outside,
            to: traffic.otherClusterIP,
            connection: .established(translatedTo: traffic.here.destination)
        )
        #expect(node.outcomes(packet) == [.delivered(to: traffic.here.destination, masqueraded: false)])
    }
}
