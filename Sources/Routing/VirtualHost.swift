package import PatternMatching

/// A host and its paths: immutable, and shared by all workers.
///
/// Paths are compared as Kubernetes says until one of them asks for patterns; from then on all paths of the host are
/// patterns, as ingress-nginx does: without regard to case, held at the start alone, and asked from the longest text to
/// the shortest. Hosts that are compiled as strict keep the rules of Kubernetes for the paths that do not ask.
package final class VirtualHost: Sendable {
    /// The name as declared: `foo.com`, `*.foo.com`, or `_` for any.
    package let name: String

    /// Whether the host has a certificate of its own, so that requests in clear may be sent to HTTPS.
    package let hasCertificate: Bool

    /// Where requests for exactly `/` are redirected, before their route is looked up; nil for nowhere.
    package let appRoot: RequestTemplate?

    /// What becomes of requests that no path stands for.
    package let fallback: Route

    // What the ranks stand for; a smaller rank goes before a larger one.
    private let routes: [Route]
    private let literals: LiteralPaths
    private let patterns: [RankedPattern]

    /// A path that is a pattern, and its rank.
    struct RankedPattern: Sendable {
        let rank: Int
        let pattern: Pattern
    }

    init(
        name: String,
        hasCertificate: Bool,
        appRoot: RequestTemplate?,
        fallback: Route,
        routes: [Route],
        literals: LiteralPaths,
        patterns: [RankedPattern]
    ) {
        self.name = name
        self.hasCertificate = hasCertificate
        self.appRoot = appRoot
        self.fallback = fallback
        self.routes = routes
        self.literals = literals
        self.patterns = patterns
    }

    /// The routes of all paths, those that are asked first in front; without the fallback.
    package var allRoutes: [Route] { routes }

    /// Whether some of the paths are patterns.
    package var hasPatterns: Bool { !patterns.isEmpty }

    /// The route of a request; allocates nothing.
    ///
    /// - Parameters:
    ///   - path: The path of the request, decoded and normalised, without the query.
    ///   - scratch: What the thread searches with. A `fault` in it afterwards means that a pattern was given up, so that
    ///     nobody knows the route: then the fallback is returned, and the request is to be answered with status 500.
    /// - Returns: The route of the path that stands for the request, or the fallback.
    package func route(for path: borrowing Span<UInt8>, scratch: inout PatternScratch) -> Route {
        scratch.clear()
        let literal = literals.rank(for: path)
        var index = 0
        while index < patterns.count {
            let rank = patterns[index].rank
            if literal >= 0, literal < rank { break }
            if patterns[index].pattern.find(in: path, scratch: &scratch) { return routes[rank] }
            if scratch.fault != nil { return fallback }
            index += 1
        }
        return literal >= 0 ? routes[literal] : fallback
    }
}
