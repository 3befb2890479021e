/// The status of an answer (RFC 9110 §15).
package struct HTTPStatus: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The three digits.
    package let rawValue: UInt16

    /// Wraps a number.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Whether this is no final answer (1xx).
    package var isInterim: Bool { rawValue < 200 }

    /// Whether this sends the client elsewhere (3xx).
    package var isRedirection: Bool { (300..<400).contains(rawValue) }

    /// Whether somebody is at fault (4xx and 5xx).
    package var isError: Bool { rawValue >= 400 }

    /// Whether an answer to anything but HEAD may have content (RFC 9112 §6.3).
    package var allowsBody: Bool { rawValue >= 200 && rawValue != 204 && rawValue != 304 }
}

// The ones that a gateway sends itself.
extension HTTPStatus {
    /// 100 Continue.
    package static let `continue` = HTTPStatus(rawValue: 100)
    /// 101 Switching Protocols.
    package static let switchingProtocols = HTTPStatus(rawValue: 101)
    /// 200 OK.
    package static let ok = HTTPStatus(rawValue: 200)
    /// 204 No Content.
    package static let noContent = HTTPStatus(rawValue: 204)
    /// 301 Moved Permanently.
    package static let movedPermanently = HTTPStatus(rawValue: 301)
    /// 302 Found.
    package static let found = HTTPStatus(rawValue: 302)
    /// 303 See Other.
    package static let seeOther = HTTPStatus(rawValue: 303)
    /// 304 Not Modified.
    package static let notModified = HTTPStatus(rawValue: 304)
    /// 307 Temporary Redirect.
    package static let temporaryRedirect = HTTPStatus(rawValue: 307)
    /// 308 Permanent Redirect.
    package static let permanentRedirect = HTTPStatus(rawValue: 308)
    /// 400 Bad Request.
    package static let badRequest = HTTPStatus(rawValue: 400)
    /// 401 Unauthorized.
    package static let unauthorized = HTTPStatus(rawValue: 401)
    /// 403 Forbidden.
    package static let forbidden = HTTPStatus(rawValue: 403)
    /// 404 Not Found.
    package static let notFound = HTTPStatus(rawValue: 404)
    /// 405 Method Not Allowed.
    package static let methodNotAllowed = HTTPStatus(rawValue: 405)
    /// 408 Request Timeout.
    package static let requestTimeout = HTTPStatus(rawValue: 408)
    /// 413 Content Too Large.
    package static let contentTooLarge = HTTPStatus(rawValue: 413)
    /// 414 URI Too Long.
    package static let uriTooLong = HTTPStatus(rawValue: 414)
    /// 417 Expectation Failed.
    package static let expectationFailed = HTTPStatus(rawValue: 417)
    /// 421 Misdirected Request.
    package static let misdirectedRequest = HTTPStatus(rawValue: 421)
    /// 425 Too Early.
    package static let tooEarly = HTTPStatus(rawValue: 425)
    /// 426 Upgrade Required.
    package static let upgradeRequired = HTTPStatus(rawValue: 426)
    /// 429 Too Many Requests.
    package static let tooManyRequests = HTTPStatus(rawValue: 429)
    /// 431 Request Header Fields Too Large.
    package static let requestHeaderFieldsTooLarge = HTTPStatus(rawValue: 431)
    /// 500 Internal Server Error.
    package static let internalServerError = HTTPStatus(rawValue: 500)
    /// 501 Not Implemented.
    package static let notImplemented = HTTPStatus(rawValue: 501)
    /// 502 Bad Gateway.
    package static let badGateway = HTTPStatus(rawValue: 502)
    /// 503 Service Unavailable.
    package static let serviceUnavailable = HTTPStatus(rawValue: 503)
    /// 504 Gateway Timeout.
    package static let gatewayTimeout = HTTPStatus(rawValue: 504)
    /// 505 HTTP Version Not Supported.
    package static let httpVersionNotSupported = HTTPStatus(rawValue: 505)
}
