import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What becomes of `ping`: a Service answers at ports alone, and kube-proxy refuses all else that comes to a cluster IP.
@Suite struct EchoFlowTests {
    /// What is asked.
    enum Target: CaseIterable, Sendable {
        case clusterIPWithEndpoints
        case clusterIPWithoutEndpoints
        case clusterIPWithEndpointsElsewhere
        case unusedAddressOfServiceRange
        case clusterIPOfTheNode
        case externalIP
        case nodePortAddress
    }

    private static let ranges = DataPlaneConfiguration(
        clusterCIDRs: DataPlaneConfiguration.withPodRanges.clusterCIDRs,
        serviceCIDRs: [prefix("10.96.0.0/24"), prefix("fd00:96::/112")]
    )

    private static func address(_ target: Target, _ traffic: Traffic) -> IPAddress {
        switch target {
        case .clusterIPWithEndpoints, .clusterIPWithoutEndpoints, .clusterIPWithEndpointsElsewhere: traffic.clusterIP
        case .unusedAddressOfServiceRange: traffic.otherClusterIP
        case .clusterIPOfTheNode, .nodePortAddress: traffic.nodeAddress
        case .externalIP: traffic.externalIP
        }
    }

    private static func frontEnd(_ target: Target, _ traffic: Traffic) -> FrontEnd {
        let all = FrontEndAction.forward(traffic.endpoints)
        return switch target {
        case .clusterIPWithEndpoints, .unusedAddressOfServiceRange: traffic.frontEnd(at: traffic.clusterIP, does: all)
        case .clusterIPWithoutEndpoints: traffic.frontEnd(at: traffic.clusterIP, does: .refuse)
        case .clusterIPWithEndpointsElsewhere: traffic.frontEnd(at: traffic.clusterIP, does: .drop)
        case .clusterIPOfTheNode: traffic.frontEnd(at: traffic.nodeAddress, does: all)
        case .externalIP: traffic.frontEnd(at: traffic.externalIP, masquerade: .always, does: all)
        case .nodePortAddress: traffic.nodePort(80, does: all)
        }
    }

    /// The checksum of each request is the number of the Service's port, which rules could mistake it for.
    @Test(arguments: Traffic.all, Target.allCases)
    func `an echo request is refused at cluster IPs, and no concern of ours elsewhere`(
        traffic: Traffic,
        target: Target
    ) throws {
        let node = try FlowNode([service("web", Self.frontEnd(target, traffic))], configuration: Self.ranges)
        let address = Self.address(target, traffic)
        for place in Place.allCases {
            let hook: Hook = place == .node ? .output : .forward
            let expected: PacketVerdict =
                switch target {
                case .clusterIPWithEndpoints, .clusterIPWithoutEndpoints, .clusterIPWithEndpointsElsewhere:
                    .refused(.portUnreachable, at: hook)
                case .unusedAddressOfServiceRange: .dropped(at: hook)
                // As in kube-proxy: what the node asks itself is looked at as it leaves.
                case .clusterIPOfTheNode where place == .node: .refused(.portUnreachable, at: hook)
                case .clusterIPOfTheNode, .externalIP, .nodePortAddress:
                    .delivered(to: TransportAddress(address, port(80)), masqueraded: false)
                }
            let request = Packet(echoRequestFrom: place.address(traffic.family), to: address, checksum: port(80))
            #expect(node.outcomes(request, place.path) == [expected], "from \(place)")
        }
    }
}
