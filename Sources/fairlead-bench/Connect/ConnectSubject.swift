internal import LabKit
internal import LinuxSystem
internal import NetworkAddress

/// A way through the node that new connections take: its rules, and the Services that are asked for.
struct ConnectSubject {
    /// Where a connection goes, and who may answer it.
    struct Target {
        let address: TransportAddress
        let service: Int
        /// The one endpoint that is meant, or nil for any of the Service.
        let number: Int?
    }

    let name: String
    let lab: NodeLab
    let targets: [Target]
    /// Whether the node keeps account of connections.
    let tracks: Bool

    /// How many different Services are asked for at most.
    private static let targetsMax = 4096

    // MARK: - Without Services

    /// Connections to endpoints themselves, past a node that only routes, or that also keeps account of connections.
    static func direct(_ cluster: SyntheticCluster, tracks: Bool, in lab: Lab) throws -> ConnectSubject {
        let name = tracks ? "conntrack" : "no-rules"
        let node = try NodeLab(cluster, name, in: lab)
        if tracks {
            let family = cluster.family == .ipv4 ? "ip" : "ip6"
            // A rule that asks for the state makes the kernel keep it; the chains of nat are as they are for Services.
            let rules = """
                add table \(family) bench
                add chain \(family) bench nat-prerouting { type nat hook prerouting priority -100 ; }
                add chain \(family) bench nat-postrouting { type nat hook postrouting priority 100 ; }
                add chain \(family) bench filter-forward { type filter hook forward priority 0 ; }
                add rule \(family) bench filter-forward ct state invalid drop

                """
            try lab.runSuccessfully(["nft", "-f", "-"], in: node.node, input: rules)
        }
        let targets = spread(over: cluster).map { service in
            let number = service % cluster.endpoints
            let address = TransportAddress(cluster.endpoint(service, number), SyntheticCluster.endpointPort)
            return Target(address: address, service: service, number: number)
        }
        return ConnectSubject(name: name, lab: node, targets: targets, tracks: tracks)
    }

    // MARK: - With Services

    /// Where in a list that is searched from its beginning the Services lie that are asked for.
    enum Place: String, CaseIterable {
        case first
        case middle
        case last
    }

    /// Connections to Services by what a subject of `sync` programs.
    ///
    /// - Parameters:
    ///   - name: The subject's name.
    ///   - places: The places in a list to tell apart; without any, Services are asked for all over the cluster.
    ///   - cluster: The cluster.
    ///   - lab: The lab.
    ///   - make: Makes the subject, on a thread in the node's namespace.
    /// - Returns: A subject, or one for each place.
    /// - Throws: What keeps it from programming the cluster, or `BenchFault` when the kernel does not hold it.
    static func services(
        _ name: String,
        at places: [Place],
        _ cluster: SyntheticCluster,
        in lab: Lab,
        _ make: () throws -> any SyncSubject
    ) throws -> [ConnectSubject] {
        let node = try NodeLab(cluster, name, in: lab)
        try node.inNode {
            let subject = try make()
            defer { subject.stop() }
            _ = try subject.programCold()
            try subject.check()
        }
        if places.isEmpty {
            let targets = spread(over: cluster).map { target(of: $0, in: cluster) }
            return [ConnectSubject(name: name, lab: node, targets: targets, tracks: true)]
        }
        return places.map { place in
            let service =
                switch place {
                case .first: 0
                case .middle: cluster.services / 2
                case .last: cluster.services - 1
                }
            return ConnectSubject(
                name: "\(name)-\(place.rawValue)",
                lab: node,
                targets: [target(of: service, in: cluster)],
                tracks: true
            )
        }
    }

    private static func target(of service: Int, in cluster: SyntheticCluster) -> Target {
        let address = TransportAddress(cluster.clusterIP(service), SyntheticCluster.servicePort)
        return Target(address: address, service: service, number: nil)
    }

    /// Services all over a cluster, the same ones in every run.
    private static func spread(over cluster: SyntheticCluster) -> [Int] {
        (0..<min(cluster.services, targetsMax)).map { ($0 * 7919) % cluster.services }
    }
}
