import Glibc
import LabKit
import NetworkAddress
import Testing

/// Endpoints that come and go under load, and an agent that is killed meanwhile.
///
/// All pods live all the time, so that a connection fails only where it is led to nothing.
@Suite(.needsLab, .serialized)
struct `Endpoints that come and go` {
    /// How many endpoints there are, one after the other: within a class of chains and across its bounds.
    private static let counts = [2, 3, 5, 3, 2, 5]

    private let lab: AgentLab

    init() throws {
        lab = try AgentLab(pods: 5)
        try lab.put(ServiceManifest(nodePort: 30_080, to: nil).service, in: "web.yaml")
        try flip(to: 2)
    }

    /// Writes EndpointSlices with the first pods.
    private func flip(to count: Int) throws {
        let pods = Array(lab.cluster.pods.prefix(count))
        try lab.put(ServiceManifest(to: pods).slices.joined(separator: "---\n"), in: "slices.yaml")
    }

    /// Repeats changes under load until there were enough, or a busy machine has had its time; none may fail a flow.
    ///
    /// Returns the pods that answered.
    private func underLoad(
        _ family: AddressFamily,
        until isEnough: () throws -> Bool,
        _ change: () throws -> Void
    ) throws -> Set<String> {
        let clusterIP = socketAddress(ServiceManifest.clusterIP(80, family), 80)
        let nodePort = socketAddress(ServiceLab.nodeAddress(family), 30_080)
        let options = ["--duration", "2", "--reset", "--timeout", "900"]
        var answering: Set<String> = []
        for round in 0..<10 {
            // A datagram from a port that asked a moment ago goes on with that flow: to an endpoint that has gone since,
            // maybe, and whose answer is lost when the flow is forgotten at that moment. Each asks from a new port.
            let asking = options + ["--rate", "2000", "--source-port", "\(20_000 + round * 4100)"]
            let load = [
                try lab.cluster.startProbe(.tcp, clusterIP, from: lab.client, options: options),
                try lab.cluster.startProbe(.udp, clusterIP, from: lab.pod(1).namespace, options: asking),
                try lab.cluster.startProbe(.tcp, nodePort, from: lab.client, options: options + ["--interval", "1"]),
                try lab.cluster.startProbe(.udp, clusterIP, from: lab.node, options: asking),
            ]
            while load[0].isRunning { try change() }
            for probe in load {
                let summary = try lab.cluster.summary(of: probe)
                #expect(summary.ok == summary.tries && summary.tries > 50, "\(probe.command): \(summary)")
                answering.formUnion(summary.pods.keys)
            }
            if try isEnough() { break }
        }
        #expect(try isEnough())
        return answering
    }

    @Test(arguments: AddressFamily.allCases)
    func `fail no connection, fifty times a second`(family: AddressFamily) throws {
        let agent = try lab.startAgent()
        var step = 0
        let answering = try underLoad(family) {
            agent.lines.count { $0.contains("programmed") } >= 40
        } _: {
            try flip(to: Self.counts[step % Self.counts.count])
            step += 1
            usleep(20_000)
        }
        #expect(answering.count == 5)
    }

    @Test(arguments: AddressFamily.allCases)
    func `fail no connection when the agent is killed at any moment, and the kernel holds all of a state`(
        family: AddressFamily
    ) throws {
        try lab.startAgent().kill()
        let destinations = lab.cluster.pods.map { "\($0.address(family)) . \(ServiceLab.echoPort)" }
        let states = Set(Self.counts).map { Set(destinations.prefix($0)) }
        var step = 0
        var rounds = 0
        let answering = try underLoad(family) {
            rounds >= 12
        } _: {
            // Killed while it starts, or while it programs one change after the other.
            let agent = try lab.startAgent(awaitsReady: rounds.isMultiple(of: 2))
            let end = ContinuousClock.now + .milliseconds(Int.random(in: 0...80))
            while ContinuousClock.now < end {
                try flip(to: Self.counts[step % Self.counts.count])
                step += 1
                usleep(5000)
            }
            agent.kill()
            rounds += 1
            let frontEnds = try lab.listings()[family == .ipv4 ? "ip" : "ip6"]?.frontEnds ?? [:]
            #expect(frontEnds.count == 4, "\(frontEnds)")
            for (tuple, frontEnd) in frontEnds {
                let count = frontEnd.endpoints.count
                #expect(Set(frontEnd.endpoints.keys) == Set(0..<count), "\(tuple): \(frontEnd)")
                #expect(frontEnd.size >= count && count * 2 >= frontEnd.size, "\(tuple): \(frontEnd)")
                #expect(states.contains(Set(frontEnd.endpoints.values)), "\(tuple): \(frontEnd)")
            }
        }
        #expect(answering.count > 2)
        // The next agent goes on from what it finds.
        try flip(to: 4)
        try lab.startAgent()
        let summary = try lab.probe(.tcp, ServiceManifest.clusterIP(80, family), from: lab.client, count: 100)
        #expect(summary.ok == 100 && summary.pods.count == 4, "\(summary)")
    }
}
