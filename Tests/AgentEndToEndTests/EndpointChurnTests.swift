import Glibc
import LabKit
import NetworkAddress
import Testing

/// Endpoints that come and go under load, and an agent that is killed meanwhile.
///
/// All pods live all the time, so that a connection fails only where it is led to nothing.
@Suite(.needsLab)
struct `Endpoints that come and go` {
    /// How many endpoints there are, one after the other: within a class of chains and across its bounds.
    private static let counts = [2, 3, 5, 3, 2, 5]

    private let lab: AgentLab

    init() throws {
        lab = try AgentLab(pods: 5)
        try lab.put(ServiceManifest(nodePort: 30_080, to: nil).service, in: "web.yaml")
        try flip(0)
    }

    /// Writes the EndpointSlices of a step.
    private func flip(_ step: Int) throws {
        let pods = lab.cluster.pods.prefix(Self.counts[step % Self.counts.count])
        try lab.put(ServiceManifest(to: Array(pods)).slices.joined(separator: "---\n"), in: "slices.yaml")
    }

    /// Starts clients that connect as fast as they can; UDP ones never come twice from one port in that time.
    private func startLoad(seconds: Int, _ family: AddressFamily) throws -> [LabProcess] {
        let options = ["--duration", "\(seconds)", "--reset", "--timeout", "900"]
        let clusterIP = socketAddress(ServiceManifest.clusterIP(80, family), 80)
        let nodePort = socketAddress(ServiceLab.nodeAddress(family), 30_080)
        return [
            try lab.cluster.startProbe(.tcp, clusterIP, from: lab.client, options: options),
            try lab.cluster.startProbe(.udp, clusterIP, from: lab.pod(1).namespace, options: options),
            try lab.cluster.startProbe(.tcp, nodePort, from: lab.client, options: options),
            try lab.cluster.startProbe(.tcp, clusterIP, from: lab.node, options: options),
        ]
    }

    @Test(arguments: AddressFamily.allCases)
    func `fail no connection, fifty times a second`(family: AddressFamily) throws {
        try lab.startAgent()
        let load = try startLoad(seconds: 3, family)
        var step = 0
        while load[0].isRunning {
            try flip(step)
            step += 1
            usleep(20_000)
        }
        #expect(step > 30)
        for probe in load {
            let summary = try lab.cluster.summary(of: probe)
            #expect(summary.ok == summary.tries && summary.tries > 300, "\(probe.command): \(summary)")
            #expect(summary.pods.count == 5, "\(probe.command): \(summary)")
        }
        #expect(try lab.agent.lines.count { $0.contains("programmed") } > 30)
    }

    @Test(arguments: AddressFamily.allCases)
    func `fail no connection when the agent is killed at any moment, and the kernel holds all of a state`(
        family: AddressFamily
    ) throws {
        let destinations = lab.cluster.pods.map { "\($0.address(family)) . \(ServiceLab.echoPort)" }
        let states = Set(Self.counts).map { Set(destinations.prefix($0)) }
        try lab.startAgent().kill()
        let load = try startLoad(seconds: 4, family)
        var step = 0
        var rounds = 0
        while load[0].isRunning {
            // Killed while it starts, while it programs, or while it waits; a start takes some tens of milliseconds.
            let agent = try lab.startAgent(awaitsReady: false)
            let end = ContinuousClock.now + .milliseconds(Int.random(in: 0...150))
            while ContinuousClock.now < end {
                try flip(step)
                step += 1
                usleep(5000)
            }
            agent.kill()
            rounds += 1
            let frontEnds = try lab.listings()[family == .ipv4 ? "ip" : "ip6"]?.frontEnds ?? [:]
            #expect(frontEnds.count == 2, "\(frontEnds)")
            for (tuple, frontEnd) in frontEnds {
                let count = frontEnd.endpoints.count
                #expect(Set(frontEnd.endpoints.keys) == Set(0..<count), "\(tuple): \(frontEnd)")
                #expect(frontEnd.size >= count && count * 2 >= frontEnd.size, "\(tuple): \(frontEnd)")
                #expect(states.contains(Set(frontEnd.endpoints.values)), "\(tuple): \(frontEnd)")
            }
        }
        #expect(rounds > 8)
        for probe in load {
            let summary = try lab.cluster.summary(of: probe)
            #expect(summary.ok == summary.tries && summary.tries > 300, "\(probe.command): \(summary)")
        }
        // The next agent goes on from what it finds.
        try lab.startAgent()
        try lab.awaitProgrammed { try flip(step + (Self.counts[step % 6] == Self.counts[(step + 5) % 6] ? 1 : 0)) }
        let summary = try lab.probe(.tcp, ServiceManifest.clusterIP(80, family), from: lab.client, count: 100)
        #expect(summary.pods.count == Self.counts[step % Self.counts.count], "\(summary)")
    }
}
