import ClusterState
import IngressDiscovery
import KubernetesAPI
import ListWatch
import Testing

@testable import Gateway

/// A server that keeps one Lease as an API server does, and candidates with clocks of their own.
private struct LeaseServer {
    var lease: ObjectValue?
    private var version: Int64 = 0

    mutating func answer(_ request: APIRequest) throws -> (status: Int, body: ObjectValue?) {
        switch request.method {
        case .get: return lease.map { (200, $0) } ?? (404, nil)
        case .post:
            guard lease == nil else { return (409, nil) }
            return (201, try store(request))
        case .put:
            guard let lease else { return (404, nil) }
            let new = try JSONReader.value(of: Array(request.body.utf8).span)
            guard new["metadata"]?["resourceVersion"] == lease["metadata"]?["resourceVersion"] else {
                return (409, nil)
            }
            return (200, try store(request))
        case .mergePatch, .strategicMergePatch, .delete: return (405, nil)
        }
    }

    private mutating func store(_ request: APIRequest) throws -> ObjectValue {
        let new = try JSONReader.value(of: Array(request.body.utf8).span)
        version += 1
        let metadata = ObjectValue.members([
            "name": .string("id"), "namespace": .string("gw"), "resourceVersion": .string("\(version)"),
            "labels": new["metadata"]?["labels"],
        ])
        let stored = ObjectValue.members(["metadata": metadata, "spec": new["spec"]])
        lease = stored
        return stored
    }
}

private struct World {
    let start = ContinuousClock.now
    var seconds = 0.0
    var server = LeaseServer()
    var candidates: [String: LeaderElection] = [:]
    /// How far each candidate's wall clock is ahead, in seconds.
    var skews: [String: Int64] = [:]
    /// Those whose requests get no answer.
    var cutOff: Set<String> = []

    var now: ContinuousClock.Instant { start + .seconds(seconds) }

    mutating func join(_ name: String) {
        candidates[name] = LeaderElection(identity: name, lease: NamespacedName("gw", "id"), now: now)
    }

    mutating func release(_ name: String) {
        let now = now
        candidates[name]?.release(now: now)
    }

    /// Lets time pass in steps of half a second, with everybody's requests answered at once.
    mutating func pass(_ duration: Double) throws {
        let end = seconds + duration
        while seconds < end {
            for name in candidates.keys.sorted() { try turn(name) }
            seconds += 0.5
        }
    }

    mutating func turn(_ name: String) throws {
        guard var election = candidates[name] else { return }
        let wall = Timestamp(seconds: 1_800_000_000 + Int64(seconds) + skews[name, default: 0])
        var request = election.next(now: now, wall: wall)
        while let sent = request {
            let outcome: Result<(status: Int, body: ObjectValue?), LeaseFailure> =
                cutOff.contains(name)
                ? .failure(LeaseFailure(description: "no answer")) : .success(try server.answer(sent))
            request = election.ended(outcome, now: now, wall: wall)
        }
        candidates[name] = election
    }

    var leaders: [String] { candidates.filter { $0.value.isLeader(at: now) }.keys.sorted() }
    var holder: String? { server.lease?["spec"]?["holderIdentity"]?.text }
    var transitions: Int64? { server.lease?["spec"]?["leaseTransitions"]?.number }
}

@Suite struct `A Lease has one leader` {
    @Test func `who creates it`() throws {
        var world = World()
        world.join("a")
        world.join("b")
        try world.pass(1)
        #expect(world.leaders == ["a"])
        #expect(world.holder == "a")
        try world.pass(120)
        #expect(world.leaders == ["a"])
        #expect(world.transitions == 0)
    }

    @Test(arguments: [0, 3600, -3600, 86_400])
    func `however the clocks differ`(_ skew: Int64) throws {
        var world = World()
        world.skews = ["b": skew]
        world.join("a")
        try world.pass(1)
        world.join("b")
        for _ in 0..<200 {
            try world.pass(0.5)
            #expect(world.leaders == ["a"])
        }
    }

