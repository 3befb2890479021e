internal import LoadBalancing
internal import NetworkAddress
internal import Routing

/// What holds for an Ingress that says nothing: the ConfigMap's word, else that of ingress-nginx.
struct RouteDefaults: Hashable, Sendable {
    /// How large, how long and how often.
    var limits = RouteLimits()
    /// Whether hosts with a certificate are redirected to HTTPS.
    var redirectsToHTTPS = true
    /// Whether all hosts are.
    var alwaysRedirectsToHTTPS = false
    /// Which clients may, as long as an Ingress does not say it.
    var allowed: [IPPrefix] = []
    /// Which clients may not, as long as an Ingress does not say it.
    var denied: [IPPrefix] = []
    /// Which clients never may.
    var blocked: [IPPrefix] = []
    /// Whether every route is refused that does not exempt itself, since a global rule of access cannot be obeyed.
    var refusesAll = false
    /// How endpoints take turns.
    var balancing = BalancingPolicy.roundRobin
    /// Whether Services are reached at their own address in place of their endpoints'.
    var usesServiceAddress = false
    /// Whether Exact and Prefix paths may hold letters, digits, `.`, `_`, `-` and `/` alone.
    var checksPaths = false
}
