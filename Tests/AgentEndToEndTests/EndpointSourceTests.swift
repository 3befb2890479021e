import LabKit
import NetworkAddress
import Testing

/// The objects that tell which pods a Service leads to.
@Suite(.needsLab)
struct `Endpoints of a Service` {
    /// A way to write down that a Service leads to one pod of the lab.
    struct Source: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spec: [String]
        let manifest: @Sendable (_ pod: ServiceLab.Pod) -> String
    }

    static let sources = [
        Source(testDescription: "Pod that the selector picks", spec: ["selector: {app: web}"]) { pod in
            podManifest(pod, conditions: "{type: Ready, status: \"True\"}")
        },
        Source(testDescription: "EndpointSlice", spec: []) { pod in
            ServiceManifest(to: [pod]).slices.joined(separator: "---\n")
        },
        Source(testDescription: "Endpoints", spec: []) { pod in
            """
            apiVersion: v1
            kind: Endpoints
            metadata: {name: web}
            subsets:
            - addresses: [{ip: \(pod.ipv4)}, {ip: "\(pod.ipv6)"}]
              ports:
              - {name: tcp, port: 9000, protocol: TCP}
              - {name: udp, port: 9000, protocol: UDP}

            """
        },
    ]

    /// A Pod object for a pod of the lab.
    static func podManifest(_ pod: ServiceLab.Pod, conditions: String, metadata: String = "") -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(pod.name), labels: {app: web}\(metadata)}
        spec: {nodeName: \(AgentLab.nodeName)}
        status:
          phase: Running
          podIPs: [{ip: \(pod.ipv4)}, {ip: "\(pod.ipv6)"}]
          conditions: [\(conditions)]

        """
    }

    @Test(arguments: sources, AddressFamily.allCases)
    func `come from any of these objects, in one file or in two`(source: Source, family: AddressFamily) throws {
        let lab = try AgentLab(pods: 2)
        var web = ServiceManifest(to: nil)
        web.spec = source.spec
        try lab.put(web.service + "---\n" + source.manifest(lab.pod(1)))
        try lab.startAgent()
        for transport in probedProtocols {
            let summary = try lab.probe(transport, web.clusterIP(family), from: lab.client, count: 5)
            #expect(summary.pods == ["web-1": 5], "\(transport): \(summary)")
        }
        try lab.awaitProgrammed { try lab.put(web.service) }
        try lab.awaitProgrammed { try lab.put(source.manifest(lab.pod(2)), in: "pod.yaml") }
        let summary = try lab.probe(.tcp, web.clusterIP(family), from: lab.client, count: 5)
        #expect(summary.pods == ["web-2": 5], "\(summary)")
    }
}
