import NetfilterKernel
import NetworkAddress
import NodeAgent
import ServiceModel
import Testing

/// Which tracked UDP flows are forgotten, and which never.
@Suite struct FlowMatcherTests {
    private static func destination(_ text: String) -> TransportAddress {
        guard let destination = TransportAddress(parsing: text) else { preconditionFailure("no destination: \(text)") }
        return destination
    }

    private static func key(_ address: String, _ transport: TransportProtocol = .udp) -> FrontEndKey {
        let asked = destination(address)
        return FrontEndKey(listener: .address(asked.address), transport: transport, port: asked.port)
    }

    private static func nodePort(_ number: Int, _ family: AddressFamily = .ipv4) -> FrontEndKey {
        FrontEndKey(listener: .nodeAddresses(family), transport: .udp, port: port(number))
    }

    /// The node's own addresses.
    private static let local: Set<IPAddress> = [ip("192.0.2.10"), ip("198.51.100.10"), ip("2001:db8::10")]

    /// Flows as `asked answered-by`.
    private static let flows = [
        "10.96.0.10:53 10.244.1.2:5353", "10.96.0.10:53 10.244.2.3:5353", "10.96.0.10:53 10.96.0.10:53",
        "10.96.0.10:54 10.244.1.2:5353", "10.96.0.11:53 10.244.1.2:5353", "192.0.2.10:30053 10.244.1.2:5353",
        "198.51.100.10:30053 10.244.1.2:5353", "192.0.2.10:30053 192.0.2.10:30053",
        "203.0.113.7:30053 10.244.1.2:5353", "203.0.113.7:30053 203.0.113.7:30053",
        "[fd00:96::a]:53 [fd00:244::2]:5353", "[2001:db8::10]:30053 [fd00:244::2]:5353",
        "10.244.1.2:5353 10.244.1.2:5353",
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let jobs: [CleaningJob]
        /// The flows that are forgotten.
        let forgotten: Set<String>

        var testDescription: String { name }
    }

    private static let a = destination("10.244.1.2:5353")
    private static let b = destination("10.244.2.3:5353")
    private static let a6 = destination("[fd00:244::2]:5353")

    private static let cases: [Case] = [
        Case(name: "no job", jobs: [], forgotten: []),
        Case(
            name: "an address's endpoint departs",
            jobs: [.departed(key("10.96.0.10:53"), a)],
            forgotten: ["10.96.0.10:53 10.244.1.2:5353"]
        ),
        Case(name: "an endpoint departs that no flow has", jobs: [.departed(key("10.96.0.11:53"), b)], forgotten: []),
        Case(
            name: "another port of an endpoint departs",
            jobs: [.departed(key("10.96.0.10:53"), destination("10.244.1.2:53"))],
            forgotten: []
        ),
        Case(name: "an endpoint departs over TCP", jobs: [.departed(key("10.96.0.10:53", .tcp), a)], forgotten: []),
        Case(
            name: "a node port's endpoint departs",
            jobs: [.departed(nodePort(30053), a)],
            forgotten: ["192.0.2.10:30053 10.244.1.2:5353", "198.51.100.10:30053 10.244.1.2:5353"]
        ),
        Case(
            name: "a node port's endpoint departs over IPv6",
            jobs: [.departed(nodePort(30053, .ipv6), a6)],
            forgotten: ["[2001:db8::10]:30053 [fd00:244::2]:5353"]
        ),
        Case(
            name: "an address comes to be answered",
            jobs: [.answered(key("10.96.0.10:53"))],
            forgotten: ["10.96.0.10:53 10.96.0.10:53"]
        ),
        Case(name: "another address comes to be answered", jobs: [.answered(key("10.96.0.11:53"))], forgotten: []),
        Case(
            name: "a node port comes to be answered",
            jobs: [.answered(nodePort(30053))],
            forgotten: ["192.0.2.10:30053 192.0.2.10:30053"]
        ),
        Case(
            name: "an address has one of its endpoints",
            jobs: [.reconcile([key("10.96.0.10:53"): [a]])],
            forgotten: ["10.96.0.10:53 10.244.2.3:5353", "10.96.0.10:53 10.96.0.10:53"]
        ),
        Case(
            name: "an address and a node port have none",
            jobs: [.reconcile([key("10.96.0.10:54"): [], nodePort(30053): []])],
            forgotten: [
                "10.96.0.10:54 10.244.1.2:5353", "192.0.2.10:30053 10.244.1.2:5353",
                "198.51.100.10:30053 10.244.1.2:5353", "192.0.2.10:30053 192.0.2.10:30053",
            ]
        ),
        Case(
            name: "all have what flows go to",
            jobs: [.reconcile([key("10.96.0.11:53"): [a, b], key("[fd00:96::a]:53"): [a6]])],
            forgotten: []
        ),
        Case(
            name: "a front end at an endpoint's own address is a front end",
            jobs: [.reconcile([key("10.244.1.2:5353"): [b]])],
            forgotten: ["10.244.1.2:5353 10.244.1.2:5353"]
        ),
        Case(
            name: "several at once",
            jobs: [
                .departed(key("10.96.0.10:53"), a), .departed(key("10.96.0.10:53"), b),
                .answered(key("10.96.0.10:53")), .departed(key("[fd00:96::a]:53"), a6),
            ],
            forgotten: [
                "10.96.0.10:53 10.244.1.2:5353", "10.96.0.10:53 10.244.2.3:5353", "10.96.0.10:53 10.96.0.10:53",
                "[fd00:96::a]:53 [fd00:244::2]:5353",
            ]
        ),
    ]

