extension KnownField {
    /// Whether the field is about one connection, so that no proxy forwards it (RFC 9110 §7.6.1).
    ///
    /// `Expect` is among them since the gateway answers it, and `Proxy` since CGI programs mistake it for a setting.
    package var isHopByHop: Bool {
        switch self {
        case .connection, .transferEncoding, .te, .upgrade, .expect, .keepAlive, .proxyConnection, .proxy,
            .proxyAuthenticate, .proxyAuthorization, .http2Settings:
            true
        default: false
        }
    }

    /// Whether a `Connection` field cannot make a proxy remove the field.
    ///
    /// A client that could would take away what says who it is, or how its message is delimited.
    package var isProtected: Bool { Self.protected.contains(self) }

    /// Whether the field must not be among trailers: it frames, routes, authenticates or interprets (RFC 9110 §6.5.1).
    package var isForbiddenInTrailers: Bool { isHopByHop || isProtected || Self.forbiddenInTrailers.contains(self) }

    private static let protected: KnownFieldSet = [
        .host, .contentLength, .xForwardedFor, .xForwardedHost, .xForwardedPort, .xForwardedProto, .xForwardedScheme,
        .xForwardedPrefix, .xScheme, .xRealIP, .xRequestID, .xOriginalForwardedFor, .xOriginalForwardedHost,
        .xOriginalURI, .forwarded, .cookie, .setCookie, .authorization, .wwwAuthenticate, .date, .location,
        .strictTransportSecurity, .contentType, .contentEncoding, .otherContent, .origin, .cacheControl, .vary,
        .earlyData, .xAccel, .sslClient,
    ]

    private static let forbiddenInTrailers: KnownFieldSet = [
        .trailer, .age, .expires, .retryAfter, .referer, .userAgent, .maxForwards, .range, .refresh, .conditional,
        .accept, .acceptEncoding, .server, .via, .secWebSocketKey,
    ]
}

/// Some of the known fields.
public struct KnownFieldSet: Hashable, Sendable, BitwiseCopyable, ExpressibleByArrayLiteral {
    /// One bit for each case.
    @usableFromInline
    var bits: UInt64 = 0

    /// Creates an empty set.
    public init() {}

    /// Creates a set of fields.
    public init(arrayLiteral fields: KnownField...) { bits = fields.reduce(0) { $0 | 1 << UInt64($1.rawValue) } }

    /// Whether a field is in the set.
    @inlinable
    @inline(__always)
    public func contains(_ field: KnownField) -> Bool { bits >> UInt64(field.rawValue) & 1 != 0 }

    /// Adds a field.
    @inlinable
    public mutating func insert(_ field: KnownField) { bits |= 1 << UInt64(field.rawValue) }

    /// The set with the fields of another one.
    public func union(_ other: KnownFieldSet) -> KnownFieldSet {
        var both = self
        both.bits |= other.bits
        return both
    }
}
