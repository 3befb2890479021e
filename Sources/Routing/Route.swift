package import HTTPSemantics

/// What becomes of the requests to one path of one host, compiled from all that was declared about it.
///
/// Immutable and shared by all workers. The phases in which its rules act are those of ingress-nginx: redirects by
/// annotation, the redirect to HTTPS, a missing backend, addresses of clients, the size of the body, the way upstream.
package final class Route: Sendable {
    /// A small number that stays the same for as long as the host's path exists; what is counted is counted by it.
    package let id: Int

    /// Where the route was declared, for logs, metrics and people.
    package let origin: RouteOrigin

    /// The redirect that answers every request, before all others.
    package let redirect: Redirect?

    /// When a request in clear is sent to HTTPS.
    package let httpsRedirect: HTTPSRedirect

    /// Who may use it; nil for everybody.
    package let clients: ClientRules?

    /// What a request is answered with in place of going upstream; nil where there is a backend.
    package let refusal: HTTPStatus?

    /// Where requests go.
    package let backend: Backend.ID?

    /// Some of the requests go elsewhere.
    package let canary: Canary?

    /// The path that the backend sees; nil for the client's own.
    package let rewrite: Rewrite?

    /// The Host field that the backend sees; nil for the client's own.
    package let upstreamHost: [UInt8]?

    /// Requests of one client stay with one endpoint.
    package let affinity: CookieAffinity?

    /// How large, how long and how often.
    package let limits: RouteLimits

    /// Creates a route; what is left out does not happen.
    package init(
        id: Int,
        origin: RouteOrigin,
        redirect: Redirect? = nil,
        httpsRedirect: HTTPSRedirect = .never,
        clients: ClientRules? = nil,
        refusal: HTTPStatus? = nil,
        backend: Backend.ID? = nil,
        canary: Canary? = nil,
        rewrite: Rewrite? = nil,
        upstreamHost: [UInt8]? = nil,
        affinity: CookieAffinity? = nil,
        limits: RouteLimits = RouteLimits()
    ) {
        self.id = id
        self.origin = origin
        self.redirect = redirect
        self.httpsRedirect = httpsRedirect
        self.clients = clients
        self.refusal = refusal
        self.backend = backend
        self.canary = canary
        self.rewrite = rewrite
        self.upstreamHost = upstreamHost
        self.affinity = affinity
        self.limits = limits
    }
}

/// Where a route was declared.
package struct RouteOrigin: Hashable, Sendable {
    /// The namespace of the Ingress; empty for routes of the gateway itself.
    package var namespace = ""
    /// The name of the Ingress; empty for routes of the gateway itself.
    package var ingress = ""
    /// The name of the backend's Service.
    package var service = ""
    /// The port of the backend's Service, as a number or a name.
    package var servicePort = ""
    /// The host as declared: `foo.com`, `*.foo.com`, or `_` for any.
    package var host = "_"
    /// The path as declared.
    package var path = "/"

    /// Creates an origin without names.
    package init() {}
}

/// A redirect of every request, whatever was asked for.
package struct Redirect: Hashable, Sendable {
    /// The status: 300 to 308.
    package var status: HTTPStatus
    /// The value of the Location field.
    package var location: RequestTemplate

    /// Creates a redirect.
    package init(status: HTTPStatus, location: RequestTemplate) {
        self.status = status
        self.location = location
    }
}

/// When a request in clear is redirected to HTTPS.
package enum HTTPSRedirect: UInt8, Hashable, Sendable {
    /// Never.
    case never
    /// When the host has a certificate of its own (`ssl-redirect`).
    case withCertificate
    /// Always (`force-ssl-redirect`).
    case always
}

/// Limits of the requests to one route; the defaults are those of ingress-nginx.
package struct RouteLimits: Hashable, Sendable {
    /// The largest body in bytes; zero means any size.
    package var bodyBytesMax: Int64 = 1 << 20
    /// How long a connection to the backend may take, in milliseconds.
    package var connectMilliseconds: Int32 = 5_000
    /// How long the backend may be silent between two reads, in milliseconds.
    package var readMilliseconds: Int32 = 60_000
    /// How long the backend may take nothing between two writes, in milliseconds.
    package var sendMilliseconds: Int32 = 60_000
    /// Which failures lead to another endpoint.
    package var retryOn: RetryConditions = .standard
    /// The number of endpoints that a request is tried with; zero means as many as there are.
    package var attemptsMax: Int32 = 3
    /// How long after its first attempt a request may be tried again, in milliseconds; zero means without limit.
    package var retryMilliseconds: Int32 = 0

    /// Creates the limits that ingress-nginx has when nothing is said.
    package init() {}
}

/// Failures of an attempt after which another endpoint is tried (`proxy-next-upstream`).
package struct RetryConditions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The connection failed, or ended before the response.
    package static let error = RetryConditions(rawValue: 1)
    /// The connection or the response took too long.
    package static let timeout = RetryConditions(rawValue: 2)
    /// The response was empty or not HTTP.
    package static let invalidHeader = RetryConditions(rawValue: 4)
    /// The response has status 500.
    package static let http500 = RetryConditions(rawValue: 8)
    /// The response has status 502.
    package static let http502 = RetryConditions(rawValue: 16)
    /// The response has status 503.
    package static let http503 = RetryConditions(rawValue: 32)
    /// The response has status 504.
    package static let http504 = RetryConditions(rawValue: 64)
    /// The response has status 403.
    package static let http403 = RetryConditions(rawValue: 128)
    /// The response has status 404.
    package static let http404 = RetryConditions(rawValue: 256)
    /// The response has status 429.
    package static let http429 = RetryConditions(rawValue: 512)
    /// Requests that change something are tried again too, once they were sent (POST, LOCK, PATCH).
    package static let nonIdempotent = RetryConditions(rawValue: 1024)
    /// Nothing is tried again (`off`).
    package static let off = RetryConditions([])
    /// What nginx does when nothing is said: `error timeout`.
    package static let standard: RetryConditions = [.error, .timeout]
}
