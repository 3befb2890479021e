import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What becomes of flows to front ends that not everybody may use.
@Suite struct SourceRangeFlowTests {
    /// Ranges, and the places whose flows they let in; the node's own addresses are no exception here.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let ranges: [String]?
        let admitted: Set<Place>

        var testDescription: String { name }
    }

    private static let cases: [Case] = [
        Case(name: "nothing said", ranges: nil, admitted: Set(Place.allCases)),
        Case(name: "an empty list", ranges: [], admitted: []),
        Case(name: "outsiders", ranges: ["203.0.113.0/24", "2001:db8:ffff::/48"], admitted: [.outside]),
        Case(name: "one outsider", ranges: ["203.0.113.7/32", "2001:db8:ffff::7/128"], admitted: [.outside]),
        Case(name: "that outsider's neighbours", ranges: ["203.0.113.8/32", "203.0.113.6/32"], admitted: []),
        Case(
            name: "pods of both nodes",
            ranges: ["10.244.0.0/16", "fd00:244::/32"],
            admitted: [.podHere, .podElsewhere]
        ),
        Case(name: "the node", ranges: ["192.0.2.10/32", "2001:db8::10/128"], admitted: [.node]),
        Case(name: "everybody", ranges: ["0.0.0.0/0", "::/0"], admitted: Set(Place.allCases)),
        Case(
            name: "ranges in ranges, the inner first",
            ranges: ["10.244.1.0/24", "10.244.0.0/16", "10.244.1.99/32", "fd00:244:1::/48", "fd00:244::/32"],
            admitted: [.podHere, .podElsewhere]
        ),
        Case(
            name: "the same twice, with another before it",
            ranges: ["10.0.0.0/16", "203.0.113.0/24", "203.0.113.0/24", "2001:db8:ffff::/48", "2001:db8:ffff::/48"],
            admitted: [.outside]
        ),
    ]

    @Test(arguments: cases, Traffic.all)
    func `only sources in a range get through, before anything is translated`(_ ranges: Case, traffic: Traffic) throws {
        let frontEnd = traffic.frontEnd(
            at: traffic.externalIP,
            masquerade: .always,
            does: .forward(traffic.endpoints),
            from: ranges.ranges?.map { prefix($0) }
        )
        let node = try FlowNode([service("web", frontEnd)])
        for place in Place.allCases {
            let dropped: Set<PacketVerdict> = [.dropped(at: place == .node ? .output : .prerouting)]
            #expect(
                node.outcomes(traffic, from: place, to: traffic.externalIP)
                    == (ranges.admitted.contains(place)
                        ? traffic.delivered(traffic.endpoints, masqueraded: true) : dropped),
                "\(place)"
            )
        }
    }

    @Test(arguments: Traffic.all)
    func `ranges of the other family let nobody in`(traffic: Traffic) throws {
        let everybody = prefix(traffic.family == .ipv4 ? "::/0" : "0.0.0.0/0")
        let frontEnd = traffic.frontEnd(at: traffic.externalIP, does: .forward([traffic.here]), from: [everybody])
        let node = try FlowNode([service("web", frontEnd)])
        #expect(node.outcomes(traffic, from: .outside, to: traffic.externalIP) == [.dropped(at: .prerouting)])
        #expect(node.outcomes(traffic, from: .node, to: traffic.externalIP) == [.dropped(at: .output)])
    }

    @Test(arguments: Traffic.all)
    func `a source that may not use the address is dropped, not refused, where nothing answers`(
        traffic: Traffic
    ) throws {
        let outsiders = [prefix("203.0.113.0/24"), prefix("2001:db8:ffff::/48")]
        let frontEnd = traffic.frontEnd(at: traffic.externalIP, masquerade: .always, does: .refuse, from: outsiders)
        let node = try FlowNode([service("web", frontEnd)])
        #expect(node.outcomes(traffic, from: .podHere, to: traffic.externalIP) == [.dropped(at: .prerouting)])
        #expect(
            node.outcomes(traffic, from: .outside, to: traffic.externalIP) == [.refused(traffic.refusal, at: .forward)]
        )
    }

    @Test(arguments: Traffic.all)
    func `other ports, the cluster IP and the node port of the same Service are open to all`(traffic: Traffic) throws {
        let node = try FlowNode([
            service(
                "web",
                traffic.frontEnd(at: traffic.clusterIP, does: .forward([traffic.elsewhere])),
                traffic.frontEnd(
                    at: traffic.externalIP,
                    masquerade: .always,
                    does: .forward([traffic.elsewhere]),
                    from: []
                ),
                traffic.frontEnd(at: traffic.externalIP, 443, masquerade: .always, does: .forward([traffic.here])),
                traffic.nodePort(does: .forward([traffic.elsewhere]), from: [])
            )
        ])
        for place in Place.allCases {
            #expect(
                node.outcomes(traffic, from: place, to: traffic.nodeAddress, 30080)
                    == traffic.delivered([traffic.elsewhere], masqueraded: true)
            )
            #expect(
                node.outcomes(traffic, from: place, to: traffic.clusterIP)
                    == traffic.delivered([traffic.elsewhere], masqueraded: !place.isPod)
            )
            #expect(
                node.outcomes(traffic, from: place, to: traffic.externalIP, 443)
                    == traffic.delivered([traffic.here], masqueraded: true)
            )
        }
    }

    @Test(arguments: Traffic.all)
    func `a flow that stands goes on when ranges shut its source out`(traffic: Traffic) throws {
        let frontEnd = traffic.frontEnd(at: traffic.externalIP, does: .forward([traffic.here]), from: [])
        let node = try FlowNode([service("web", frontEnd)])
        let packet = traffic.packet(
            from: .outside,
            to: traffic.externalIP,
            connection: .established(translatedTo: traffic.elsewhere.destination)
        )
        #expect(node.outcomes(packet) == [.delivered(to: traffic.elsewhere.destination, masqueraded: false)])
    }
}
