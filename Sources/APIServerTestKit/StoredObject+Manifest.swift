package import KubernetesAPI

extension StoredObject {
    /// Takes an object of a manifest as a server would: with a version, and with its `type` as a field to select by.
    package init(_ object: ObjectValue) {
        func text(_ name: String) -> String? {
            if case .string(let text)? = object["metadata"]?[name] { text } else { nil }
        }
        var labels: [String: String] = [:]
        if case .object(let members)? = object["metadata"]?["labels"] {
            for member in members { if case .string(let text) = member.value { labels[member.name] = text } }
        }
        let type: String? = if case .string(let text)? = object["type"] { text } else { nil }
        // The first member of this name is that of the object; every object of these manifests has one.
        let parts = object.jsonText.split(separator: #""metadata":{"#, maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            namespace: text("namespace") ?? "default",
            name: text("name") ?? "",
            labels: labels,
            fields: type.map { ["type": $0] } ?? [:],
            text: parts.joined(separator: #""metadata":{"resourceVersion":"@version@","#)
        )
    }
}
