import LabKit
import NetworkAddress
import Testing

/// One table of clusters, from a directory of manifests and from an API server.
@Suite(.needsLab)
struct `The same objects from both sources` {
    /// Services, and what each of their pods says of itself.
    struct Situation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable ([ServiceLab.Pod]) -> [ServiceManifest]
    }

    private static func service(_ spec: [String], nodePort: Int? = nil, to pods: [ServiceLab.Pod]) -> ServiceManifest {
        var web = ServiceManifest(nodePort: nodePort, to: pods)
        web.spec = spec
        return web
    }

    static let situations = [
        Situation(testDescription: "no endpoints") { _ in [ServiceManifest(to: [])] },
        Situation(testDescription: "no slices") { _ in [ServiceManifest(to: nil)] },
        Situation(testDescription: "many Services") { pods in
            (1...50).map { ServiceManifest("web-\($0)", number: $0, to: Array(pods.prefix($0 % 3))) }
        },
        Situation(testDescription: "every front end") { pods in
            [service(ServiceManifest.everyFrontEnd, nodePort: ServiceManifest.labNodePort, to: pods)]
        },
        Situation(testDescription: "local policies") { pods in
            let policies = ["externalTrafficPolicy: Local", "internalTrafficPolicy: Local"]
            var web = service(
                ServiceManifest.everyFrontEnd + policies,
                nodePort: ServiceManifest.labNodePort,
                to: pods
            )
            web.endpoints?[0].nodeName = "node-2"
            return [web]
        },
        Situation(testDescription: "session affinity") { pods in
            [service(["sessionAffinity: ClientIP"], to: pods)]
        },
        Situation(testDescription: "conditions") { pods in
            var web = ServiceManifest(to: pods)
            web.endpoints?[0].conditions = "ready: false, serving: true, terminating: true"
            return [web]
        },
    ]

    @Test(arguments: situations)
    func `make the same tables`(situation: Situation) throws {
        let lab = try ServerLab(pods: 2)
        let services = situation.make(lab.base.cluster.pods)
        for service in services {
            try lab.put(yaml: service.yaml)
            try lab.base.put(service.yaml, in: "\(service.name).yaml")
        }
        let other = try lab.base.lab.makeNamespace("other")
        let expected = try lab.base.runAgent(["--once"], in: other)
        #expect(expected.isSuccess && expected.error.contains("ready services=\(services.count)"), "\(expected.error)")
        let result = try lab.runAgent(["--once"])
        #expect(result.isSuccess && result.error.contains("ready services=\(services.count)"), "\(result.error)")
        #expect(try lab.base.listings() == lab.base.listings(in: other))
    }
}
