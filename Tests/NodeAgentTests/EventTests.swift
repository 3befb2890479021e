import KubernetesAPI
import LinuxSystem
import NetworkAddress
import NodeAgent
import ServiceDiscovery
import ServiceModel
import ServiceRules
import StatusServer
import Synchronization
import Telemetry
import Testing

/// What happens to objects is told once, in the log and to whoever publishes events.
@Suite(.serialized)
struct EventTests {
    private let service = ObjectName(namespace: "d", name: "lb")
    private let lines = Lines()

    /// Log lines and events on their way to an expectation.
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
        let events = Mutex<[ClusterEvent]>([])
    }

    private var log: Logger {
        let lines = lines
        return Logger(threshold: .info, format: .text, now: { WallTime(seconds: 0) }) { line in
            lines.all.withLock { $0.append(line) }
        }
    }

    private var journal: EventJournal {
        let lines = lines
        return EventJournal(log: log) { event in lines.events.withLock { $0.append(event) } }
    }

    private func refusal(_ reason: String) -> ClusterEvent {
        ClusterEvent(service, .warning, .programmingFailed, "refused: \(reason)")
    }

    @Test func `the same is told once until it is over, and something else at once`() {
        let journal = journal
        for reason in ["a", "a", "b", "b"] { journal.tell(refusal(reason)) }
        #expect(lines.events.withLock(\.self).map(\.message) == ["refused: a", "refused: b"])
        journal.tell(ClusterEvent(service, .warning, .healthCheckFailed, "refused: b"))
        journal.solved(.programmingFailed, of: service, "taken again")
        journal.tell(refusal("b"))
        #expect(
            lines.events.withLock(\.self).map(\.reason).map(\.rawValue) == [
                "FailedToProgramService", "FailedToProgramService", "FailedToStartServiceHealthcheck",
                "FailedToProgramService",
            ]
        )
        let texts = lines.all.withLock(\.self)
        #expect(texts.count == 5)
        #expect(texts.filter { $0.contains("ERROR") }.count == 4)
        #expect(texts.contains { $0.contains("solved: taken again") })
    }

    @Test func `more causes than can be remembered are told all the same`() {
        var ledger = EventLedger()
        func event(_ number: Int) -> ClusterEvent {
            ClusterEvent(ObjectName(namespace: "d", name: "\(number)"), .warning, .programmingFailed, "x")
        }
        let most = EventLedger.causesMax
        let numbers = Array(0..<most) + [most, most, 0]
        let news = numbers.map { ledger.note(event($0)) }
        #expect(!news.dropLast().contains(false))
        #expect(news.last == false, "the first one is remembered")
    }

    @Test func `a health check port that is taken is an event of its Service, once for each time`() throws {
        let holder = try StatusServer()
        let loopback = IPAddress(127, 0, 0, 1)
        let held = try holder.open(on: loopback, port: nil) { _ in .plain(.ok, "held") }
        let publisher = AgentStatusPublisher(
            options: AgentOptions(nodeName: "a"),
            metrics: MetricRegistry(),
            log: log,
            journal: journal
        )
        try publisher.start()
        defer { publisher.stop() }
        let check = HealthCheck(service: service, port: held.address.port, localReadyEndpoints: [.ipv4: 1])
        publisher.healthChecks([check], on: [.ipv4: .only([loopback])])
        let due = try #require(publisher.nextDeadline)
        publisher.retry(now: due)
        let events = lines.events.withLock(\.self)
        #expect(events.count == 1)
        #expect(events.first?.reason == .healthCheckFailed)
        #expect(events.first?.object == ObjectReference(kind: .service, namespace: "d", name: "lb"))
        #expect(events.first?.message.contains("Address already in use") == true)
        holder.stop()
        publisher.retry(now: try #require(publisher.nextDeadline))
        #expect(try ask(held.address, "/").hasPrefix("HTTP/1.1 200 "))
        #expect(lines.all.withLock(\.self).contains { $0.contains("solved: the health check of Service d/lb listens") })
    }
}
