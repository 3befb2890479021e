/// One label with its value: a term of a selector.
struct Label: Hashable, Comparable, Sendable {
    let key: String
    let value: String

    static func < (left: Label, right: Label) -> Bool { (left.key, left.value) < (right.key, right.value) }
}

/// A label with its value, within a namespace: what the indexes of pods and selectors are kept by.
struct LabelTerm: Hashable, Sendable {
    let namespace: String
    let label: Label
}

extension [Label] {
    /// Whether labels meet every term; a selector without terms picks nothing, as Services have it.
    func match(_ labels: [String: String]) -> Bool {
        !isEmpty && allSatisfy { labels[$0.key] == $0.value }
    }
}
