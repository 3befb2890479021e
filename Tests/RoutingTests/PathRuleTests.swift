import PatternMatching
import Testing

@testable import Routing

/// The rules of Kubernetes for paths, on hosts of which no path asks for patterns.
struct `A host without patterns` {
    struct Case: Sendable, CustomTestStringConvertible {
        let rules: [String]
        let path: String
        let expected: String

        init(_ rules: [String], _ path: String, _ expected: String) {
            self.rules = rules
            self.path = path
            self.expected = expected
        }

        var testDescription: String { "\(rules.joined(separator: ", ")): \(path) is led to \(expected)" }
    }

    // The table in the documentation of Kubernetes, in its order.
    static let documented = [
        Case(["Prefix /"], "/", "Prefix /"),
        Case(["Prefix /"], "/any/path", "Prefix /"),
        Case(["Exact /foo"], "/foo", "Exact /foo"),
        Case(["Exact /foo"], "/bar", "default"),
        Case(["Exact /foo"], "/foo/", "default"),
        Case(["Exact /foo/"], "/foo", "default"),
        Case(["Prefix /foo"], "/foo", "Prefix /foo"),
        Case(["Prefix /foo"], "/foo/", "Prefix /foo"),
        Case(["Prefix /foo/"], "/foo", "Prefix /foo/"),
        Case(["Prefix /foo/"], "/foo/", "Prefix /foo/"),
        Case(["Prefix /aaa/bb"], "/aaa/bbb", "default"),
        Case(["Prefix /aaa/bbb"], "/aaa/bbb", "Prefix /aaa/bbb"),
        Case(["Prefix /aaa/bbb/"], "/aaa/bbb", "Prefix /aaa/bbb/"),
        Case(["Prefix /aaa/bbb"], "/aaa/bbb/", "Prefix /aaa/bbb"),
        Case(["Prefix /aaa/bbb"], "/aaa/bbb/ccc", "Prefix /aaa/bbb"),
        Case(["Prefix /aaa/bbb"], "/aaa/bbbxyz", "default"),
        Case(["Prefix /", "Prefix /aaa"], "/aaa/ccc", "Prefix /aaa"),
        Case(["Prefix /", "Prefix /aaa", "Prefix /aaa/bbb"], "/aaa/bbb", "Prefix /aaa/bbb"),
        Case(["Prefix /", "Prefix /aaa", "Prefix /aaa/bbb"], "/ccc", "Prefix /"),
        Case(["Prefix /aaa"], "/ccc", "default"),
        Case(["Prefix /foo", "Exact /foo"], "/foo", "Exact /foo"),
    ]

    // The features of ingress-controller-conformance about paths.
    static let conformance = [
        Case(["Exact /foo"], "/FOO", "default"),
        Case(["Prefix /foo"], "/FOO", "default"),
        Case(["Prefix /aaa/bbb", "Prefix /aaa"], "/aaa/bbb", "Prefix /aaa/bbb"),
        Case(["Prefix /aaa/bbb", "Prefix /aaa"], "/aaa/bbb/ccc", "Prefix /aaa/bbb"),
        Case(["Prefix /aaa/bbb", "Prefix /aaa"], "/aaa/ccc", "Prefix /aaa"),
        Case(["Prefix /aaa/bbb", "Prefix /aaa"], "/aaaccc", "default"),
        Case(["Exact /foo", "Prefix /foo"], "/foo", "Exact /foo"),
        Case(["Prefix /aaa/bbb/"], "/aaa/bbb/", "Prefix /aaa/bbb/"),
    ]

    // What nginx and the specification leave to good sense.
    static let others = [
        Case(["Prefix /foo"], "/foo/x", "Prefix /foo"),
        Case(["Prefix /foo"], "/foobar", "default"),
        Case(["Prefix /foo/"], "/foo/x", "Prefix /foo/"),
        Case(["Prefix /foo/"], "/foobar", "default"),
        Case(["Exact /foo/"], "/foo/", "Exact /foo/"),
        Case(["Exact /foo/", "Prefix /foo"], "/foo/", "Exact /foo/"),
        Case(["Exact /foo", "Prefix /foo/"], "/foo", "Exact /foo"),
        Case(["Exact /foo", "Prefix /foo/"], "/foo/", "Prefix /foo/"),
        Case(["Exact /foo", "Prefix /foo"], "/foo/x", "Prefix /foo"),
        Case(["Exact /", "Prefix /"], "/", "Exact /"),
        Case(["Exact /", "Prefix /"], "/x", "Prefix /"),
        Case(["Exact /"], "/x", "default"),
        Case(["Exact /a.b"], "/aXb", "default"),
        Case(["Prefix /a/b/c/d", "Prefix /a/b"], "/a/b/c/dx", "Prefix /a/b"),
        Case(["Prefix /a/b/c/d", "Prefix /a/b"], "/a/b/c", "Prefix /a/b"),
        Case(["Prefix /a b"], "/a b/c", "Prefix /a b"),
        Case(["Prefix /ä"], "/ä/x", "Prefix /ä"),
        Case([], "/", "default"),
        Case(["Prefix /"], "*", "Prefix /"),
        Case(["Prefix /foo"], "", "default"),
    ]

    @Test(arguments: documented + conformance + others) func `leads a request by its path`(example: Case) {
        #expect(host(example.rules).name(for: example.path) == example.expected)
    }

    // Strictness says nothing where no path asks for patterns.
    @Test(arguments: documented + conformance + others) func `leads it the same way if strict`(example: Case) {
        #expect(host(example.rules, isStrict: true).name(for: example.path) == example.expected)
    }

    @Test(arguments: [
        ("the same path", "Prefix /foo", "Prefix /foo", "/foo/x"),
        ("the same path but for the slash, which is longer", "Prefix /foo/", "Prefix /foo", "/foo/x"),
        ("the same exact path", "Exact /foo", "Exact /foo", "/foo"),
        ("everything", "Prefix /", "Prefix /", "/foo"),
    ])
    func `the second of two for the same requests is reported`(name: String, one: String, other: String, path: String) {
        let compiled = VirtualHost.compile(
            name: "h",
            fallback: route("default"),
            rules: [rule(one, to: "first", id: 7), rule(other, to: "second", id: 8)]
        )
        #expect(compiled.host.name(for: path) == "first")
        #expect(compiled.problems.map(\.reason) == [.shadowed(by: 7)])
        #expect(compiled.problems.map(\.rule.route.id) == [8])
    }

    @Test func `routes are listed with the longest paths in front`() {
        let names = host(["Prefix /", "Prefix /aaa/bbb", "Exact /foo", "Prefix /goo"]).allRoutes.map(\.origin.service)
        #expect(names == ["Prefix /aaa/bbb", "Prefix /goo", "Exact /foo", "Prefix /"])
    }
}
