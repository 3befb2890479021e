package import KubernetesAPI
internal import ServiceModel

/// Which Services come before all others, by name or by a label of the Service.
package struct PriorityServices: Sendable {
    private var names: Set<ObjectName> = []
    private var labels: [Label] = []

    /// None of them.
    package static let none = PriorityServices(words: [])

    /// Creates the choice that words make: `namespace/name` or `label=value` each; others mean nothing.
    package init(words: [String]) {
        for word in words {
            let separator: Character = word.contains("=") ? "=" : "/"
            let parts = word.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init
            )
            guard parts.count == 2 else { continue }
            if separator == "=" {
                labels.append(Label(key: parts[0], value: parts[1]))
            } else {
                names.insert(ObjectName(namespace: parts[0], name: parts[1]))
            }
        }
    }

    /// Whether a Service is one of them.
    package func contains(_ service: Service) -> Bool {
        let metadata = service.metadata
        return names.contains(ObjectName(namespace: metadata.namespace, name: metadata.name))
            || labels.contains { metadata.labels[$0.key] == $0.value }
    }
}
