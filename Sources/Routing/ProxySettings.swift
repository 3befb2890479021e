package import NetworkAddress

/// What holds for all routes: the options of the gateway as a whole; the defaults are those of ingress-nginx.
package struct ProxySettings: Hashable, Sendable {
    /// Whether X-Forwarded fields of clients are believed (`use-forwarded-headers`).
    package var trustsForwardedFields = false
    /// Whose X-Forwarded fields are believed (`proxy-real-ip-cidr`); empty means nobody's.
    package var trustedProxies: [IPPrefix] = []
    /// Whether the client's address is appended to X-Forwarded-For instead of replacing it (`compute-full-forwarded-for`).
    package var appendsForwardedFor = false
    /// The status of redirects to HTTPS (`http-redirect-code`).
    package var httpsRedirectStatus: UInt16 = 308
    /// The port in redirects to HTTPS; nil for none (`use-port-in-redirects`).
    package var redirectPort: UInt16?
    /// The value of Strict-Transport-Security on HTTPS; nil for none (`hsts`, `hsts-max-age`, …).
    package var strictTransportSecurity: [UInt8]? = Array("max-age=31536000; includeSubDomains".utf8)
    /// Whether the backend's Server field reaches the client (`allow-backend-server-header`).
    package var keepsServerField = false
    /// Whether a request without X-Request-ID gets one (`generate-request-id`).
    package var makesRequestID = true
    /// How long a client may take for a request head, in milliseconds (`client-header-timeout`).
    package var headMilliseconds: Int32 = 60_000
    /// How long a client may be silent within a body, in milliseconds (`client-body-timeout`).
    package var bodyMilliseconds: Int32 = 60_000
    /// How long a connection may be idle between requests, in milliseconds (`keep-alive`).
    package var idleMilliseconds: Int32 = 75_000
    /// The number of requests on one connection (`keep-alive-requests`).
    package var requestsPerConnectionMax: Int32 = 1_000
    /// The number of idle connections to endpoints that a worker keeps (`upstream-keepalive-connections`).
    package var idleUpstreamsMax: Int32 = 320
    /// How long an idle connection to an endpoint is kept, in milliseconds (`upstream-keepalive-timeout`).
    package var upstreamIdleMilliseconds: Int32 = 60_000
    /// The number of requests on one connection to an endpoint (`upstream-keepalive-requests`).
    package var requestsPerUpstreamMax: Int32 = 10_000
    /// Whether exchanges are written to the access log, where there is one (`disable-access-log`).
    package var writesAccessLog = true
    /// Request targets that are not written there, byte for byte with their query (`skip-access-log-urls`).
    package var unloggedTargets: [[UInt8]] = []
    /// Whether paths whose dots or doubled slashes were resolved are forwarded as the client sent them.
    package var forwardsRawPath = false

    /// Creates the settings that ingress-nginx has when nothing is said.
    package init() {}
}
