import LoadBalancing
import Testing

@testable import Routing

/// The lookup against what the documentation of Kubernetes says, word by word.
struct `The lookup of plain paths` {
    // The longest path that stands for the request; of two equally long ones the exact one.
    private func reference(_ rules: [PathRule], _ path: String) -> String {
        func elements(_ path: String) -> [Substring] {
            var parts = path.split(separator: "/", omittingEmptySubsequences: false)
            while let last = parts.last, last.isEmpty { parts.removeLast() }
            return parts
        }
        if let exact = rules.first(where: { $0.match == .exact && $0.path == path }) {
            return exact.route.origin.service
        }
        let wanted = path.split(separator: "/", omittingEmptySubsequences: false)
        var best: (length: Int, name: String)?
        for rule in rules where rule.match == .prefix {
            let parts = elements(rule.path)
            guard wanted.starts(with: parts), best.map({ $0.length < parts.count }) ?? true else { continue }
            best = (parts.count, rule.route.origin.service)
        }
        return best?.name ?? "default"
    }

    @Test(arguments: 0..<60) func `finds what the reference finds`(seed: UInt64) {
        var random = SmallRandom(seed: seed)
        let words = ["a", "b", "aa", "ab", "foo", "FOO", "foo.bar", "x y", String(repeating: "long", count: 20)]
        func path() -> String {
            let depth = Int.random(in: 0...5, using: &random)
            let parts = (0..<depth).map { _ in words.randomElement(using: &random) ?? "a" }
            let ending = depth > 0 && Bool.random(using: &random) ? "/" : ""
            return "/" + parts.joined(separator: "/") + ending
        }
        var seen: Set<String> = []
        var rules: [PathRule] = []
        for number in 0..<Int.random(in: 1...120, using: &random) {
            let match: PathRule.Match = Bool.random(using: &random) ? .exact : .prefix
            let path = path()
            // Of two for the same requests the choice is another test's.
            let key = match == .exact ? path : "prefix " + (path.hasSuffix("/") ? String(path.dropLast()) : path)
            guard seen.insert(key).inserted else { continue }
            rules.append(PathRule(path: path, match: match, route: route("\(number) \(match) \(path)")))
        }
        let compiled = VirtualHost.compile(name: "h", fallback: route("default"), rules: rules.shuffled(using: &random))
        #expect(compiled.problems.isEmpty)
        for _ in 0..<200 {
            var wanted = path()
            if Bool.random(using: &random), let rule = rules.randomElement(using: &random) {
                wanted = rule.path + (Bool.random(using: &random) ? "" : wanted)
            }
            #expect(compiled.host.name(for: wanted) == reference(rules, wanted), "\(wanted)")
        }
    }
}
