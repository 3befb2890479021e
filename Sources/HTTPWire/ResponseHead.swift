/// The head of a response, by the places of its parts in the bytes that were parsed.
package struct ResponseHead: BitwiseCopyable, Sendable {
    /// The number of bytes up to and with the empty line; the content begins there.
    package internal(set) var length = 0
    /// The three digits.
    package internal(set) var status: UInt16 = 0
    /// The reason phrase as it was sent; often empty.
    package internal(set) var reason = Piece.none
    /// The digit behind `HTTP/1.`, at most 1.
    package internal(set) var minorVersion: UInt8 = 1
    /// How the content is delimited, the request's method considered.
    package internal(set) var framing = BodyFraming.none
    /// Whether the backend lets the connection live on, and nothing in the head makes its end doubtful.
    package internal(set) var isPersistent = false
    /// Whether this is no final answer: 1xx other than 101.
    package internal(set) var isInterim = false
    /// Whether the connection speaks another protocol from here on (101).
    package internal(set) var isSwitchingProtocols = false
    /// Whether there is a Date field.
    package internal(set) var hasDate = false
    /// The protocol that the backend changes to.
    package internal(set) var upgrade = Piece.none

    package init() {}
}
