import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// Which endpoints flows may still be sent to though their front end no longer leads there.
@Suite struct DepartureTests {
    /// What a front end does: for all, and for the node's own clients.
    struct Way: Sendable {
        var others: [Endpoint]?
        var own: [Endpoint]?
        var affinitySeconds: UInt32?
        var portName = ""

        static let refusal = Way()

        func snapshot(at key: FrontEndKey) -> ServiceSnapshot {
            let frontEnd = FrontEnd(
                key: key,
                portName: portName,
                masquerade: .never,
                action: others.map { .forward($0) } ?? .drop,
                shortCircuit: own.map { .forward($0) },
                affinitySeconds: affinitySeconds
            )
            return ServiceSnapshot(service: ObjectName(namespace: "default", name: "web"), frontEnds: [frontEnd])
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let before: Way?
        let after: Way?
        var departed: [Endpoint] = []
        var hadAffinity = false
        var isAnswered = false

        var testDescription: String { name }
    }

    private static let a = endpoint("10.244.1.1:8080", .local)
    private static let b = endpoint("10.244.2.2:8080")
    private static let c = endpoint("10.244.2.3:8080")

    private static let cases: [Case] = [
        Case(name: "nothing changes", before: Way(others: [a, b]), after: Way(others: [a, b])),
        Case(name: "the order changes", before: Way(others: [a, b]), after: Way(others: [b, a])),
        Case(name: "a name changes", before: Way(others: [a, b]), after: Way(others: [a, b], portName: "http")),
        Case(name: "one arrives", before: Way(others: [a]), after: Way(others: [a, b])),
        Case(name: "one goes", before: Way(others: [a, b]), after: Way(others: [a]), departed: [b]),
        Case(name: "all are others", before: Way(others: [a, b]), after: Way(others: [c]), departed: [a, b]),
        Case(name: "the last goes", before: Way(others: [a, b]), after: .refusal, departed: [a, b]),
        Case(name: "the front end goes", before: Way(others: [a, b]), after: nil, departed: [a, b]),
        Case(name: "the first arrives", before: .refusal, after: Way(others: [a]), isAnswered: true),
        Case(name: "the front end comes", before: nil, after: Way(others: [a]), isAnswered: true),
        Case(name: "a front end comes that leads nowhere", before: nil, after: .refusal),
        Case(
            name: "one with affinity goes",
            before: Way(others: [a, b], affinitySeconds: 60),
            after: Way(others: [a], affinitySeconds: 60),
            departed: [b],
            hadAffinity: true
        ),
        Case(
            name: "one goes as affinity comes",
            before: Way(others: [a, b]),
            after: Way(others: [a], affinitySeconds: 60),
            departed: [b]
        ),
        Case(
            name: "one goes, and affinity with it",
            before: Way(others: [a, b], affinitySeconds: 60),
            after: Way(others: [a]),
            departed: [b],
            hadAffinity: true
        ),
        Case(
            name: "a Local policy comes",
            before: Way(others: [a, b]),
            after: Way(others: [a], own: [a, b]),
            departed: [b]
        ),
        Case(
            name: "a Local policy comes where nothing is local",
            before: Way(others: [b], affinitySeconds: 60),
            after: Way(others: nil, own: [b], affinitySeconds: 60),
            departed: [b],
            hadAffinity: true
        ),
        Case(name: "a Local policy goes", before: Way(others: [a], own: [a, b]), after: Way(others: [a, b])),
        Case(
            name: "a Local policy goes where nothing was local",
            before: Way(others: nil, own: [b]),
            after: Way(others: [b])
        ),
        Case(
            name: "own clients alone lose one",
            before: Way(others: [a], own: [a, b, c]),
            after: Way(others: [a], own: [a, c]),
            departed: [b]
        ),
        Case(
            name: "own clients alone come to be led somewhere",
            before: .refusal,
            after: Way(others: nil, own: [b]),
            isAnswered: true
        ),
    ]

    private static let keys = [
        FrontEndKey(listener: .address(ip("198.51.100.1")), transport: .udp, port: port(53)),
        FrontEndKey(listener: .nodeAddresses(.ipv4), transport: .udp, port: port(30053)),
    ]

    @Test(arguments: cases, keys)
    func `a change tells which endpoints flows no longer belong to`(_ change: Case, key: FrontEndKey) throws {
        let gone = ServiceSnapshot(service: ObjectName(namespace: "default", name: "web"), frontEnds: [])
        let node = try ProgrammedNode([change.before?.snapshot(at: key) ?? gone])
        let plan = node.plane.plan([change.after?.snapshot(at: key) ?? gone])
        #expect(plan.departed.map(\.endpoint) == change.departed.map(\.destination))
        #expect(plan.departed.allSatisfy { $0.frontEnd == key && $0.hadAffinity == change.hadAffinity })
        #expect(plan.answered == (change.isAnswered ? [key] : []))
    }

    @Test(arguments: cases, keys)
    func `a rebuild tells the same as the change that it makes`(_ change: Case, key: FrontEndKey) throws {
        let gone = ServiceSnapshot(service: ObjectName(namespace: "default", name: "web"), frontEnds: [])
        let node = try ProgrammedNode([change.before?.snapshot(at: key) ?? gone])
        let snapshot = change.after?.snapshot(at: key) ?? gone
        let plan = node.plane.plan([snapshot])
        let rebuild = node.plane.rebuild(replacing: [:], changing: [snapshot])
        #expect(rebuild.departed == plan.departed)
        // Whoever writes everything again compares all flows with all front ends, new ones among them.
        #expect(rebuild.answered == (change.before == nil ? [] : plan.answered))
        // Without a change nothing departs.
        let again = node.plane.rebuild(replacing: [:])
        #expect(again.departed.isEmpty)
        #expect(again.answered.isEmpty)
    }

    @Test func `each front end tells of its own`() throws {
        let web = service("web", clusterIP("10.96.0.1", 53, .udp, does: .forward([Self.a, Self.b])))
        let api = service("api", clusterIP("10.96.0.2", 53, .udp, does: .forward([Self.a, Self.b])))
        let node = try ProgrammedNode([web, api])
        let plan = node.plane.plan([service("api", clusterIP("10.96.0.2", 53, .udp, does: .forward([Self.b])))])
        #expect(
            plan.departed.map { "\($0.frontEnd) \($0.endpoint)" } == ["10.96.0.2:53/udp 10.244.1.1:8080"]
        )
    }
}
