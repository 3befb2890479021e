import LinuxSystem
import NetworkAddress
import NodeAgent
import Nftables
import NftablesTestKit
import ServiceRules
import StatusServer
import Telemetry
import Testing

struct `Probes during a rebuild` {
    /// Lets a thread wait at a point until another lets it go on.
    private final class Gate: Sendable {
        let arrival: Wakeup
        let permission: Wakeup

        init() throws {
            arrival = try Wakeup()
            permission = try Wakeup()
        }

        static func wait(for number: Int32) throws {
            var waits = [Readiness(of: number, reading: true)]
            guard try Readiness.wait(for: &waits, timeout: .seconds(30)) else { throw Errno.timedOut }
        }
    }

    /// A kernel that acknowledges a transaction only when it is let.
    private final class SlowRuleset: RulesetStore {
        private let store = InMemoryRuleset()
        private let gate: Gate

        init(gate: Gate) { self.gate = gate }

        func generation() throws(RulesetError) -> UInt32 { try store.generation() }

        func contents(of table: Table) throws(RulesetError) -> TableContents? { try store.contents(of: table) }

        func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
            try store.elements(of: set, in: table)
        }

        func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
            gate.arrival.ring()
            guard (try? Gate.wait(for: gate.permission.descriptor)) != nil else { throw .generationChanged }
            try store.apply(transaction, expecting: expected)
        }
    }

    @Test func `they are answered while the kernel has not yet acknowledged`() throws {
        let gate = try Gate()
        let address = try freePorts(1)[0]
        let agent = try Thread("agent") {
            let log = Logger(threshold: .error, format: .text, now: { WallTime(seconds: 0) }, write: { _ in })
            var options = AgentOptions(nodeName: "a")
            options.metricsAddress = address
            let publisher = AgentStatusPublisher(
                options: options,
                metrics: MetricRegistry(),
                log: log,
                journal: EventJournal(log: log)
            )
            try? publisher.start()
            publisher.queued([])
            let store = MeasuredRulesetStore(SlowRuleset(gate: gate), metrics: publisher.metrics)
            let committer = RulesetCommitter(store: store, configuration: DataPlaneConfiguration())
            if (try? committer.rebuild()) != nil {
                publisher.synced(isRebuild: true, took: .zero, services: 0, quarantined: [:])
            }
            gate.arrival.ring()
            try? Gate.wait(for: gate.permission.descriptor)
            publisher.stop()
        }
        try Gate.wait(for: gate.arrival.descriptor)
        gate.arrival.answer()
        let during = try ask(address, "/metrics")
        #expect(during.contains("\nfairlead_agent_syncs_total 0\n"))
        #expect(try ask(address, "/healthz").hasSuffix("ok"))
        // The permission stays given, so that the thread comes to its end.
        gate.permission.ring()
        try Gate.wait(for: gate.arrival.descriptor)
        agent.join()
        #expect(throws: Errno.self) { try ask(address, "/metrics") }
    }
}
