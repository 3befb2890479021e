package import HTTPSemantics

/// One field line of a head, by the places of its parts.
package struct FieldLine: BitwiseCopyable, Hashable, Sendable {
    /// The name as it was sent.
    package internal(set) var name: Piece
    /// The value without white space around it.
    package internal(set) var value: Piece
    /// What the name means to a proxy.
    package internal(set) var known: KnownField
    var flags: Flags

    struct Flags: OptionSet, Hashable, Sendable, BitwiseCopyable {
        let rawValue: UInt8

        static let hopByHop = Flags(rawValue: 1)
        static let dropped = Flags(rawValue: 2)
        static let canonical = Flags(rawValue: 4)
    }

    /// Whether the field is about this connection only: by its name, or since a Connection field names it.
    package var isHopByHop: Bool { flags.contains(.hopByHop) }

    /// Whether the field is not to be forwarded for what it is.
    ///
    /// In a request that is a name with an underscore or another character than letters, digits and hyphens, which
    /// programs could mistake for another name; a repeated Content-Length; and among trailers a forbidden field.
    package var isDropped: Bool { flags.contains(.dropped) }

    /// Whether the line reads name, colon, one space, value, CRLF, so that a copy of it is what a writer would write.
    var isCanonical: Bool { flags.contains(.canonical) }

    /// No line at all.
    static let none = FieldLine(name: .none, value: .none, known: .other, flags: [])
}
