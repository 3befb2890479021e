/// Requests of one client stay with one endpoint, by a cookie (`affinity: cookie` and its family).
package struct CookieAffinity: Hashable, Sendable {
    /// Where a client goes whose endpoint has left.
    package enum Mode: UInt8, Hashable, Sendable {
        /// The cookie is a random key, hashed to an endpoint: some clients move when endpoints come or go.
        case balanced
        /// The cookie names the endpoint: clients move only when theirs has left.
        case persistent
    }

    /// The value of SameSite.
    package enum SameSite: UInt8, Hashable, Sendable {
        case none, lax, strict
    }

    /// Where a client goes whose endpoint has left.
    package var mode = Mode.balanced
    /// The name of the cookie.
    package var name: [UInt8] = Array("INGRESSCOOKIE".utf8)
    /// The path of the cookie; nil for the path of the route.
    package var path: [UInt8]?
    /// The domain of the cookie; nil for the host alone.
    package var domain: [UInt8]?
    /// After how many seconds the client forgets the cookie (`Expires`); nil for the end of its session.
    package var expiresSeconds: Int?
    /// After how many seconds the client forgets the cookie (`Max-Age`); nil for none.
    package var maxAgeSeconds: Int?
    /// Whether other sites send it.
    package var sameSite: SameSite?
    /// Whether `SameSite=None` is left out for clients that misunderstand it.
    package var isSameSiteNoneConditional = false
    /// Whether it is for HTTPS alone; nil means on HTTPS alone.
    package var isSecure: Bool?
    /// Whether a client gets another endpoint after a failed attempt, and a new cookie.
    package var changesOnFailure = false

    /// Creates what ingress-nginx does when nothing more is said.
    package init() {}
}
