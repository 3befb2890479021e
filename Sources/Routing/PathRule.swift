/// A path of a host, as declared, and where its requests are led.
package struct PathRule: Sendable {
    /// How a path is compared where it is no pattern.
    package enum Match: UInt8, Hashable, Sendable {
        /// The path and nothing else.
        case exact
        /// The path and all below it, element by element; `ImplementationSpecific` too.
        case prefix
    }

    /// The path as declared.
    package let path: String
    /// How it is compared.
    package let match: Match
    /// Whether its Ingress has `use-regex`, or a `rewrite-target` that differs from this path.
    package let asksForPatterns: Bool
    /// Where its requests are led.
    package let route: Route

    /// Creates a rule.
    package init(path: String, match: Match, asksForPatterns: Bool = false, route: Route) {
        self.path = path
        self.match = match
        self.asksForPatterns = asksForPatterns
        self.route = route
    }
}
