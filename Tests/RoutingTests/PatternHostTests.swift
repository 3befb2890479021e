import PatternMatching
import Testing

@testable import Routing

/// What ingress-nginx does with a host once one of its paths is a pattern.
struct `A host with patterns` {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let rules: [String]
        let path: String
        let expected: String

        init(_ name: String, _ rules: [String], _ path: String, _ expected: String) {
            self.name = name
            self.rules = rules
            self.path = path
            self.expected = expected
        }

        var testDescription: String { "\(name): \(path)" }
    }

    static let cases = [
        Case("held at the start alone", ["Regex /foo"], "/foobar", "Regex /foo"),
        Case("held at the start", ["Regex /foo"], "/x/foo", "default"),
        Case("case says nothing", ["Regex /foo"], "/FOO/Bar", "Regex /foo"),
        Case("case says nothing in the pattern", ["Regex /[A-Z]+$"], "/abc", "Regex /[A-Z]+$"),
        Case("an end holds", ["Regex /foo$"], "/foobar", "default"),
        Case(
            "the longer text goes first, though another says more: the documented surprise",
            ["Regex /foo/bar/bar", "Regex /foo/bar/[A-Z0-9]{3}"],
            "/foo/bar/bar",
            "Regex /foo/bar/[A-Z0-9]{3}"
        ),
        Case("the shorter text gets the rest", ["Regex /foo/.*", "Regex /foo/bar/.+"], "/foo/x", "Regex /foo/.*"),
        Case("of equal lengths the greater text goes first", ["Regex /a.*", "Regex /ab*"], "/ab", "Regex /ab*"),
        Case("the order of declaration says nothing", ["Regex /ab*", "Regex /a.*"], "/ab", "Regex /ab*"),
        Case("exact paths of others lose their exactness", ["Regex /x", "Exact /foo"], "/foo/bar", "Exact /foo"),
        Case("exact paths of others lose their case", ["Regex /x", "Exact /foo"], "/FOO", "Exact /foo"),
        Case("prefixes of others lose their elements", ["Regex /x", "Prefix /foo"], "/foobar", "Prefix /foo"),
        Case("prefixes of others hold below", ["Regex /x", "Prefix /foo"], "/foo/bar", "Prefix /foo"),
        Case("a dot of others is any byte", ["Regex /x", "Prefix /a.b"], "/aXb", "Prefix /a.b"),
        Case("a prefix with a slash wants it", ["Regex /x", "Prefix /foo/"], "/foo", "default"),
        Case(
            "beside an exact path a prefix stands for what is below",
            ["Regex /x", "Prefix /foo", "Exact /foo"],
            "/foo/bar",
            "Prefix /foo"
        ),
        Case(
            "beside an exact path a prefix does not stand for the path",
            ["Regex /x", "Prefix /foo", "Exact /foo"],
            "/foo",
            "Exact /foo"
        ),
        Case(
            "an exact path in front takes what is below, too",
            ["Regex /x", "Exact /foo", "Prefix /foo"],
            "/foo/bar",
            "Exact /foo"
        ),
        Case("the root takes the rest", ["Regex /foo", "Prefix /"], "/bar", "Prefix /"),
        Case("without a root the fallback does", ["Regex /foo"], "/bar", "default"),
        Case("groups and alternatives", ["Regex /something(/|$)(.*)"], "/something", "Regex /something(/|$)(.*)"),
        Case("groups want a whole element", ["Regex /something(/|$)(.*)"], "/somethingelse", "default"),
        Case("look-ahead", ["Regex /(?!api/).+", "Prefix /"], "/api/x", "Prefix /"),
        Case("look-ahead lets others through", ["Regex /(?!api/).+", "Prefix /"], "/web", "Regex /(?!api/).+"),
        Case("back-references", ["Regex /(.)/\\1$"], "/a/a", "Regex /(.)/\\1$"),
        Case("named groups", ["Regex /(?<user>[a-z]+)/x"], "/bob/x", "Regex /(?<user>[a-z]+)/x"),
        Case("only the first alternative is held at the start", ["Regex /a|/b"], "/x/b", "Regex /a|/b"),
    ]

    @Test(arguments: cases) func `leads a request as ingress-nginx does`(example: Case) {
        #expect(host(example.rules).name(for: example.path) == example.expected)
    }

    static let strict = [
        Case("the pattern is one", ["Regex /v[0-9]+", "Prefix /foo"], "/V12x", "Regex /v[0-9]+"),
        Case("others keep their elements", ["Regex /v[0-9]+", "Prefix /foo"], "/foobar", "default"),
        Case("others keep their case", ["Regex /v[0-9]+", "Prefix /foo"], "/FOO", "default"),
        Case("others keep their exactness", ["Regex /v[0-9]+", "Exact /foo"], "/foo/", "default"),
        Case("others keep their dots", ["Regex /v[0-9]+", "Exact /a.b"], "/aXb", "default"),
        Case("the longer text goes first: a path", ["Regex /f.*", "Prefix /foo/bar"], "/foo/bar/x", "Prefix /foo/bar"),
        Case(
            "the longer text goes first: a pattern",
            ["Regex /f[a-z]+/b.*", "Prefix /foo"],
            "/foo/b",
            "Regex /f[a-z]+/b.*"
        ),
        Case("a pattern that is not there", ["Regex /f[a-z]+/b.*", "Prefix /foo"], "/foo/c", "Prefix /foo"),
        Case("the root is the last", ["Regex /.*", "Prefix /"], "/x", "Regex /.*"),
    ]

    @Test(arguments: strict) func `if strict, only the paths that ask for it are patterns`(example: Case) {
        #expect(host(example.rules, isStrict: true).name(for: example.path) == example.expected)
    }

    @Test(arguments: [false, true]) func `a path that is no pattern is out, and the others are not`(isStrict: Bool) {
        let compiled = VirtualHost.compile(
            name: "h",
            fallback: route("default"),
            rules: [rule("Regex /good"), rule("Regex /bad(", id: 3), rule("Prefix /other")],
            isStrict: isStrict
        )
        #expect(compiled.problems.map(\.rule.route.id) == [3])
        #expect(
            compiled.problems.map(\.reason) == [
                .invalidPattern(.invalid(reason: "missing closing parenthesis", position: 5))
            ]
        )
        #expect(compiled.host.name(for: "/good") == "Regex /good")
        #expect(compiled.host.name(for: "/bad(") == "default")
        #expect(compiled.host.name(for: "/other") == "Prefix /other")
    }

    @Test func `the second of two patterns alike is reported`() {
        let compiled = VirtualHost.compile(
            name: "h",
            fallback: route("default"),
            rules: [rule("Regex /a+", to: "first", id: 1), rule("Regex /a+", to: "second", id: 2)]
        )
        #expect(compiled.host.name(for: "/aa") == "first")
        #expect(compiled.problems.map(\.reason) == [.shadowed(by: 1)])
    }

    @Test func `a search that is given up leads to no other path`() {
        let host = host(["Regex /private/(a+)+$", "Prefix /"])
        var scratch = PatternScratch()
        let hostile = Array("/private/\(String(repeating: "a", count: 100))!".utf8)
        let name = host.route(for: hostile.span, scratch: &scratch).origin.service
        var fault = scratch.fault
        #expect(name == "default")
        #expect(fault == .tooManySteps)
        let next = Array("/public".utf8)
        let other = host.route(for: next.span, scratch: &scratch).origin.service
        fault = scratch.fault
        #expect(other == "Prefix /")
        #expect(fault == nil)
    }
}
