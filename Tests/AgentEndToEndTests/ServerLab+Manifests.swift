import APIServerTestKit
import KubernetesAPI
import Manifests

extension ServerLab {
    /// Creates or replaces the objects of a manifest, each in its collection.
    func put(yaml: String) throws {
        for text in yaml.components(at: "---\n") {
            let object = try SingleDocument(of: Array(text.utf8), name: "manifest").value
            server.apply(StoredObject(object), to: Self.collections[object["kind"] ?? .null] ?? "")
        }
    }

    private static let collections: [ObjectValue: String] = [
        .string("Service"): Collections.services, .string("EndpointSlice"): Collections.slices,
        .string("Node"): Collections.nodes, .string("ServiceCIDR"): Collections.serviceCIDRs,
    ]
}

extension StoredObject {
    /// Takes an object of a manifest as a server would.
    fileprivate init(_ object: ObjectValue) {
        func text(_ name: String) -> String? {
            if case .string(let text)? = object["metadata"]?[name] { text } else { nil }
        }
        var labels: [String: String] = [:]
        if case .object(let members)? = object["metadata"]?["labels"] {
            for member in members { if case .string(let text) = member.value { labels[member.name] = text } }
        }
        // The first member of this name is that of the object; every object of these manifests has one.
        let parts = object.jsonText.split(separator: #""metadata":{"#, maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            namespace: text("namespace") ?? "default",
            name: text("name") ?? "",
            labels: labels,
            text: parts.joined(separator: #""metadata":{"resourceVersion":"@version@","#)
        )
    }
}

extension String {
    /// The parts between separators.
    fileprivate func components(at separator: String) -> [String] {
        split(separator: separator).map(String.init)
    }
}
