internal import LoadBalancing
internal import Routing

/// What an Ingress says about all of its paths, as values.
struct IngressPolicy: Sendable {
    /// The redirect that answers every request.
    var redirect: Redirect?
    /// Where requests for `/` go.
    var appRoot: RequestTemplate?
    /// When requests in clear go to HTTPS.
    var httpsRedirect = HTTPSRedirect.never
    /// Which clients may.
    var clients: ClientRules?
    /// Whether every request is answered 503, since a rule of access cannot be obeyed.
    var isRefused = false
    /// What paths become for the backend.
    var rewriteTarget: String?
    /// Whether paths are patterns.
    var usesRegex = false
    /// The Host field for the backend, in which nothing depends on the request.
    var upstreamHost: RequestTemplate?
    /// How clients stay with their endpoint.
    var affinity: CookieAffinity?
    /// How endpoints take turns.
    var balancing = BalancingPolicy.roundRobin
    /// How endpoints are spoken to; nil when the Service's port says it.
    var scheme: Backend.Scheme?
    /// Whether the Service's own address is used.
    var usesServiceAddress = false
    /// How large, how long and how often.
    var limits = RouteLimits()
    /// The part of the requests that this Ingress takes from another; nil when it stands for itself.
    var canary: CanaryPolicy?

    /// Whether a path of the Ingress is a pattern, and with it all paths of its host.
    func asksForPatterns(path: String) -> Bool {
        usesRegex || rewriteTarget.map { $0 != path } ?? false
    }
}

/// Which requests a canary takes.
struct CanaryPolicy: Sendable {
    /// The field that is asked first.
    var header: [UInt8]?
    /// What its value says.
    var headerRule = Canary.HeaderRule.alwaysOrNever
    /// The cookie that is asked next.
    var cookie: [UInt8]?
    /// How many of `weightTotal` requests it takes of the rest.
    var weight = 0
    /// The sum of both weights.
    var weightTotal = 100
    /// Whether clients stay with the side that their cookie of affinity names.
    var keepsAffinity = true
}
