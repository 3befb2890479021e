import PatternMatching

@testable import Routing

/// A route whose origin has this name, so that tests can say which one they got.
func route(_ name: String, id: Int = 0) -> Route {
    var origin = RouteOrigin()
    origin.service = name
    return Route(id: id, origin: origin)
}

func text(_ bytes: borrowing Span<UInt8>) -> String {
    String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
}

extension VirtualHost {
    /// The name of the route of a path.
    func name(for path: String) -> String {
        var scratch = PatternScratch()
        let bytes = Array(path.utf8)
        return route(for: bytes.span, scratch: &scratch).origin.service
    }
}

extension RoutingTable {
    /// The name of the host of a request.
    func name(for host: String) -> String {
        let bytes = Array(host.utf8)
        return self.host(bytes.span).name
    }
}

/// A rule as a word of tests: `Exact /foo`, `Prefix /foo`, or `Regex /foo`, which asks for patterns.
func rule(_ text: String, to name: String? = nil, id: Int = 0) -> PathRule {
    let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    return PathRule(
        path: String(words[1]),
        match: words[0] == "Exact" ? .exact : .prefix,
        asksForPatterns: words[0] == "Regex",
        route: route(name ?? text, id: id)
    )
}

/// A host with rules as words of tests; the fallback is called `default`.
func host(_ rules: [String], isStrict: Bool = false) -> VirtualHost {
    VirtualHost.compile(
        name: "h",
        fallback: route("default"),
        rules: rules.map { rule($0) },
        isStrict: isStrict
    ).host
}
