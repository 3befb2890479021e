import LabKit
import LinuxSystem
import NetworkAddress
import Testing

@testable import fairlead_bench

/// What the numbers of a run of `sync` or `connect` become.
struct `Measurements` {
    private static let cluster = SyntheticCluster(services: 1000, endpoints: 4, family: .ipv6)

    @Test func `JSON has the form that other benches have, and every round`() {
        let measurement = Measurement("endpoint-replaced", of: "nft", at: Self.cluster, samples: [3, 1, 2, 40])
        let expected =
            #"{"case": "endpoint-replaced", "subject": "nft", "services": 1000, "endpoints": 4, "family": "IPv6", "#
            + #""unit": "us", "p50": 2.5, "p99": 40.0, "min": 1.0, "max": 40.0, "count": 4, "#
            + #""rounds": [3.0, 1.0, 2.0, 40.0]}"#
        #expect(measurement.json == expected)
    }

    @Test func `durations count in microseconds`() {
        var measurement = Measurement("cold", of: "fairlead", at: Self.cluster)
        measurement.append(.milliseconds(2))
        #expect(measurement.samples == [2000])
        #expect(measurement.row(cpu: nil).contains("2ms"))
    }

    @Test(arguments: [([], 0), ([7], 7), ([3, 1, 2], 2), ([4, 1, 3, 2], 2.5)] as [([Double], Double)])
    func `the median is the middle`(samples: [Double], median: Double) {
        #expect(Measurement("cold", of: "nft", at: Self.cluster, samples: samples).median == median)
    }

    @Test func `a run names its benchmark, its results and what has none`() throws {
        let report = RunReport("sync")
        report.add(
            Measurement("cold", of: "nft", at: Self.cluster, samples: [1]),
            cpu: Measurement("cold-cpu", of: "nft", at: Self.cluster, samples: [0.5])
        )
        report.leaveOut("iptables", services: 1000, "it is \"too\" slow")
        let json = report.record.json
        #expect(json.hasPrefix(#"{"benchmark": "sync", "started": "#))
        // The report reads it as it is.
        let run = try RunFile(json, name: "sync.json")
        #expect(run.results.map(\.name) == ["cold", "cold-cpu"])
        #expect(run.leftOut.map(\.subject) == ["iptables at 1000 Services"])
        #expect(json.contains(#"{"case": "cold", "subject": "nft","#))
        #expect(json.contains(#"{"case": "cold-cpu", "subject": "nft","#))
        // The file holds the same, whenever it is read.
        let lab = try Lab()
        let saved = RunReport("sync", to: "\(lab.directory)/run.json")
        try saved.start(versions: [("nft", "v1")])
        #expect(try readFile(at: "\(lab.directory)/run.json").contains(#""versions": {"nft": "v1"}"#))
        saved.add(Measurement("cold", of: "nft", at: Self.cluster, samples: [1]))
        try saved.save()
        #expect(try readFile(at: "\(lab.directory)/run.json") == saved.record.json)
        #expect(throws: (any Error).self) { try RunReport("sync", to: "/nowhere/run.json").start(versions: []) }
        #expect(json.contains(#"{"subject": "iptables", "services": 1000, "reason": "it is \"too\" slow"}"#))
    }

    @Test func `what the process with libnftables prints is read back`() throws {
        let answer = LibraryCommand.Answer(
            duration: .microseconds(1500),
            processorTime: .nanoseconds(7),
            peakBytes: 4096
        )
        #expect(answer.line == "done 1500000 7 4096\n")
        let read = try #require(LibraryCommand.Answer(parsing: answer.line.dropLast()))
        #expect(read.duration == .microseconds(1500))
        #expect(read.processorTime == .nanoseconds(7))
        #expect(read.peakBytes == 4096)
        #expect(LibraryCommand.Answer(parsing: "libnftables.so.1: syntax error") == nil)
    }
}
