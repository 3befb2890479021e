import LabKit
import LinuxSystem
import NetworkAddress
import Testing

@testable import fairlead_bench

/// Whole benches on tiny clusters: that they measure, that they notice who does not work, and that they clean up.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"), .serialized)
struct `Whole benches` {
    private static let cluster = SyntheticCluster(services: 6, endpoints: 3, family: .ipv4)

    private static let cases = [
        "kernel-memory", "cold", "peak-memory", "warm-restart", "endpoint-replaced", "endpoint-removed",
        "endpoint-added", "class-crossed", "service-added", "service-removed", "hundred-changes", "rolling-update",
        "first-packet",
    ]

    private func sync(_ make: () throws -> any SyncSubject) throws -> [String: Int] {
        let lab = try Lab()
        defer { lab.tearDown() }
        let node = try NodeLab(Self.cluster, "sync", in: lab)
        var counts: [String: Int] = [:]
        var options = SyncBench.Options()
        options.rounds = 8
        options.coldRounds = 2
        try node.inNode {
            try SyncBench(try make(), in: node, options) { measurement, _ in
                counts[measurement.name] = measurement.samples.count
            }.run()
        }
        return counts
    }

    @Test func `sync measures every case of Fairlead`() throws {
        let counts = try sync { try FairleadSubject(Self.cluster) }
        #expect(Set(counts.keys) == Set(Self.cases))
        #expect(counts["cold"] == 2)
        #expect(counts["endpoint-replaced"] == 8)
        #expect(counts["first-packet"] == 8)
    }

    /// One that acknowledges what it does not do.
    private final class Idler: SyncSubject {
        let name = "idler"
        private let worker: FairleadSubject

        init(_ cluster: SyntheticCluster) throws { worker = try FairleadSubject(cluster) }

        func programCold() throws -> SyncSample { try worker.programCold() }
        func programAgain() throws -> SyncSample { try worker.programAgain() }
        func program(_ changes: [ClusterChange]) throws -> SyncSample { try worker.program([]) }
        func removeAll() throws { try worker.removeAll() }
        func check() throws { try worker.check() }
    }

    @Test func `a subject that does nothing makes sync fail`() throws {
        let fault = #expect(throws: BenchFault.self) { try sync { try Idler(Self.cluster) } }
        #expect(fault?.description.contains("idler: 10.96.0.") == true)
        #expect(fault?.description.contains("the measurement is void") == true)
    }

    @Test func `connect measures every way in turn`() throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        var subjects = [
            try ConnectSubject.direct(Self.cluster, tracks: false, in: lab),
            try ConnectSubject.direct(Self.cluster, tracks: true, in: lab),
        ]
        subjects += try ConnectSubject.services("fairlead", at: [.first, .last], Self.cluster, in: lab) {
            try FairleadSubject(Self.cluster)
        }
        #expect(subjects.map(\.name) == ["no-rules", "conntrack", "fairlead-first", "fairlead-last"])
        var options = ConnectBench.Options()
        options.rounds = 2
        options.connections = 100
        var rates: [String: [Double]] = [:]
        try ConnectBench(cluster: Self.cluster, options: options).run(subjects) { measurement, cpu in
            if measurement.unit == .connectionsPerSecond { rates[measurement.subject] = measurement.samples }
            #expect((cpu != nil) == (measurement.name == "connect-rate"))
        }
        #expect(rates.count == 4)
        #expect(rates.values.allSatisfy { $0.count == 2 && $0.allSatisfy { $0 > 0 } })
    }

    @Test(arguments: ["another Service", "no tracking"])
    func `connections that go elsewhere, or past the rules, make connect fail`(fault: String) throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        let direct = try ConnectSubject.direct(Self.cluster, tracks: false, in: lab)
        let wrong = ConnectSubject(
            name: "wrong",
            lab: direct.lab,
            targets: direct.targets.map { target in
                .init(
                    address: target.address,
                    service: fault == "no tracking" ? target.service : target.service + 1,
                    number: target.number
                )
            },
            tracks: fault == "no tracking"
        )
        var options = ConnectBench.Options()
        options.rounds = 1
        options.connections = 100
        let bench = ConnectBench(cluster: Self.cluster, options: options)
        let thrown = #expect(throws: BenchFault.self) { try bench.run([wrong]) { _, _ in } }
        #expect(thrown?.description.contains("the measurement is void") == true)
    }

    @Test(arguments: [
        ["sync", "--services", "20", "--peers", "nft", "--rounds", "100000"],
        ["connect", "--services", "20", "--peers", "none", "--rounds", "1000"],
    ])
    func `an interrupt ends a run, and nothing of it is left`(command: [String]) throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        let process = try lab.start([try LabPrograms.path(of: "fairlead-bench")] + command)
        let prefix = "fairlead-lab-\(process.pid)-"
        let deadline = ContinuousClock.now + .seconds(30)
        // The node is there before anything is measured, and after signals were taken over.
        func hasNode() throws -> Bool {
            let names = try lab.run(["ip", "netns", "list"]).output.split(separator: "\n")
            return names.contains { $0.hasPrefix(prefix) && $0.contains("-node") }
        }
        while try !hasNode(), .now < deadline { try pause(.milliseconds(20)) }
        #expect(try hasNode())
        try pause(.milliseconds(500))
        process.signal(2)
        #expect(process.waitForEnd(timeout: .seconds(30)) == 1)
        #expect(process.output.contains("fairlead-bench: ended by a signal"))
        #expect(try !lab.run(["ip", "netns", "list"]).output.contains(prefix))
        #expect(try directoryEntries(at: "/dev/shm").allSatisfy { !$0.hasPrefix(prefix) })
    }
}
