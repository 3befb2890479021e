internal import PatternMatching

extension VirtualHost {
    /// Compiles the paths of a host.
    ///
    /// - Parameters:
    ///   - name: The name as declared: `foo.com`, `*.foo.com`, or `_` for any.
    ///   - hasCertificate: Whether the host has a certificate of its own.
    ///   - appRoot: Where requests for exactly `/` are redirected; nil for nowhere.
    ///   - fallback: What becomes of requests that no path stands for.
    ///   - rules: The paths; of two for the same requests the first is taken.
    ///   - isStrict: Whether only paths that ask for it become patterns, even beside others that do.
    /// - Returns: The host, and the rules that do not take effect.
    package static func compile(
        name: String,
        hasCertificate: Bool = false,
        appRoot: RequestTemplate? = nil,
        fallback: Route,
        rules: [PathRule],
        isStrict: Bool = false
    ) -> (host: VirtualHost, problems: [PathProblem]) {
        var paths = PathCompiler(rules, isStrict: isStrict)
        for rule in sorted(rules) { paths.add(rule) }
        let host = VirtualHost(
            name: name,
            hasCertificate: hasCertificate,
            appRoot: appRoot,
            fallback: fallback,
            routes: paths.routes,
            literals: paths.literals,
            patterns: paths.patterns
        )
        return (host, paths.problems)
    }

    // Longest text first, then in descending order of bytes; what is equal stays in its order.
    private static func sorted(_ rules: [PathRule]) -> [PathRule] {
        let keys = rules.map { Array($0.path.utf8) }
        let order = rules.indices.sorted { first, second in
            if keys[first].count != keys[second].count { return keys[first].count > keys[second].count }
            if keys[first] == keys[second] { return first < second }
            return keys[second].lexicographicallyPrecedes(keys[first])
        }
        return order.map { rules[$0] }
    }
}

/// The paths of a host while they are compiled, one after the other in the order in which they are asked.
private struct PathCompiler {
    private(set) var routes: [Route] = []
    private(set) var literals: LiteralPaths
    private(set) var patterns: [VirtualHost.RankedPattern] = []
    private(set) var problems: [PathProblem] = []

    private let isStrict: Bool
    private let hostHasPatterns: Bool
    private let exactPaths: Set<String>
    // The route of each pattern, by its text.
    private var taken: [String: Int] = [:]

    init(_ rules: [PathRule], isStrict: Bool) {
        self.isStrict = isStrict
        hostHasPatterns = rules.contains { $0.asksForPatterns }
        exactPaths = Set(rules.lazy.filter { $0.match == .exact }.map { $0.path })
        literals = LiteralPaths(capacity: rules.count)
    }

    mutating func add(_ rule: PathRule) {
        if rule.asksForPatterns || (hostHasPatterns && !isStrict) {
            addPattern(rule)
        } else {
            addLiteral(rule)
        }
    }

    private mutating func addLiteral(_ rule: PathRule) {
        if let other = literals.insert(Array(rule.path.utf8), match: rule.match, rank: routes.count) {
            problems.append(PathProblem(rule: rule, reason: .shadowed(by: routes[other].id)))
        } else {
            routes.append(rule.route)
        }
    }

    private mutating func addPattern(_ rule: PathRule) {
        let text = patternText(of: rule)
        if let other = taken[text] {
            problems.append(PathProblem(rule: rule, reason: .shadowed(by: other)))
            return
        }
        do throws(PatternError) {
            let pattern = try Pattern(text, options: [.ignoringCase, .fromStart])
            taken[text] = rule.route.id
            patterns.append(VirtualHost.RankedPattern(rank: routes.count, pattern: pattern))
            routes.append(rule.route)
        } catch {
            problems.append(PathProblem(rule: rule, reason: .invalidPattern(error)))
        }
    }

    // ingress-nginx makes two locations of a prefix `/foo` whose Ingress has no pattern, `/foo/` and then `/foo`; the
    // second finds all that the first does. It leaves the second out where the host has an exact `/foo`.
    private func patternText(of rule: PathRule) -> String {
        guard rule.match == .prefix, !rule.asksForPatterns, exactPaths.contains(rule.path), !rule.path.hasSuffix("/")
        else { return rule.path }
        return rule.path + "/"
    }
}
