import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// Pods that are told from others by the interface that their flows come in on.
@Suite struct PodInterfaceFlowTests {
    /// How pods are told, an interface, and whether a pod is behind it.
    struct Case: Sendable, CustomTestStringConvertible {
        let pods: PodInterface
        let interface: String
        let isPod: Bool

        var testDescription: String { "\(pods): \(interface.isEmpty ? "none" : interface)" }
    }

    private static let cases: [Case] = [
        Case(pods: .named("cni0"), interface: "cni0", isPod: true),
        Case(pods: .named("cni0"), interface: "cni01", isPod: false),
        Case(pods: .named("cni0"), interface: "cni", isPod: false),
        Case(pods: .named("cni0"), interface: "eth0", isPod: false),
        Case(pods: .namedLike(prefix: "veth"), interface: "veth1a2b", isPod: true),
        Case(pods: .namedLike(prefix: "veth"), interface: "veth", isPod: true),
        Case(pods: .namedLike(prefix: "veth"), interface: "vet", isPod: false),
        Case(pods: .namedLike(prefix: "veth"), interface: "eth0", isPod: false),
    ]

    /// Addresses of pods say nothing where interfaces do.
    private func configuration(_ pods: PodInterface) -> DataPlaneConfiguration {
        var configuration = DataPlaneConfiguration.withPodRanges
        configuration.podInterface = pods
        return configuration
    }

    private func packet(_ traffic: Traffic, from place: Place, to address: IPAddress, on interface: String) -> Packet {
        var packet = traffic.packet(from: place, to: address)
        packet.inputInterface = interface
        return packet
    }

    @Test(arguments: cases, Traffic.all)
    func `a flow to a cluster IP keeps its source when it comes from a pod's interface`(
        _ detection: Case,
        traffic: Traffic
    ) throws {
        let frontEnd = traffic.frontEnd(at: traffic.clusterIP, does: .forward(traffic.endpoints))
        let node = try FlowNode([service("web", frontEnd)], configuration: configuration(detection.pods))
        for place in [Place.podHere, .podElsewhere, .outside] {
            let packet = packet(traffic, from: place, to: traffic.clusterIP, on: detection.interface)
            #expect(
                node.outcomes(packet) == traffic.delivered(traffic.endpoints, masqueraded: !detection.isPod),
                "\(place)"
            )
        }
        #expect(
            node.outcomes(traffic, from: .node, to: traffic.clusterIP)
                == traffic.delivered(traffic.endpoints, masqueraded: true)
        )
    }

    @Test(arguments: cases, Traffic.all)
    func `flows from a pod's interface are led past a policy, others are not`(
        _ detection: Case,
        traffic: Traffic
    ) throws {
        let all = [traffic.here, traffic.elsewhere]
        let frontEnd = traffic.frontEnd(
            at: traffic.externalIP,
            masquerade: .never,
            does: .forward([traffic.here]),
            ownClients: .forward(all)
        )
        let node = try FlowNode([service("web", frontEnd)], configuration: configuration(detection.pods))
        for place in [Place.podHere, .outside] {
            let packet = packet(traffic, from: place, to: traffic.externalIP, on: detection.interface)
            #expect(
                node.outcomes(packet)
                    == traffic.delivered(detection.isPod ? all : [traffic.here], masqueraded: false),
                "\(place)"
            )
        }
        #expect(
            node.outcomes(traffic, from: .node, to: traffic.externalIP) == traffic.delivered(all, masqueraded: true)
        )
    }
}
