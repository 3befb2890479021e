internal import Nftables

extension Skeleton {
    private static let client: [Field] = [.sourceAddress] + tuple
    private static let originalTuple: [Field] = [
        .originalDestinationAddress, .transportProtocol, .originalDestinationPort,
    ]
    private static let originalNodePort: [Field] = [.transportProtocol, .originalDestinationPort]
    private static let originalClient: [Field] = [.originalSourceAddress] + originalTuple
    private static let endpoint: [Field] = [.destinationAddress, .destinationPort]

    /// Leads a client back to the endpoint that it was given, if it was given one.
    static var affinityRules: [Rule] { [Rule([.destinationNAT(client, map: DataPlaneSet.affinity.rawValue)])] }

    /// Leads flows that were translated to the chain that remembers them, by what they first asked for.
    ///
    /// It runs after the translation: a rule cannot both translate and see where to.
    func recordRules(isNew: Statement) -> [Rule] {
        let isTranslated = Statement.match(
            .connectionStatus,
            .hasAnyBit(of: ConnectionStatus.destinationTranslated)
        )
        return [
            Rule([isNew, isTranslated, .verdictMap(Self.originalTuple, DataPlaneSet.affinityServices.rawValue)]),
            Rule([isNew, isTranslated, .verdictMap(Self.originalNodePort, DataPlaneSet.affinityNodePorts.rawValue)]),
        ]
    }

    /// Remembers a client's endpoint for so many seconds.
    ///
    /// A client whose endpoint has gone is forgotten, and its packet dropped: it asks again in a second, and is
    /// balanced anew. That happens only until what is remembered of the endpoint is purged.
    static func recordingRules(seconds: UInt32, isNodePort: Bool) -> [Rule] {
        let key = (isNodePort ? originalNodePort : originalTuple) + endpoint
        let endpoints = isNodePort ? DataPlaneSet.affinityNodePortEndpoints : .affinityEndpoints
        let affinity = DataPlaneSet.affinity.rawValue
        return [
            Rule([
                .member(key, of: endpoints.rawValue),
                .remember(originalClient, value: endpoint, map: affinity, seconds: seconds),
                .verdict(.return),
            ]),
            Rule([
                .member(originalClient, of: affinity),
                .forget(originalClient, value: endpoint, map: affinity),
                .verdict(.drop),
            ]),
        ]
    }
}
