import LabKit
import NetworkAddress
import Testing

/// Which endpoints take new connections, by their conditions.
@Suite(.needsLab)
struct Readiness {
    /// The conditions of the endpoints on pods web-1, web-2, …, and the pods that answer then.
    struct Situation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let conditions: [String?]
        let answering: Set<String>

        init(_ testDescription: String, _ conditions: [String?], _ answering: Set<String>) {
            self.testDescription = testDescription
            self.conditions = conditions
            self.answering = answering
        }
    }

    private static let ready = "ready: true, serving: true, terminating: false"
    private static let notReady = "ready: false, serving: false, terminating: false"
    private static let servingWhileTerminating = "ready: false, serving: true, terminating: true"
    private static let terminated = "ready: false, serving: false, terminating: true"

    static let situations = [
        Situation("ready and not ready", [ready, notReady], ["web-1"]),
        Situation("nothing said", [nil, notReady], ["web-1"]),
        Situation("ready and serving while terminating", [servingWhileTerminating, ready], ["web-2"]),
        Situation("serving while terminating alone", [servingWhileTerminating, notReady], ["web-1"]),
        Situation(
            "two serving while terminating, one terminated",
            [servingWhileTerminating, servingWhileTerminating, terminated],
            ["web-1", "web-2"]
        ),
        Situation("none usable", [notReady, terminated], []),
    ]

    @Test(arguments: situations, AddressFamily.allCases)
    func `of EndpointSlices decides which pods answer`(situation: Situation, family: AddressFamily) throws {
        let lab = try AgentLab(pods: situation.conditions.count)
        var web = ServiceManifest()
        web.endpoints = zip(lab.cluster.pods, situation.conditions).map { .init($0, conditions: $1) }
        try lab.put(web.yaml)
        try lab.startAgent()
        for transport in probedProtocols {
            let summary = try lab.probe(transport, web.clusterIP(family), from: lab.client, count: 40)
            #expect(Set(summary.pods.keys) == situation.answering, "\(transport): \(summary)")
            #expect(summary.ok == (situation.answering.isEmpty ? 0 : 40), "\(transport): \(summary)")
            #expect(summary.refused == (situation.answering.isEmpty ? 40 : 0), "\(transport): \(summary)")
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `of Endpoints decides which pods answer`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 2)
        let web = ServiceManifest(to: nil)
        func addresses(_ number: Int) -> String { "{ip: \(lab.pod(number).ipv4)}, {ip: \"\(lab.pod(number).ipv6)\"}" }
        func manifest(ready: Int?, notReady: Int) -> String {
            """
            apiVersion: v1
            kind: Endpoints
            metadata: {name: web}
            subsets:
            - addresses: [\(ready.map(addresses) ?? "")]
              notReadyAddresses: [\(addresses(notReady))]
              ports: [{name: tcp, port: 9000}]

            """
        }
        try lab.put(web.service)
        try lab.put(manifest(ready: 1, notReady: 2), in: "endpoints.yaml")
        try lab.startAgent()
        #expect(try lab.probe(.tcp, web.clusterIP(family), from: lab.client, count: 20).pods == ["web-1": 20])
        try lab.awaitProgrammed { try lab.put(manifest(ready: 2, notReady: 1), in: "endpoints.yaml") }
        #expect(try lab.probe(.tcp, web.clusterIP(family), from: lab.client, count: 20).pods == ["web-2": 20])
        try lab.awaitProgrammed { try lab.put(manifest(ready: nil, notReady: 1), in: "endpoints.yaml") }
        #expect(try lab.probe(.tcp, web.clusterIP(family), from: lab.client).refused == 1)
    }

    @Test(arguments: AddressFamily.allCases)
    func `of Pods decides which answer`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 2)
        var web = ServiceManifest(to: nil)
        web.spec = ["selector: {app: web}"]
        func put(_ number: Int, isReady: Bool, isDeleted: Bool = false) throws {
            let pod = `Endpoints of a Service`.podManifest(
                lab.pod(number),
                conditions: "{type: Ready, status: \"\(isReady ? "True" : "False")\"}",
                metadata: isDeleted ? ", deletionTimestamp: \"2026-01-01T00:00:00Z\"" : ""
            )
            try lab.put(pod, in: "web-\(number).yaml")
        }
        func answering() throws -> Set<String> {
            Set(try lab.probe(.tcp, web.clusterIP(family), from: lab.client, count: 40).pods.keys)
        }
        try lab.put(web.service)
        try put(1, isReady: true)
        try put(2, isReady: false)
        try lab.startAgent()
        #expect(try answering() == ["web-1"])
        try lab.awaitProgrammed { try put(2, isReady: true) }
        #expect(try answering() == ["web-1", "web-2"])
        try lab.awaitProgrammed { try put(1, isReady: true, isDeleted: true) }
        #expect(try answering() == ["web-2"])
        try lab.awaitProgrammed { try put(2, isReady: false) }
        #expect(try answering() == ["web-1"])
        try lab.awaitProgrammed { try put(1, isReady: false, isDeleted: true) }
        #expect(try lab.probe(.tcp, web.clusterIP(family), from: lab.client).refused == 1)
    }
}
