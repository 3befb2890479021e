package import HTTPSemantics

/// The rule that a message breaks.
package enum HeadFault: UInt8, Error, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// Too many empty lines before the request.
    case emptyLinesFirst
    /// The first byte can begin no message.
    case notHTTP
    /// The request line is longer than the limit.
    case requestLineTooLong
    /// The head is larger than the limit.
    case headTooLarge
    /// There are more fields than the limit.
    case tooManyFields
    /// A CR without its LF.
    case bareCarriageReturn
    /// A LF without its CR.
    case bareLineFeed
    /// The method is no token.
    case illegalMethod
    /// CONNECT is not served.
    case connectNotAllowed
    /// TRACE is not served.
    case traceNotAllowed
    /// A request line without a version.
    case simpleRequest
    /// The request target is in none of the forms.
    case illegalTarget
    /// The request target holds a control character or a byte beyond ASCII.
    case illegalTargetByte
    /// The request target holds a space.
    case spaceInTarget
    /// The request target holds a fragment.
    case fragmentInTarget
    /// The HTTP version is malformed.
    case illegalVersion
    /// The HTTP version is not 1.x.
    case unsupportedVersion
    /// The status line is malformed.
    case illegalStatusLine
    /// A field line is folded.
    case foldedLine
    /// A field line has no colon.
    case missingColon
    /// A space between a field name and its colon.
    case spaceBeforeColon
    /// A field line without a name.
    case emptyFieldName
    /// A field name holds an illegal character.
    case illegalFieldName
    /// A field value holds a control character.
    case illegalFieldValue
    /// No Host field.
    case missingHost
    /// Two Host fields.
    case severalHosts
    /// The host is malformed.
    case illegalHost
    /// The port of the host is malformed.
    case illegalPort
    /// The Host field differs from the authority of the target.
    case hostMismatch
    /// A Content-Length that is no number.
    case illegalContentLength
    /// A Content-Length beyond all limits.
    case contentLengthOverflow
    /// Content-Length values that differ.
    case severalContentLengths
    /// Content-Length and Transfer-Encoding at once.
    case lengthAndCoding
    /// Transfer-Encoding in HTTP/1.0.
    case codingInOldVersion
    /// A Transfer-Encoding that does not end in one chunked.
    case illegalCoding
    /// An unknown transfer coding.
    case unknownCoding
    /// Too many connection options.
    case tooManyConnectionOptions
    /// A connection option that is no token.
    case illegalConnectionOption
    /// A chunk size that is no hexadecimal number.
    case illegalChunkSize
    /// A chunk size beyond all limits.
    case chunkSizeOverflow
    /// A chunk extension holds a control character.
    case illegalChunkExtension
    /// The chunk extensions are longer than the limit.
    case chunkExtensionsTooLong
    /// A chunk does not end in CRLF.
    case illegalChunkEnd
    /// The trailers are larger than the limit.
    case trailersTooLarge

    /// What a client is told whose request has the fault; a backend's fault is 502 whatever it is.
    package var status: HTTPStatus {
        switch self {
        case .connectNotAllowed, .traceNotAllowed: .methodNotAllowed
        case .requestLineTooLong: .uriTooLong
        case .unknownCoding: .notImplemented
        case .illegalStatusLine: .badGateway
        case .unsupportedVersion: .httpVersionNotSupported
        default: .badRequest
        }
    }
}

extension HeadFault: CustomStringConvertible {
    package var description: String { sentence.description }

    /// The fault in words, for the log.
    package var sentence: StaticString {
        switch self {
        case .emptyLinesFirst: "too many empty lines before the request"
        case .notHTTP: "the first byte can begin no message"
        case .requestLineTooLong: "the request line is longer than the limit"
        case .headTooLarge: "the head is larger than the limit"
        case .tooManyFields: "there are more fields than the limit"
        case .bareCarriageReturn: "a CR without its LF"
        case .bareLineFeed: "a LF without its CR"
        case .illegalMethod: "the method is no token"
        case .connectNotAllowed: "CONNECT is not served"
        case .traceNotAllowed: "TRACE is not served"
        case .simpleRequest: "a request line without a version"
        case .illegalTarget: "the request target is in none of the forms"
        case .illegalTargetByte: "the request target holds a control character or a byte beyond ASCII"
        case .spaceInTarget: "the request target holds a space"
        case .fragmentInTarget: "the request target holds a fragment"
        case .illegalVersion: "the HTTP version is malformed"
        case .unsupportedVersion: "the HTTP version is not 1.x"
        case .illegalStatusLine: "the status line is malformed"
        case .foldedLine: "a field line is folded"
        case .missingColon: "a field line has no colon"
        case .spaceBeforeColon: "a space between a field name and its colon"
        case .emptyFieldName: "a field line without a name"
        case .illegalFieldName: "a field name holds an illegal character"
        case .illegalFieldValue: "a field value holds a control character"
        case .missingHost: "no Host field"
        case .severalHosts: "two Host fields"
        case .illegalHost: "the host is malformed"
        case .illegalPort: "the port of the host is malformed"
        case .hostMismatch: "the Host field differs from the authority of the target"
        case .illegalContentLength: "a Content-Length that is no number"
        case .contentLengthOverflow: "a Content-Length beyond all limits"
        case .severalContentLengths: "Content-Length values that differ"
        case .lengthAndCoding: "Content-Length and Transfer-Encoding at once"
        case .codingInOldVersion: "Transfer-Encoding in HTTP/1.0"
        case .illegalCoding: "a Transfer-Encoding that does not end in one chunked"
        case .unknownCoding: "an unknown transfer coding"
        case .tooManyConnectionOptions: "too many connection options"
        case .illegalConnectionOption: "a connection option that is no token"
        case .illegalChunkSize: "a chunk size that is no hexadecimal number"
        case .chunkSizeOverflow: "a chunk size beyond all limits"
        case .illegalChunkExtension: "a chunk extension holds a control character"
        case .chunkExtensionsTooLong: "the chunk extensions are longer than the limit"
        case .illegalChunkEnd: "a chunk does not end in CRLF"
        case .trailersTooLarge: "the trailers are larger than the limit"
        }
    }
}
