/// A change of a synthetic cluster, for subjects that take objects and for those that take text.
enum ClusterChange {
    /// A Service that is there gets these endpoints in place of those it had.
    case endpoints(of: Int, [Int])
    /// A Service comes, with these endpoints.
    case added(Int, [Int])
    /// A Service goes.
    case removed(Int)
}

/// What a synthetic cluster holds at the moment: the endpoints of every Service.
struct ClusterState {
    let cluster: SyntheticCluster
    private(set) var endpoints: [Int: [Int]]

    /// The cluster as it begins.
    init(_ cluster: SyntheticCluster) {
        self.cluster = cluster
        let all = Array(0..<cluster.endpoints)
        endpoints = Dictionary(uniqueKeysWithValues: (0..<cluster.services).map { ($0, all) })
    }

    /// How many endpoints there are.
    var endpointCount: Int { endpoints.values.reduce(0) { $0 + $1.count } }

    /// The Services, in order.
    var services: [Int] { endpoints.keys.sorted() }

    mutating func apply(_ change: ClusterChange) {
        switch change {
        case .endpoints(let service, let numbers), .added(let service, let numbers): endpoints[service] = numbers
        case .removed(let service): endpoints[service] = nil
        }
    }
}
