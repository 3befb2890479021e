/// An answer without what every answer has: the date, the length and the fate of the connection.
package struct StatusResponse: Hashable, Sendable {
    /// A header field.
    package struct Field: Hashable, Sendable {
        /// The name.
        package let name: String
        /// The value, without a line break.
        package let value: String

        /// Describes a field.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The status codes that are answered (RFC 9110 §15).
    package enum Status: Int, Sendable {
        case ok = 200
        case badRequest = 400
        case forbidden = 403
        case notFound = 404
        case methodNotAllowed = 405
        case requestTimeout = 408
        case fieldsTooLarge = 431
        case failure = 500
        case unavailable = 503
        case versionNotSupported = 505

        /// The words that follow the number.
        package var reason: String {
            switch self {
            case .ok: "OK"
            case .badRequest: "Bad Request"
            case .forbidden: "Forbidden"
            case .notFound: "Not Found"
            case .methodNotAllowed: "Method Not Allowed"
            case .requestTimeout: "Request Timeout"
            case .fieldsTooLarge: "Request Header Fields Too Large"
            case .failure: "Internal Server Error"
            case .unavailable: "Service Unavailable"
            case .versionNotSupported: "HTTP Version Not Supported"
            }
        }
    }

    /// The status.
    package let status: Status
    /// The header fields, in the order in which they are sent.
    package let fields: [Field]
    /// The body.
    package let body: String

    /// Describes an answer.
    package init(_ status: Status, fields: [Field], body: String) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// An answer in plain text that no browser takes for something else.
    package static func plain(_ status: Status, _ body: String) -> StatusResponse {
        StatusResponse(
            status,
            fields: [Field("Content-Type", "text/plain; charset=utf-8"), Field("X-Content-Type-Options", "nosniff")],
            body: body
        )
    }

    /// The answer for a path that leads nowhere.
    package static let notFound = plain(.notFound, "404 page not found\n")

    /// The answer to a method that changes things, where there is nothing to change.
    package static let readOnly = StatusResponse(
        .methodNotAllowed,
        fields: [Field("Allow", "GET, HEAD")] + plain(.methodNotAllowed, "").fields,
        body: "only GET and HEAD are answered here\n"
    )

    /// The answer to a request that could not be read; the connection ends with it.
    static func refusal(_ status: Status, _ why: String) -> StatusResponse { plain(status, "\(why)\n") }

    /// The bytes to send.
    ///
    /// - Parameters:
    ///   - date: The moment, as HTTP writes it.
    ///   - closes: Whether the connection ends with the answer.
    ///   - hasBody: Whether to send the body, or only its length (RFC 9110 §9.3.2: the answer to HEAD).
    /// - Returns: Head and body.
    func bytes(date: String, closes: Bool, hasBody: Bool) -> [UInt8] {
        let length = body.utf8.count
        var head = "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n"
        for field in fields { head += "\(field.name): \(field.value)\r\n" }
        head += "Date: \(date)\r\nContent-Length: \(length)\r\n"
        head += closes ? "Connection: close\r\n\r\n" : "\r\n"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(head.utf8.count + length)
        bytes += head.utf8
        if hasBody { bytes += body.utf8 }
        return bytes
    }
}
