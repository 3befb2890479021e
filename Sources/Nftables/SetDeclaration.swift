/// A named set or map of a table: what its elements are made of.
package struct SetDeclaration: Hashable, Sendable {
    /// What an element holds besides its key.
    package enum Content: Hashable, Sendable {
        /// Nothing: a set.
        case members
        /// A concatenation of fields: a map.
        case fields([DataType])
        /// A verdict: a verdict map.
        case verdicts
    }

    /// The name, unique among the table's sets.
    package let name: String

    /// The fields of a key.
    package let key: [DataType]

    /// What an element holds besides its key.
    package let content: Content

    /// Declares a set or a map of unlimited size.
    ///
    /// A size would make the kernel take a hash table of fixed size for it, which refuses a whole batch when it is full.
    package init(_ name: String, key: [DataType], content: Content = .members) {
        self.name = name
        self.key = key
        self.content = content
    }
}
