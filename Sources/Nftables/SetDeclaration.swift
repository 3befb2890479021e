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

    /// How elements come and what their keys stand for.
    package enum Form: Hashable, Sendable {
        /// Elements are added by transactions; a key stands for itself.
        case plain
        /// Elements are added by transactions; a key stands for all up to the element's last one (`upTo`).
        ///
        /// Requires Linux 5.6 for concatenated keys; older kernels refuse the set.
        case ranges
        /// Elements are added by rules as well, and end with their time. A full map takes no more, and says nothing.
        case dynamic(elementsMax: UInt32)
    }

    /// The name, unique among the table's sets.
    package let name: String

    /// The fields of a key.
    package let key: [DataType]

    /// What an element holds besides its key.
    package let content: Content

    /// How elements come and what their keys stand for.
    package let form: Form

    /// The fields of what an element holds besides its key; none in a set and in a verdict map.
    package var data: [DataType] {
        if case .fields(let types) = content { types } else { [] }
    }

    /// Whether nft is to know the types by expressions: their names alone do not tell it how wide a number is.
    package var isTypedByExpressions: Bool { (key + data).contains(.number) }

    /// Declares a set or a map of unlimited size.
    ///
    /// A size would make the kernel take a hash table of fixed size for it, which refuses a whole batch when it is full.
    package init(_ name: String, key: [DataType], content: Content = .members, form: Form = .plain) {
        self.name = name
        self.key = key
        self.content = content
        self.form = form
    }
}