    private static func connection(_ flow: String) -> TrackedConnection {
        let parts = flow.split(separator: " ").map { destination(String($0)) }
        return TrackedConnection(originalDestination: parts[0], replySource: parts[1])
    }

    @Test(arguments: cases)
    func `the flows that are meant are forgotten, and no others`(_ cleaning: Case) {
        let matcher = FlowMatcher(cleaning.jobs, local: Self.local)
        #expect(Set(Self.flows.filter { matcher.matches(Self.connection($0)) }) == cleaning.forgotten)
    }

    @Test(arguments: cases)
    func `what the kernel looks for holds all that is meant`(_ cleaning: Case) {
        for job in cleaning.jobs {
            let matcher = FlowMatcher([job], local: Self.local)
            for flow in Self.flows.map(Self.connection) where matcher.matches(flow) {
                let family = flow.originalDestination.address.family
                #expect(job.concerns(family))
                let filter = job.filter(family)
                #expect(filter.family == family)
                #expect(filter.transport == .udp)
                #expect(filter.originalPort.map { $0 == flow.originalDestination.port } ?? true)
                #expect(filter.originalDestination.map { $0 == flow.originalDestination.address } ?? true)
                #expect(filter.replySource.map { $0 == flow.replySource } ?? true)
            }
        }
    }

    @Test func `without the node's addresses no flow is one to a node port`() {
        let jobs: [CleaningJob] = [
            .departed(Self.nodePort(30053), Self.a), .answered(Self.nodePort(30053)),
            .reconcile([Self.nodePort(30053): []]),
        ]
        let matcher = FlowMatcher(jobs, local: [])
        #expect(!Self.flows.contains { matcher.matches(Self.connection($0)) })
    }

    @Test func `flows of other transports concern no job but that of all`() {
        #expect(!CleaningJob.departed(Self.key("10.96.0.10:53", .tcp), Self.a).concerns(.ipv4))
        #expect(!CleaningJob.answered(Self.key("10.96.0.10:53", .sctp)).concerns(.ipv4))
        #expect(!CleaningJob.answered(Self.key("10.96.0.10:53")).concerns(.ipv6))
        #expect(CleaningJob.answered(Self.key("10.96.0.10:53")).concerns(.ipv4))
        #expect(!CleaningJob.reconcile([:]).concerns(.ipv4))
    }
}
