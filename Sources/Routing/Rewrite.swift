package import PatternMatching

/// The path that a backend sees in place of the client's (`rewrite-target`).
///
/// Where the pattern is found in the decoded path, the whole of it becomes the target; elsewhere it stays.
package struct Rewrite: Sendable {
    /// A piece of a target.
    package enum Part: Hashable, Sendable {
        /// These bytes, as they are sent.
        case literal([UInt8])
        /// What the group of this number caught; nothing if it caught nothing.
        case group(Int)
    }

    /// What is searched for in the decoded path.
    package let pattern: Pattern
    /// What the path becomes.
    package let target: [Part]
    /// What the query becomes, before the client's own; nil if the target has no `?`.
    package let query: [Part]?
    /// Whether the client's query is sent too.
    package let keepsQuery: Bool

    /// Creates a rewrite.
    package init(pattern: Pattern, target: [Part], query: [Part]? = nil, keepsQuery: Bool = true) {
        self.pattern = pattern
        self.target = target
        self.query = query
        self.keepsQuery = keepsQuery
    }
}
