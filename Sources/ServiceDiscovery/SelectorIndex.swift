internal import ServiceModel

/// The Services that select pods, found from a pod's labels.
///
/// A Service is kept under one term of its selector, its anchor: a pod that it selects has that label, so that a
/// pod's labels lead to all Services that may select it. The term with the fewest Services is taken, which
/// keeps labels that everything shares (`app.kubernetes.io/part-of`) from gathering a whole namespace.
struct SelectorIndex: Sendable {
    private var namesByAnchor: [LabelTerm: Set<String>] = [:]

    /// Adds a Service; returns the anchor that removes it again, or nil when it selects nothing.
    mutating func insert(_ service: ObjectName, selector: [Label]) -> LabelTerm? {
        let terms = selector.map { LabelTerm(namespace: service.namespace, label: $0) }
        let anchor = terms.min { count(at: $0) < count(at: $1) }
        if let anchor { namesByAnchor[anchor, default: []].insert(service.name) }
        return anchor
    }

    /// Takes a Service away.
    mutating func remove(_ service: ObjectName, anchor: LabelTerm) {
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
