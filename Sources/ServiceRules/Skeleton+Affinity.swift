internal import NetworkAddress
internal import Nftables

extension Skeleton {
    private static let client: [Field] = [.sourceAddress] + tuple
    private static let originalTuple: [Field] = [
        .originalDestinationAddress, .transportProtocol, .originalDestinationPort,
    ]
    private static let originalNodePort: [Field] = [.transportProtocol, .originalDestinationPort]
    private static let originalClient: [Field] = [.originalSourceAddress] + originalTuple
    private static let endpoint: [Field] = [.replySourceAddress, .replySourcePort]

    /// Leads a client back to the endpoint that it was given, if it was given one.
    static var affinityRules: [Rule] { [Rule([.destinationNAT(client, map: DataPlaneSet.affinity.name)])] }

    /// Goes on when the flow is of a transport protocol.
    ///
    /// The keys tell it as well, but nft reads the ports of a connection only where a match comes before them that is of
    /// one protocol.
    private static func isOf(_ transport: TransportProtocol) -> Statement {
        .match(.transportProtocol, .equals(UInt32(transport.rawValue)))
    }

    /// Leads flows that were translated to the chain that remembers them, by what they first asked for.
    ///
    /// It runs after the translation: a rule cannot both translate and see where to.
    var recordChain: FilledChain {
        let rules = TransportProtocol.allCases.flatMap { transport in
            [
                Rule([
                    Self.isOf(transport), .verdictMap(Self.originalTuple, DataPlaneSet.affinityServices.name),
                ]),
                Rule([
                    Self.isOf(transport), .verdictMap(Self.originalNodePort, DataPlaneSet.affinityNodePorts.name),
                ]),
            ]
        }
        return (Chain("record"), rules)
    }

    /// Remembers a client's endpoint for so many seconds.
    ///
    /// A client whose endpoint has gone is forgotten, and its packet dropped: it asks again in a second, and is
    /// balanced anew. That happens only until what is remembered of the endpoint is purged.
    static func recordingRules(_ transport: TransportProtocol, seconds: UInt32, isNodePort: Bool) -> [Rule] {
        let key = (isNodePort ? originalNodePort : originalTuple) + endpoint
        let endpoints = isNodePort ? DataPlaneSet.affinityNodePortEndpoints : .affinityEndpoints
        let affinity = DataPlaneSet.affinity.name
        return [
            Rule([
                isOf(transport), .member(key, of: endpoints.name),
                .remember(originalClient, value: endpoint, map: affinity, seconds: seconds),
                .verdict(.return),
            ]),
            Rule([
                isOf(transport), .member(originalClient, of: affinity),
                .forget(originalClient, value: endpoint, map: affinity),
                .verdict(.drop),
            ]),
        ]
    }
}