    @Test func `until it is cut off, when another follows and the two never lead at once`() throws {
        var world = World()
        world.join("a")
        world.join("b")
        try world.pass(5)
        world.cutOff = ["a"]
        var gap = 0.0
        while world.leaders != ["b"], gap < 100 {
            #expect(world.leaders.count <= 1)
            try world.pass(0.5)
            gap += 0.5
        }
        #expect(world.leaders == ["b"])
        #expect(gap <= 52)
        #expect(world.transitions == 1)
        // The former leader comes back as one who waits.
        world.cutOff = []
        try world.pass(60)
        #expect(world.leaders == ["b"])
        #expect(world.candidates["a"]?.problem == nil)
    }

    @Test func `or none for a while, when the server is away for all`() throws {
        var world = World()
        world.join("a")
        try world.pass(5)
        world.cutOff = ["a"]
        try world.pass(10)
        // The lease that was renewed last still holds.
        #expect(world.leaders == ["a"])
        try world.pass(15)
        #expect(world.leaders == [])
        #expect(world.candidates["a"]?.problem == "Lease gw/id: no answer")
        world.cutOff = []
        try world.pass(3)
        #expect(world.leaders == ["a"])
        #expect(world.transitions == 0)
    }

    @Test func `who hands it on at the end, so that the next need not wait`() throws {
        var world = World()
        world.join("a")
        try world.pass(1)
        world.join("b")
        try world.pass(1)
        world.release("a")
        #expect(world.leaders == [])
        try world.turn("a")
        #expect(world.holder == "")
        #expect(world.candidates["a"]?.hasEnded == true)
        try world.pass(11)
        #expect(world.leaders == ["b"])
    }

    @Test func `and who does not lead hands nothing on`() throws {
        var world = World()
        world.join("a")
        world.join("b")
        try world.pass(2)
        world.release("b")
        #expect(world.candidates["b"]?.hasEnded == true)
        try world.pass(2)
        #expect(world.leaders == ["a"])
        #expect(world.holder == "a")
    }

    @Test func `who is the first of two that write at once`() throws {
        var world = World()
        world.join("a")
        try world.pass(1)
        world.candidates["a"] = nil
        world.join("b")
        world.join("c")
        for _ in 0..<100 {
            try world.pass(0.5)
            #expect(world.leaders.count <= 1)
        }
        #expect(world.leaders.count == 1)
        #expect(world.transitions == 1)
    }

    @Test func `who loses it when somebody writes another holder into it`() throws {
        var world = World()
        world.join("a")
        try world.pass(1)
        let other = LeaseRecord(holder: "rival", seconds: 30, now: "2026-01-01T00:00:00.000000Z", transitions: 9)
        let read = try #require(world.server.lease)
        _ = try world.server.answer(APIRequest(.put, "", body: other.object(in: read).jsonText))
        try world.pass(11)
        #expect(world.leaders == [])
        #expect(world.candidates["a"]?.holder == "rival")
        // The rival never renews.
        try world.pass(45)
        #expect(world.leaders == ["a"])
        #expect(world.transitions == 10)
    }

    @Test func `and takes up what it had before it was started again`() throws {
        var world = World()
        world.join("a")
        try world.pass(1)
        world.join("a")
        try world.turn("a")
        #expect(world.leaders == ["a"])
        #expect(world.transitions == 0)
    }

    @Test func `and what others wrote beside the spec stays`() throws {
        var world = World()
        let labels = ObjectValue.members(["team": .string("edge")])
        let metadata = ObjectValue.members([
            "name": .string("id"), "resourceVersion": .string("7"), "labels": labels,
        ])
        world.server.lease = .members(["metadata": metadata, "spec": nil])
        world.join("a")
        try world.pass(1)
        #expect(world.leaders == ["a"])
        #expect(world.server.lease?["metadata"]?["labels"] == labels)
    }

    @Test func `and a refusal is told with the server's words`() {
        let start = ContinuousClock.now
        var election = LeaderElection(identity: "a", lease: NamespacedName("gw", "id"), now: start)
        #expect(
            election.next(now: start, wall: Timestamp(seconds: 0))?.target.hasSuffix("/namespaces/gw/leases/id") == true
        )
        #expect(election.next(now: start, wall: Timestamp(seconds: 0)) == nil)
        let body = ObjectValue.members(["message": .string("leases is forbidden")])
        let next = election.ended(.success((403, body)), now: start, wall: Timestamp(seconds: 0))
        #expect(next == nil)
        #expect(election.problem == "Lease gw/id: the server answered 403: leases is forbidden")
        #expect(election.nextDeadline == start + LeaderElection.retry)
    }
}
