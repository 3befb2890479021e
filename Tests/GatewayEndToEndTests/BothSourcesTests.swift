import APIServerTestKit
import KubernetesAPI
import LabKit
import Manifests
import NetworkAddress
import Testing

/// One table of clusters, from a directory of manifests and from an API server.
@Suite(.needsLab)
struct `The same Ingresses from both sources` {
    struct Situation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let manifests: [String]
    }

    private static let web = [
        Manifest.ingressClass("nginx"), Manifest.service("web"), Manifest.endpoints("web", ["10.1.0.1", "10.1.0.2"]),
        Manifest.service("other"), Manifest.endpoints("other", ["10.1.0.3"]),
    ]

    static let situations = [
        Situation(testDescription: "nothing", manifests: []),
        Situation(
            testDescription: "hosts and paths",
            manifests: web + [
                Manifest.ingress("a", host: "a.example", [.prefix("/", to: "web"), .exact("/x", to: "other")]),
                Manifest.ingress("b", host: "*.b.example", [.pattern("/y", to: "other")]),
                Manifest.ingress("c", [.prefix("/", to: "web")]),
            ]
        ),
        Situation(
            testDescription: "annotations",
            manifests: web + [
                Manifest.ingress(
                    "a",
                    host: "a.example",
                    [.pattern("/s/(.*)", to: "web")],
                    annotations: ["use-regex": "true", "rewrite-target": "/$1", "affinity": "cookie"]
                ),
                Manifest.ingress(
                    "b",
                    host: "a.example",
                    [.pattern("/s/(.*)", to: "other")],
                    annotations: ["canary": "true", "canary-weight": "20"]
                ),
            ]
        ),
        Situation(
            testDescription: "conflicts",
            manifests: web + [
                Manifest.ingress("old", host: "a.example", [.prefix("/", to: "web")], created: "2025-01-01T00:00:00Z"),
                Manifest.ingress("new", host: "a.example", [.prefix("/", to: "other")]),
                Manifest.ingress("strange", host: "s.example", [.prefix("/", to: "web")], className: "another"),
            ]
        ),
        Situation(
            testDescription: "what is missing or wrong",
            manifests: web + [
                Manifest.ingress("a", host: "a.example", [.prefix("/", to: "nobody")]),
                Manifest.ingress("b", host: "b.example", [.prefix("/", to: "web")], secret: "nowhere"),
                Manifest.ingress(
                    "c",
                    host: "c.example",
                    [.prefix("/", to: "web")],
                    annotations: ["canary-weight": "x"]
                ),
                Manifest.ingress(
                    "d",
                    host: "d.example",
                    [.prefix("/", to: "web")],
                    annotations: ["proxy-read-timeout": "soon", "configuration-snippet": "deny all;"]
                ),
            ]
        ),
    ]

    @Test(arguments: situations)
    func `make the same routes`(situation: Situation) throws {
        let lab = try GatewayLab()
        let server = try StandInAPIServer()
        defer { server.stop() }
        try lab.put(situation.manifests)
        for text in situation.manifests {
            let object = try SingleDocument(of: Array(text.utf8), name: "manifest").value
            let path = try #require(Self.collections[object["kind"] ?? .null])
            server.apply(StoredObject(object), to: path)
        }
        let kubeconfig = try lab.lab.write(
            """
            apiVersion: v1
            kind: Config
            current-context: here
            contexts: [{name: here, context: {cluster: here}}]
            clusters: [{name: here, cluster: {server: "http://127.0.0.1:\(server.port.rawValue)"}}]
            """,
            to: "kubeconfig"
        )
        let program = try LabPrograms.path(of: "fairlead-gateway")
        let files = try lab.lab.run([program, "--manifests", lab.manifestDirectory, "--dry-run"])
        let served = try lab.lab.run([program, "--kubeconfig", kubeconfig, "--dry-run"])
        #expect(Self.withoutOrigins(files.output) == served.output, "\(files.error)\(served.error)")
        #expect(files.status == served.status)
        let names = situation.manifests.filter { $0.contains("kind: Ingress\n") && !$0.contains("another") }
        #expect(files.output.contains("Backends") && (names.isEmpty || files.output.contains("default/")))
    }

    /// What is printed, but for the places in files that stand before a problem's object.
    private static func withoutOrigins(_ text: String) -> String {
        text.replacing(#/m[0-9]+\.yaml document 1 \(line 1\): /#, with: "")
    }

    private static let collections: [ObjectValue: String] = [
        .string("Ingress"): APIWorld.Paths.ingresses, .string("IngressClass"): APIWorld.Paths.classes,
        .string("Service"): APIWorld.Paths.services, .string("EndpointSlice"): APIWorld.Paths.slices,
        .string("Secret"): APIWorld.Paths.secrets,
    ]
}
