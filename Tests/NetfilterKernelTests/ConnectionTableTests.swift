import LabKit
import LinuxSystem
import NetfilterKernel
import NetworkAddress
import Testing

/// Tracked connections are forgotten by what they were asked for and where they were sent.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct ConnectionTableTests {
    /// Connections of one client, each with a source port of its own: what was asked for, and where it was sent.
    private static let flows: [(asked: String, sent: String, transport: String)] = [
        ("10.96.0.10:53", "10.244.1.2:5353", "udp"), ("10.96.0.10:53", "10.244.1.3:5353", "udp"),
        ("10.96.0.10:53", "10.244.1.2:5353", "tcp"), ("10.96.0.11:53", "10.244.1.2:5353", "udp"),
        ("192.168.50.1:30053", "10.244.1.2:5353", "udp"), ("192.168.50.1:30053", "192.168.50.1:30053", "udp"),
    ]

    private struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let filter: ConnectionFilter
        /// The indices of the flows that are left.
        let left: [Int]

        var testDescription: String { name }
    }

    private static let cases: [Case] = [
        Case(
            name: "a departed endpoint of an address",
            filter: filter(to: "10.96.0.10:53", at: "10.244.1.2:5353"),
            left: [1, 2, 3, 4, 5]
        ),
        Case(name: "everything asked of an address", filter: filter(to: "10.96.0.10:53"), left: [2, 3, 4, 5]),
        Case(
            name: "a departed endpoint of a node port, whatever address was asked",
            filter: ConnectionFilter(
                family: .ipv4,
                transport: .udp,
                originalPort: Port(30053),
                replySource: TransportAddress(parsing: "10.244.1.2:5353")
            ),
            left: [0, 1, 2, 3, 5]
        ),
        Case(name: "nothing that is there", filter: filter(to: "10.96.0.99:53"), left: [0, 1, 2, 3, 4, 5]),
    ]

    private static func filter(to asked: String, at sent: String? = nil) -> ConnectionFilter {
        let destination = TransportAddress(parsing: asked)
        return ConnectionFilter(
            family: .ipv4,
            transport: .udp,
            originalDestination: destination?.address,
            originalPort: destination?.port,
            replySource: sent.flatMap { TransportAddress(parsing: $0) }
        )
    }

    @Test(arguments: cases)
    private func `what the filter describes is forgotten, and nothing else`(_ deletion: Case) throws {
        try withNewNetworkNamespace {
            let lab = try Lab()
            defer { lab.tearDown() }
            for (index, flow) in Self.flows.enumerated() { try lab.insert(index, flow) }
            let table = try ConnectionTable()
            let deleted = try table.deleteConnections(deletion.filter)
            #expect(deleted == Self.flows.count - deletion.left.count)
            let listing = try lab.runSuccessfully(["conntrack", "-L"])
            let left = Self.flows.indices.filter { listing.contains("sport=\(40000 + $0) ") }
            #expect(left == deletion.left)
            #expect(try table.deleteConnections(deletion.filter) == 0, "the second time there is nothing left")
        }
    }

    @Test func `IPv6 connections are found by all parts of their tuples`() throws {
        try withNewNetworkNamespace {
            let lab = try Lab()
            defer { lab.tearDown() }
            try lab.insert(0, ("[fd00:96::10]:53", "[fd00:244::2]:5353", "udp"))
            try lab.insert(1, ("[fd00:96::10]:53", "[fd00:244::3]:5353", "udp"))
            let filter = ConnectionFilter(
                family: .ipv6,
                transport: .udp,
                originalDestination: IPAddress(parsing: "fd00:96::10"),
                originalPort: Port(53),
                replySource: TransportAddress(parsing: "[fd00:244::2]:5353")
            )
            #expect(try ConnectionTable().deleteConnections(filter) == 1)
            #expect(try lab.runSuccessfully(["conntrack", "-L", "-f", "ipv6"]).contains("sport=40001 "))
        }
    }
}

extension Lab {
    /// Puts a connection of a client into the kernel's table, with the source port 40000 and its index.
    fileprivate func insert(_ index: Int, _ flow: (asked: String, sent: String, transport: String)) throws {
        let asked = try #require(TransportAddress(parsing: flow.asked))
        let sent = try #require(TransportAddress(parsing: flow.sent))
        let client = asked.address.family == .ipv4 ? "192.168.50.2" : "fd00:50::2"
        var command = [
            "conntrack", "-I", "-p", flow.transport, "-t", "60",
            "-s", client, "-d", "\(asked.address)", "--sport", "\(40000 + index)", "--dport", "\(asked.port)",
            "--reply-src", "\(sent.address)", "--reply-dst", client, "--reply-port-src", "\(sent.port)",
            "--reply-port-dst", "\(40000 + index)",
        ]
        if flow.transport == "tcp" { command += ["--state", "ESTABLISHED"] }
        try runSuccessfully(command)
    }
}
