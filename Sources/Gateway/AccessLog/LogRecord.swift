package import NetworkAddress
package import Telemetry

/// What the access log tells of an exchange: a worker fills it in when the exchange is over, and lends its texts.
package struct LogRecord: ~Escapable {
    /// When the exchange ended.
    package var time = WallTime(seconds: 0)
    /// Who asked: the client, or what a trusted proxy said of it.
    package var remoteAddress = IPAddress(ipv4: 0)
    /// The status that was sent; 499 when the client went away first.
    package var status: UInt16 = 0
    /// The bytes of the answer behind its head.
    package var bodyBytesSent: Int64 = 0
    /// The bytes of the request, its head among them.
    package var requestLength: Int64 = 0
    /// The milliseconds from the first byte of the request to the last of the answer.
    package var requestTime: Int64 = 0

    let method: Span<UInt8>
    let target: Span<UInt8>
    let version: Span<UInt8>
    let host: Span<UInt8>?
    let remoteUser: Span<UInt8>?
    let referer: Span<UInt8>?
    let userAgent: Span<UInt8>?
    let upstreamName: Span<UInt8>
    let alternativeUpstreamName: Span<UInt8>
    let requestID: Span<UInt8>?
    let attempts: Span<UpstreamAttempt>

    /// Creates a record of an exchange; no text needs to be legible, or harmless.
    ///
    /// - Parameters:
    ///   - method: The request's method; empty when it was never understood.
    ///   - target: The request's target as it came, or the whole line when it was never understood.
    ///   - version: The request's version, such as `HTTP/1.1`; empty when it was never understood.
    ///   - host: The host that was asked for.
    ///   - remoteUser: The name that the client proved to have, or claims.
    ///   - referer: The field `Referer`.
    ///   - userAgent: The field `User-Agent`.
    ///   - upstreamName: The backend as `namespace-service-port`; empty when none was chosen.
    ///   - alternativeUpstreamName: The canary's backend; empty when there is none.
    ///   - requestID: The identifier that the backend was told.
    ///   - attempts: What was tried, in order.
    @_lifetime(
        copy method,
        copy target,
        copy version,
        copy host,
        copy remoteUser,
        copy referer,
        copy userAgent,
        copy upstreamName,
        copy alternativeUpstreamName,
        copy requestID,
        copy attempts
    )
    package init(
        method: Span<UInt8>,
        target: Span<UInt8>,
        version: Span<UInt8>,
        host: Span<UInt8>?,
        remoteUser: Span<UInt8>?,
        referer: Span<UInt8>?,
        userAgent: Span<UInt8>?,
        upstreamName: Span<UInt8>,
        alternativeUpstreamName: Span<UInt8>,
        requestID: Span<UInt8>?,
        attempts: Span<UpstreamAttempt>
    ) {
        self.method = method
        self.target = target
        self.version = version
        self.host = host
        self.remoteUser = remoteUser
        self.referer = referer
        self.userAgent = userAgent
        self.upstreamName = upstreamName
        self.alternativeUpstreamName = alternativeUpstreamName
        self.requestID = requestID
        self.attempts = attempts
    }
}

/// One attempt to have an endpoint answer.
package struct UpstreamAttempt: Hashable, Sendable {
    /// The endpoint.
    package var address: TransportAddress
    /// The bytes of the answer's body that came; zero when none did.
    package var responseLength: Int64
    /// The milliseconds that it took; negative when it is not known.
    package var responseTime: Int64
    /// The status that the endpoint sent, or that its failure amounts to; zero when there is none.
    package var status: UInt16
    /// What it came to nothing for; nil when the endpoint answered, or was not waited for.
    package var fault: UpstreamFault?

    /// Describes an attempt.
    package init(_ address: TransportAddress, responseLength: Int64, responseTime: Int64, status: UInt16) {
        self.address = address
        self.responseLength = responseLength
        self.responseTime = responseTime
        self.status = status
    }
}
