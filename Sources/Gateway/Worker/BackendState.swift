internal import LoadBalancing
internal import Routing

/// What a worker knows of a backend: its endpoints, how they did, and the idle connections to them.
struct BackendState: ~Copyable {
    /// The backend as it was when this was brought up to date.
    private(set) var backend: Backend
    var balancer: Balancer
    /// The newest idle link to the endpoint of each slot; -1 for none.
    var idle: [Int32]

    init(_ backend: Backend, seed: UInt64) {
        self.backend = backend
        balancer = Balancer(policy: backend.policy, endpoints: backend.endpoints, seed: seed)
        idle = Array(repeating: -1, count: balancer.slotCount)
    }

    /// Takes over a newer form of the backend.
    ///
    /// - Returns: The slots of endpoints that have gone.
    mutating func update(to backend: Backend, now: Int64) -> [EndpointSlot] {
        self.backend = backend
        let departed = balancer.update(
            endpoints: backend.endpoints,
            policy: backend.policy,
            ejection: balancer.ejection,
            now: UInt64(now)
        )
        if idle.count < balancer.slotCount {
            idle.append(contentsOf: repeatElement(-1, count: balancer.slotCount - idle.count))
        }
        return departed
    }
}
