/// A field name that a proxy treats in its own way.
///
/// Public, as `KnownFieldSet` is, so that other modules inline what they ask of it.
public enum KnownField: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Any other name.
    case other
    // How messages travel on one connection.
    case host, connection, contentLength, transferEncoding, te, trailer, upgrade, expect, keepAlive, proxyConnection
    case proxy, proxyAuthenticate, proxyAuthorization, http2Settings
    // What proxies tell about the client.
    case xForwardedFor, xForwardedHost, xForwardedPort, xForwardedProto, xForwardedScheme, xForwardedPrefix, xScheme
    case xRealIP, xRequestID, xOriginalForwardedFor, xOriginalForwardedHost, xOriginalURI, forwarded
    // Who is asking.
    case cookie, setCookie, authorization, wwwAuthenticate
    // What a gateway reads, sets, replaces or logs.
    case referer, userAgent, server, date, age, expires, location, refresh, retryAfter, strictTransportSecurity
    case contentType, contentEncoding, origin, accept, acceptEncoding, cacheControl, vary, via, maxForwards, range
    case earlyData, secWebSocketKey
    /// `If-Match` and its relatives.
    case conditional
    /// Any other `Content-…`.
    case otherContent
    /// `X-Accel-Redirect` and whatever else begins with `X-Accel-`.
    case xAccel
    /// What the gateway tells of the client's certificate: `ssl-client-verify` and its relatives.
    case sslClient

    /// Whether two are the same; the operator that raw values bring is generic code, slow in other modules.
    @inlinable
    public static func == (left: KnownField, right: KnownField) -> Bool { left.rawValue == right.rawValue }

    /// The name as it is usually written; empty where several names share a case.
    package var text: StaticString {
        switch self {
        case .other, .conditional, .otherContent, .xAccel, .sslClient: ""
        case .host: "Host"
        case .connection: "Connection"
        case .contentLength: "Content-Length"
        case .transferEncoding: "Transfer-Encoding"
        case .te: "TE"
        case .trailer: "Trailer"
        case .upgrade: "Upgrade"
        case .expect: "Expect"
        case .keepAlive: "Keep-Alive"
        case .proxyConnection: "Proxy-Connection"
        case .proxy: "Proxy"
        case .proxyAuthenticate: "Proxy-Authenticate"
        case .proxyAuthorization: "Proxy-Authorization"
        case .http2Settings: "HTTP2-Settings"
        case .xForwardedFor: "X-Forwarded-For"
        case .xForwardedHost: "X-Forwarded-Host"
        case .xForwardedPort: "X-Forwarded-Port"
        case .xForwardedProto: "X-Forwarded-Proto"
        case .xForwardedScheme: "X-Forwarded-Scheme"
        case .xForwardedPrefix: "X-Forwarded-Prefix"
        case .xScheme: "X-Scheme"
        case .xRealIP: "X-Real-IP"
        case .xRequestID: "X-Request-ID"
        case .xOriginalForwardedFor: "X-Original-Forwarded-For"
        case .xOriginalForwardedHost: "X-Original-Forwarded-Host"
        case .xOriginalURI: "X-Original-URI"
        case .forwarded: "Forwarded"
        case .cookie: "Cookie"
        case .setCookie: "Set-Cookie"
        case .authorization: "Authorization"
        case .wwwAuthenticate: "WWW-Authenticate"
        case .referer: "Referer"
        case .userAgent: "User-Agent"
        case .server: "Server"
        case .date: "Date"
        case .age: "Age"
        case .expires: "Expires"
        case .location: "Location"
        case .refresh: "Refresh"
        case .retryAfter: "Retry-After"
        case .strictTransportSecurity: "Strict-Transport-Security"
        case .contentType: "Content-Type"
        case .contentEncoding: "Content-Encoding"
        case .origin: "Origin"
        case .accept: "Accept"
        case .acceptEncoding: "Accept-Encoding"
        case .cacheControl: "Cache-Control"
        case .vary: "Vary"
        case .via: "Via"
        case .maxForwards: "Max-Forwards"
        case .range: "Range"
        case .earlyData: "Early-Data"
        case .secWebSocketKey: "Sec-WebSocket-Key"
        }
    }
}
