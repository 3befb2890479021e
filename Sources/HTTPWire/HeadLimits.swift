package import HTTPSemantics

/// How large the parts of a message may be before it is refused.
package struct HeadLimits: Sendable, BitwiseCopyable {
    /// The most bytes of a request line with its CRLF; beyond, 414.
    package var requestLineBytesMax = 16 * 1024
    /// The most bytes of a request's head; beyond, `oversizeStatus`.
    package var requestHeadBytesMax = 32 * 1024
    /// The most bytes of a response's head; beyond, the backend is at fault.
    package var responseHeadBytesMax = 64 * 1024
    /// The most bytes of a trailer section.
    package var trailerBytesMax = 8 * 1024
    /// The most field lines in a head or in trailers, at most 255.
    package var fieldsMax = 200
    /// What a client is told whose head is too large: 400 as nginx does, or 431 as RFC 6585 has it.
    package var oversizeStatus = HTTPStatus.badRequest

    package init() {}

    /// What a client is told whose request has a fault.
    package func status(for fault: HeadFault) -> HTTPStatus {
        switch fault {
        case .headTooLarge, .tooManyFields: oversizeStatus
        default: fault.status
        }
    }
}

/// What parsing a head came to.
package enum HeadOutcome: Hashable, Sendable, BitwiseCopyable {
    /// The head is there and in order.
    case complete
    /// More bytes are needed.
    case incomplete
    /// The head breaks a rule; the connection cannot go on.
    case refused(HeadFault)
}

/// How the end of a message's content is found (RFC 9112 §6.3).
package enum BodyFraming: Hashable, Sendable, BitwiseCopyable {
    /// There is none.
    case none
    /// So many bytes follow.
    case length(Int64)
    /// Chunks follow, then trailers.
    case chunked
    /// All bytes until the connection closes; responses only.
    case untilClose
}
