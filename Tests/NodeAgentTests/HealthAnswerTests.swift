import NetworkAddress
import NodeAgent
import ServiceDiscovery
import ServiceModel
import StatusServer
import Telemetry
import Testing

struct `Answers of the health port` {
    private static let origin = ContinuousClock.now
    private let service = ObjectName(namespace: "d", name: "lb")

    /// The moment so many seconds after 2026-11-21T10:00:00Z.
    private func moment(_ seconds: Int64) -> AgentStatus.Moment {
        AgentStatus.Moment(
            monotonic: Self.origin + .seconds(seconds),
            wall: WallTime(seconds: 1_795_255_200 + seconds, nanoseconds: 120_000_000)
        )
    }

    private func synced(at seconds: Int64 = 0) -> AgentStatus {
        var status = AgentStatus(syncPeriod: .seconds(30))
        status.queued(at: moment(seconds))
        status.synced(at: moment(seconds), isRebuild: true)
        return status
    }

    @Test func `all is well, to the byte`() {
        let healthz = synced().healthz(at: moment(5))
        #expect(healthz.status == .ok)
        #expect(
            healthz.fields == [.init("Content-Type", "application/json"), .init("X-Content-Type-Options", "nosniff")]
        )
        #expect(
            healthz.body == #"{"lastUpdated":"2026-11-21T10:00:05.12Z","currentTime":"2026-11-21T10:00:05.12Z","#
                + #""nodeEligible":true,"healthy":true,"status":{"#
                + #""IPv4":{"lastUpdated":"2026-11-21T10:00:00.12Z","healthy":true},"#
                + #""IPv6":{"lastUpdated":"2026-11-21T10:00:00.12Z","healthy":true}}}"#
        )
        let livez = synced().livez(at: moment(5))
        #expect(livez.body == healthz.body.replacing(#""nodeEligible":true,"#))
        #expect(livez.fields == healthz.fields)
    }

    @Test func `nothing is said of a family that is not programmed`() {
        var status = AgentStatus(syncPeriod: .seconds(30), families: [.ipv4])
        status.queued(at: moment(0))
        status.synced(at: moment(0), isRebuild: true)
        let body = status.livez(at: moment(5)).body
        #expect(body.contains(#""status":{"IPv4":{"lastUpdated":"#))
        #expect(!body.contains("IPv6"))
        status.damaged()
        #expect(!status.livez(at: moment(5)).body.contains("IPv6"))
    }

    @Test func `an agent that has not synced yet is healthy, until a change has waited too long`() {
        var status = AgentStatus(syncPeriod: .seconds(30))
        #expect(
            status.livez(at: moment(0)).body
                == #"{"lastUpdated":"2026-11-21T10:00:00.12Z","currentTime":"2026-11-21T10:00:00.12Z","healthy":true}"#
        )
        status.queued(at: moment(0))
        #expect(status.livez(at: moment(59)).status == .ok)
        let late = status.livez(at: moment(60))
        #expect(late.status == .unavailable)
        #expect(
            late.body == #"{"lastUpdated":"0001-01-01T00:00:00Z","currentTime":"2026-11-21T10:01:00.12Z","#
                + #""healthy":false,"status":{"IPv4":{"lastUpdated":"0001-01-01T00:00:00Z","healthy":false},"#
                + #""IPv6":{"lastUpdated":"0001-01-01T00:00:00Z","healthy":false}}}"#
        )
    }

    @Test func `the oldest change that waits counts, and a sync ends the waiting`() {
        var status = synced()
        status.queued(at: moment(10))
        status.queued(at: moment(60))
        #expect(status.isHealthy(at: moment(69)))
        #expect(!status.isHealthy(at: moment(70)))
        #expect(status.healthz(at: moment(70)).body.hasPrefix(#"{"lastUpdated":"2026-11-21T10:00:00.12Z""#))
        status.synced(at: moment(71), isRebuild: false)
        #expect(status.isHealthy(at: moment(1000)))
    }

    @Test(arguments: [NodeEligibility.unknown, .beingDeleted, .toBeRemoved])
    func `a node that is going away fails healthz, and livez not`(eligibility: NodeEligibility) {
        var status = synced()
        status.node = eligibility
        let healthz = status.healthz(at: moment(5))
        #expect(healthz.status == .unavailable)
        // The body's "healthy" speaks of the agent alone, and lastUpdated is the real one.
        #expect(
            healthz.body.hasPrefix(
                #"{"lastUpdated":"2026-11-21T10:00:00.12Z","currentTime":"2026-11-21T10:00:05.12Z","#
                    + #""nodeEligible":false,"healthy":true,"#
            )
        )
        #expect(status.livez(at: moment(5)).status == .ok)
    }

    @Test func `foreign damage fails everything until the tables are written anew`() {
        var status = synced()
        status.localEndpoints[service] = [.ipv4: 1]
        status.damaged()
        #expect(status.healthz(at: moment(1)).status == .unavailable)
        #expect(status.livez(at: moment(1)).status == .unavailable)
        #expect(status.healthCheck(of: service, in: .ipv4, at: moment(1)).status == .unavailable)
        status.synced(at: moment(2), isRebuild: false)
        #expect(status.livez(at: moment(2)).status == .unavailable)
        status.synced(at: moment(3), isRebuild: true)
        #expect(status.livez(at: moment(3)).status == .ok)
    }

    @Test func `a health check has kube-proxy's bytes`() {
        var status = synced()
        status.localEndpoints[service] = [.ipv4: 1, .ipv6: 0]
        let answer = status.healthCheck(of: service, in: .ipv4, at: moment(1))
        #expect(answer.status == .ok)
        #expect(
            answer.body == "{\n\t\"service\": {\n\t\t\"namespace\": \"d\",\n\t\t\"name\": \"lb\"\n\t},\n"
                + "\t\"localEndpoints\": 1,\n\t\"serviceProxyHealthy\": true\n}"
        )
        #expect(answer.body.utf8.count == 107)
        #expect(
            answer.fields == [
                .init("Content-Type", "application/json"), .init("X-Content-Type-Options", "nosniff"),
                .init("X-Load-Balancing-Endpoint-Weight", "1"),
            ]
        )
    }

    @Test func `a health check without endpoints here, or of a Service that is gone, fails`() {
        var status = synced()
        status.localEndpoints[service] = [.ipv4: 2, .ipv6: 0]
        let empty = status.healthCheck(of: service, in: .ipv6, at: moment(1))
        #expect(empty.status == .unavailable)
        #expect(empty.fields.last == .init("X-Load-Balancing-Endpoint-Weight", "0"))
        #expect(empty.body.hasSuffix("\t\"localEndpoints\": 0,\n\t\"serviceProxyHealthy\": true\n}"))
        let gone = status.healthCheck(of: ObjectName(namespace: "d", name: "x"), in: .ipv4, at: moment(1))
        #expect(gone.status == .unavailable)
    }
}

extension String {
    /// The text without its first occurrence of a part.
    fileprivate func replacing(_ part: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound]) + String(self[range.upperBound...])
    }
}
