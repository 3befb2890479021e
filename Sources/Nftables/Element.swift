/// An element of a set or a map.
package struct Element: Hashable, Sendable {
    /// What an element holds besides its key.
    package enum Value: Hashable, Sendable {
        /// Nothing: it is in a set.
        case none
        /// Fields: it is in a map.
        case fields(PackedFields)
        /// It is in a set of ranges: the key is the first of its range, and these fields the last.
        case upTo(PackedFields)
        /// A verdict: it is in a verdict map.
        case verdict(Verdict)
    }

    /// The most bytes of a comment; nft refuses to print longer ones (`NFTNL_UDATA_COMMENT_MAXLEN`, with its NUL).
    package static let commentBytesMax = 127

    /// The key, unique in the set.
    package let key: PackedFields

    /// What the key leads to.
    package let value: Value

    /// Words for whoever lists the ruleset.
    package let comment: String?

    /// Creates an element.
    ///
    /// A store refuses a comment that is longer than `commentBytesMax`: the kernel would take it, but nft could not
    /// print it.
    package init(_ key: PackedFields, _ value: Value = .none, comment: String? = nil) {
        self.key = key
        self.value = value
        self.comment = comment
    }
}
