package import HTTPSemantics

/// The head of a request, by the places of its parts in the bytes that were parsed.
package struct RequestHead: BitwiseCopyable, Sendable {
    /// The number of bytes up to and with the empty line; the content begins there.
    package internal(set) var length = 0
    /// What is asked for.
    package internal(set) var method = HTTPMethod.other
    /// The method as it was sent.
    package internal(set) var methodPiece = Piece.none
    /// The request target as it was sent.
    package internal(set) var target = Piece.none
    /// What kind of target it is.
    package internal(set) var form = TargetForm.origin
    /// The path as it was sent; empty in the absolute form means `/`, and the asterisk form has none.
    package internal(set) var path = Piece.none
    /// What follows the first question mark.
    package internal(set) var query = Piece.none
    /// Whether there is a question mark.
    package internal(set) var hasQuery = false
    /// The host without port and final dot, from the target when it names one, else from the Host field.
    package internal(set) var host = Piece.none
    /// What is to be forwarded as Host: the host with its port, as it was sent.
    package internal(set) var authority = Piece.none
    /// The port that goes with the host, or 0 when none was sent.
    package internal(set) var port: UInt16 = 0
    /// Whether there is a host; HTTP/1.0 needs none.
    package internal(set) var hasHost = false
    /// The digit behind `HTTP/1.`, at most 1.
    package internal(set) var minorVersion: UInt8 = 1
    /// How the content is delimited; never `.untilClose`.
    package internal(set) var framing = BodyFraming.none
    /// Whether the client lets the connection live on after the exchange.
    package internal(set) var isPersistent = false
    /// Whether the client waits for 100 (Continue) before it sends the content.
    package internal(set) var expectsContinue = false
    /// Whether the client asks for another protocol on this connection.
    package internal(set) var asksUpgrade = false
    /// The protocols that the client asks for.
    package internal(set) var upgrade = Piece.none
    /// Whether the client understands trailers (`TE: trailers`).
    package internal(set) var acceptsTrailers = false

    package init() {}
}

/// The kind of a request target (RFC 9112 §3.2).
package enum TargetForm: UInt8, Sendable, BitwiseCopyable {
    /// A path and perhaps a query.
    case origin
    /// A whole `http` or `https` URI.
    case absolute
    /// `*`, with OPTIONS.
    case asterisk
}
