internal import ServiceModel

/// The Services that select pods, found from a pod's labels.
///
/// A Service is kept under one term of its selector, its anchor: a pod that it selects has that label, so that a
/// pod's labels lead to all Services that may select it. The term with the fewest Services is taken, which
/// keeps labels that everything shares (`app.kubernetes.io/part-of`) from gathering a whole namespace.
struct SelectorIndex: Sendable {
    private var namesByAnchor: [LabelTerm: Set<String>] = [:]

    /// Adds a Service; returns which label of its selector became the anchor, or nil when it selects nothing.
    mutating func insert(_ service: ObjectName, selector: [Label]) -> Int32? {
        let terms = selector.map { LabelTerm(namespace: service.namespace, label: $0) }
        guard let anchor = terms.indices.min(by: { count(at: terms[$0]) < count(at: terms[$1]) }) else { return nil }
        namesByAnchor[terms[anchor], default: []].insert(service.name)
        return Int32(anchor)
    }

    /// Takes a Service away whose anchor is this label.
    mutating func remove(_ service: ObjectName, anchor label: Label) {
        let anchor = LabelTerm(namespace: service.namespace, label: label)
        namesByAnchor[anchor]?.remove(service.name)
        if namesByAnchor[anchor]?.isEmpty == true { namesByAnchor[anchor] = nil }
    }

    /// The Services that may select a pod with these labels; the rest of each selector is for the caller to check.
    func candidates(in namespace: String, for labels: [String: String]) -> [ObjectName] {
        guard !namesByAnchor.isEmpty else { return [] }
        return labels.flatMap { key, value in
            namesByAnchor[LabelTerm(namespace: namespace, label: Label(key: key, value: value)), default: []]
                .map { ObjectName(namespace: namespace, name: $0) }
        }
    }

    private func count(at term: LabelTerm) -> Int { namesByAnchor[term]?.count ?? 0 }
}
