import Glibc
import LabKit
import NetworkAddress
import Testing

/// A rolling update of 500 endpoint changes a second under 1,000 new connections a second.
///
/// It lasts 8 seconds; `FAIRLEAD_ROLLING_SECONDS=60` says otherwise. A slow machine makes fewer changes.
@Suite(.needsLab, .serialized)
struct `A rolling update` {
    private static let seconds =
        unsafe getenv("FAIRLEAD_ROLLING_SECONDS").flatMap { unsafe Int(String(cString: $0)) } ?? 8
    private static let probes = 10
    private static let connectionsPerProbe = 100
    /// How much the agent may grow from the first quarter to the end.
    private static let growthMax = 16.0 * 1024 * 1024

    /// What the agent tells of itself.
    private struct Usage {
        let residentBytes, openDescriptors, processorSeconds: Double
    }

    private static func metrics(of lab: AgentLab) throws -> [String: Double] {
        let text = try lab.get("/metrics", at: "127.0.0.1", port: 10_249, from: lab.node)?.body ?? ""
        return text.split(separator: "\n").reduce(into: [:]) { metrics, line in
            let words = line.split(separator: " ")
            if words.count == 2, let value = Double(words[1]) { metrics[String(words[0])] = value }
        }
    }

    private static func usage(of lab: AgentLab) throws -> Usage {
        let metrics = try metrics(of: lab)
        return Usage(
            residentBytes: try #require(metrics["process_resident_memory_bytes"]),
            openDescriptors: try #require(metrics["process_open_fds"]),
            processorSeconds: try #require(metrics["process_cpu_seconds_total"])
        )
    }

    @Test(arguments: AddressFamily.allCases)
    func `fails no connection, and the agent keeps up without growing`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 6)
        let update = try RollingUpdate(lab, family)
        try lab.startAgent()
        let load = try (0..<Self.probes).map { number in
            try lab.cluster.startProbe(
                .tcp,
                socketAddress(update.clusterIP(number), RollingUpdate.port),
                from: number.isMultiple(of: 2) ? lab.client : lab.pod(6).namespace,
                options: [
                    "--duration", "\(Self.seconds)", "--rate", "\(Self.connectionsPerProbe)", "--reset",
                    "--timeout", "5000",
                ]
            )
        }
        var usages = [try Self.usage(of: lab)]
        for _ in 1...4 {
            try update.run(for: .seconds(Self.seconds) / 4)
            usages.append(try Self.usage(of: lab))
        }
        #expect(try eventually(within: .seconds(20)) { try update.hasSettled() })
        var tries = 0
        for (number, probe) in load.enumerated() {
            let summary = try lab.cluster.summary(of: probe)
            #expect(summary.ok == summary.tries && summary.tries > 0, "Service \(number): \(summary)")
            tries += summary.tries
        }
        let metrics = try Self.metrics(of: lab)
        #expect(metrics["kubeproxy_sync_proxy_rules_endpoint_changes_pending"] == 0)
        #expect(metrics["fairlead_agent_sync_failures_total"] == 0)
        #expect(metrics["fairlead_agent_drift_repairs_total"] == 0)
        #expect(metrics["fairlead_agent_sync_duration_seconds_count"] ?? 0 > 2)
        #expect(update.closed > 100)
        // A probe or a scrape may be under way at either moment.
        #expect(usages[4].openDescriptors <= usages[1].openDescriptors + 4)
        let growth = usages[4].residentBytes - usages[1].residentBytes
        #expect(growth < Self.growthMax, "\(usages.map(\.residentBytes))")
        try report(family, update, lab.agent, tries, usages, metrics)
    }

    // MARK: - Numbers

    private func report(
        _ family: AddressFamily,
        _ update: RollingUpdate,
        _ agent: LabProcess,
        _ tries: Int,
        _ usages: [Usage],
        _ metrics: [String: Double]
    ) throws {
        let lags = Self.lags(of: update.changes, agent.lines).sorted()
        try #require(!lags.isEmpty)
        func milliseconds(_ share: Double) -> Int { Int(lags[Int(Double(lags.count - 1) * share)] / .milliseconds(1)) }
        let processor = usages[4].processorSeconds - usages[0].processorSeconds
        let memory = usages.map { "\(Int($0.residentBytes / 1024))" }.joined(separator: " ")
        print(
            """
            rolling update, \(family): \(update.changes.count) changes, \(update.closed) pods closed, \(tries) connections \
            in \(Self.seconds) s; lag p50 \(milliseconds(0.5)) ms, p99 \(milliseconds(0.99)) ms, longest \
            \(milliseconds(1)) ms; \(Int(metrics["fairlead_agent_sync_duration_seconds_count"] ?? 0)) syncs; \
            agent: \(Int(processor / Double(Self.seconds) * 100)) % of a processor, resident KiB \(memory)
            """
        )
    }

    /// How long it took from each change of a file to the acknowledgement of the first commit that was read after it.
    private static func lags(of changes: [Duration], _ lines: [Substring]) -> [Duration] {
        let commits = lines.compactMap { line -> (began: Duration, ended: Duration)? in
            // 2026-11-21T06:19:10.477Z INFO  programmed services=1 elements=26 took=82ms
            let words = line.split(separator: " ")
            guard line.contains(" programmed "), let ended = words.first.flatMap(timeOfDay),
                let took = words.last.flatMap(duration)
            else { return nil }
            return (ended - took, ended)
        }
        var lags: [Duration] = []
        var next = commits[...]
        for change in changes {
            // Lines tell whole milliseconds, cut.
            next = next.drop { $0.began + .milliseconds(1) < change }
            if let commit = next.first { lags.append(max(.zero, commit.ended - change)) }
        }
        return lags
    }

    private static func timeOfDay(_ text: Substring) -> Duration? {
        let parts = text.dropLast().split(separator: "T").last?.split(separator: ":") ?? []
        guard parts.count == 3, let hours = Int(parts[0]), let minutes = Int(parts[1]), let seconds = Double(parts[2])
        else { return nil }
        return .seconds(hours * 3600 + minutes * 60) + .milliseconds(Int((seconds * 1000).rounded()))
    }

    private static func duration(_ text: Substring) -> Duration? {
        let number = text.drop { $0 != "=" }.dropFirst()
        let digits = number.prefix { "0123456789.".contains($0) }
        guard let value = Double(digits) else { return nil }
        switch number.dropFirst(digits.count) {
        case "us": return .microseconds(value)
        case "ms": return .milliseconds(value)
        case "s": return .seconds(value)
        default: return nil
        }
    }
}
