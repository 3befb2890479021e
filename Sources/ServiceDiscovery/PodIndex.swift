internal import ServiceModel

/// The pods that endpoints can come of, found by label.
struct PodIndex: Sendable {
    private var pods: [ObjectName: PodReading] = [:]
    private var namesByTerm: [LabelTerm: Set<String>] = [:]

    /// Puts a pod in the place of the one with its name, or takes that away; returns what was there.
    mutating func replace(_ name: ObjectName, with pod: PodReading?) -> PodReading? {
        let former = pods[name]
        if former?.labels != pod?.labels {
            for term in Self.terms(of: former, in: name.namespace) {
                namesByTerm[term]?.remove(name.name)
                if namesByTerm[term]?.isEmpty == true { namesByTerm[term] = nil }
            }
            for term in Self.terms(of: pod, in: name.namespace) {
                namesByTerm[term, default: []].insert(name.name)
            }
        }
        pods[name] = pod
        return former
    }

    /// The pods of a namespace that meet a selector, in no particular order.
    ///
    /// Looks only at the pods that have the selector's rarest label.
    func pods(in namespace: String, matching selector: [Label]) -> [PodReading] {
        var candidates: Set<String>?
        for label in selector {
            guard let names = namesByTerm[LabelTerm(namespace: namespace, label: label)] else { return [] }
            if names.count < candidates?.count ?? .max { candidates = names }
        }
        return (candidates ?? []).compactMap { name in
            guard let pod = pods[ObjectName(namespace: namespace, name: name)], selector.match(pod.labels)
            else { return nil }
            return pod
        }
    }

    private static func terms(of pod: PodReading?, in namespace: String) -> [LabelTerm] {
        (pod?.labels ?? [:]).map { LabelTerm(namespace: namespace, label: Label(key: $0.key, value: $0.value)) }
    }
}
