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

extension String {
    /// The parts between separators.
    fileprivate func components(at separator: String) -> [String] {
        split(separator: separator).map(String.init)
    }
}
