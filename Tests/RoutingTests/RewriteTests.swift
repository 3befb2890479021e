import ByteBuffers
import PatternMatching
import Testing

@testable import Routing

/// What nginx 1.22.1 sent to a backend for `rewrite "(?i)<path>" <target> break`, unless a case says otherwise.
struct `A rewrite` {
    struct Case: Sendable, CustomTestStringConvertible {
        let path: String
        let target: String
        let request: String
        let expected: String

        init(_ path: String, _ target: String, _ request: String, _ expected: String) {
            self.path = path
            self.target = target
            self.request = request
            self.expected = expected
        }

        var testDescription: String { "\(path) to \(target): \(request) becomes \(expected)" }
    }

    static let something = "/something(/|$)(.*)"

    static let cases = [
        // The example of the documentation, and which bytes are escaped in paths.
        Case(something, "/$2", "/something", "/"),
        Case(something, "/$2", "/something/", "/"),
        Case(something, "/$2", "/something/new", "/new"),
        Case(something, "/$2", "/SomeThing/x?q=1", "/x?q=1"),
        Case(something, "/$2", "/something/x?", "/x"),
        Case(something, "/$2", "/something?q", "/?q"),
        Case(something, "/$2", "/other", "unchanged"),
        Case(something, "/$2", "/something/a%20b", "/a%20b"),
        Case(something, "/$2", "/something/a%2Fb", "/a/b"),
        Case(something, "/$2", "/something/%C3%A4", "/%C3%A4"),
        Case(something, "/$2", "/something/a%3Fb%23c", "/a%3Fb%23c"),
        Case(something, "/$2", "/something/a\"b<c>^`{}|\\", "/a%22b%3Cc%3E%5E%60%7B%7D%7C%5C"),
        Case(something, "/$2", "/something/%25%7F%01", "/%25%7F%01"),
        Case(something, "/$2", "/something/a&b+c;d=e,f:g@h!$'()*~[x]", "/a&b+c;d=e,f:g@h!$'()*~[x]"),

        // The pattern is searched for anywhere, and all of the path becomes the target.
        Case(something, "/$2", "/x/something/y", "/y"),
        Case("/v1/", "/", "/v1/", "/"),
        Case("/v1/", "/", "/v1/users", "/"),
        Case("/v1/", "/", "/a/v1/b?x=1", "/?x=1"),
        Case("/api", "/x/", "/apix/y", "/x/"),
        Case("^/api/(.*)", "/$1", "/y/api/x", "unchanged"),
        Case("/foo$", "/bar", "/foo?x", "/bar?x"),
        Case("/foo$", "/bar", "/foo/", "unchanged"),
        Case("/api(?=/v)", "/w", "/api/v", "/w"),
        Case("/api(?=/v)", "/w", "/api", "unchanged"),

        // Groups.
        Case("/foo/([a-z]+)/([0-9]+)", "/$2/$1", "/foo/ABC/12/rest", "/12/ABC"),
        Case("/(a)|/(b)", "/x$1$2", "/a", "/xa"),
        Case("/(a)|/(b)", "/x$1$2", "/b", "/xb"),
        Case("/api/(.*)", "/$1$2", "/api/y", "/y"),
        Case("/a(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)", "/$1$2$3$4$5$6$7$8$9$10", "/aABCDEFGHIJ", "/ABCDEFGHIA0"),
        Case("/api/(?<rest>.*)", "/n/$rest", "/api/a%20b", "/n/a%20b"),
        Case("/api/(?<rest>.*)", "/n/${rest}x", "/api/y", "/n/yx"),

        // The query of the target.
        Case("/api", "/?p=1", "/api", "/?p=1"),
        Case("/api", "/?p=1", "/api?", "/?p=1"),
        Case("/api", "/?p=1", "/api?x=2", "/?p=1&x=2"),
        Case("/api/(.*)", "/s?q=$1", "/api/a?x=1", "/s?q=a&x=1"),
        Case("/api/(.*)", "/s?q=$1", "/api/?x=1", "/s?q=&x=1"),
        Case("/api/(.*)", "/s?$1", "/api/", "/s"),
        Case("/api/(.*)", "/s?$1", "/api/?x=1", "/s?&x=1"),
        Case("/api", "/x?", "/api?q=1", "/x"),
        Case("/api", "/x?", "/api", "/x"),
        Case("/api/(.*)", "/x/$1?a=b?", "/api/y?q=1", "/x/y?a=b"),
        Case("/api", "/a?b?c", "/api?q=1", "/a?b?c&q=1"),
        Case("/api", "/a??", "/api?q=1", "/a"),

        // What groups caught for the query is escaped if something in the path was.
        Case("/api/(.*)", "/s?q=$1", "/api/a&b", "/s?q=a&b"),
        Case("/api/(.*)", "/s?q=$1", "/api/a&b%20c", "/s?q=a%26b%20c"),
        Case("/api/(.*)", "/s?q=$1", "/api/a+b&c", "/s?q=a%2Bb%26c"),
        Case("/api/(.*)", "/s?q=$1", "/api/a%26b", "/s?q=a%26b"),
        Case("/api/(.*)", "/s?q=$1", "/api/a;b=1%20", "/s?q=a%3Bb=1%20"),
        Case("/api/(.*)", "/s?q=$1", "/api/!$'()*,-./:@[]_~%20", "/s?q=!$'()*,-./:@[]_~%20"),
        Case(
            "/api/(.*)",
            "/s?q=$1",
            "/api/%22%3C%3E%5C%5E%60%7B%7C%7D%7F%25%3F%23",
            "/s?q=%22%3C%3E%5C%5E%60%7B%7C%7D%7F%25%3F%23"
        ),

        // What was written in the target's path is escaped like what was caught.
        Case("/api", "/a%20b", "/api", "/a%2520b"),
        Case("/api", "/ä", "/api", "/%C3%A4"),
        Case("/api", "/a#b", "/api", "/a%23b"),

        // nginx answers these itself or sends what is no path; here they get the slash that they lack.
        Case("/api", "?a=b", "/api?q=1", "/?a=b&q=1"),
        Case("/api/(.*)", "$1", "/api/y", "/y"),
        Case("/api/(.*)", "$1", "/api/", "/"),
        Case("/api/(.*)", "$1/x", "/api/", "/x"),
        Case("/api(.*)", "$1", "/api/y", "/y"),
        Case("/api/(.*)", "x/$1", "/api/y", "/x/y"),
        Case("/api/(.*)", "%/$1", "/api/y", "/%25/y"),
        // nginx copies named groups into queries as they are, line feeds and all.
        Case("/api/(?<rest>.*)", "/n?q=$rest", "/api/a&b%20c", "/n?q=a%26b%20c"),
    ]

    @Test(arguments: cases) func `becomes what nginx makes of it`(example: Case) throws {
        let rewrite = try Rewrite(path: example.path, target: example.target)
        #expect(apply(rewrite, to: example.request) == example.expected)
    }

    @Test func `bytes that would break a request are escaped even if the caller says that nothing was`() throws {
        let rewrite = try Rewrite(path: "/api/([^!]*)", target: "/s?q=$1")
        var scratch = PatternScratch()
        var output = ByteBuffer()
        let path = Array("/api/a\r\nb #\u{7f}ä&".utf8)
        let none: [UInt8] = []
        _ = rewrite.apply(to: path.span, query: none.span, wasEscaped: false, scratch: &scratch, into: &output)
        #expect(text(output.bytes) == "/s?q=a%0D%0Ab%20%23%7F%C3%A4&")
    }

    @Test func `what is in the output already stays in front`() throws {
        let rewrite = try Rewrite(path: "/api(.*)", target: "$1")
        var scratch = PatternScratch()
        var output = ByteBuffer()
        output.append("GET ")
        let (path, query) = (Array("/apix".utf8), Array("q".utf8))
        _ = rewrite.apply(to: path.span, query: query.span, scratch: &scratch, into: &output)
        #expect(text(output.bytes) == "GET /x?q")
    }

    @Test func `a search that is given up is a fault, and writes nothing`() throws {
        let rewrite = try Rewrite(path: "/(a+)+$", target: "/x")
        #expect(apply(rewrite, to: "/" + String(repeating: "a", count: 200) + "!") == "fault tooManySteps")
    }

    static let refused: [(String, String, RewriteError)] = [
        ("/api(", "/", .invalidPattern(.invalid(reason: "missing closing parenthesis", position: 5))),
        ("/api", "/$", .danglingDollar(position: 1)),
        ("/api", "/a$-", .danglingDollar(position: 2)),
        ("/api", "/${}", .danglingDollar(position: 1)),
        ("/api", "/${1", .unclosedBrace(position: 1)),
        ("/(?<n>a)", "/${n", .unclosedBrace(position: 1)),
        ("/api", "/$0", .unknownName("0")),
        ("/(api)", "/${1}", .unknownName("1")),
        ("/api", "/$host", .unknownName("host")),
        ("/(?<name>a)", "/$names", .unknownName("names")),
        ("/api", "/a b", .invalidByte(0x20, position: 2)),
        ("/api", "/a?b\r\nX: y", .invalidByte(0x0d, position: 4)),
        ("/api", "https://x/", .absolute),
        ("/api", "$scheme://x/", .absolute),
        ("/api", "", .empty),
    ]

    @Test(arguments: refused) func `a target that is none says why`(path: String, target: String, error: RewriteError) {
        #expect(throws: error) { try Rewrite(path: path, target: target) }
    }

    /// Applies a rewrite to the target of a request, decoded as the gateway does.
    private func apply(_ rewrite: Rewrite, to request: String) -> String {
        let parts = request.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [UInt8] = []
        var rest = Array(parts[0].utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                path.append(byte)
                continue
            }
            path.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        let query = parts.count > 1 ? Array(parts[1].utf8) : []
        var scratch = PatternScratch()
        var output = ByteBuffer()
        let outcome = rewrite.apply(
            to: path.span,
            query: query.span,
            wasEscaped: parts[0].contains { $0 == "%" || $0 == "+" },
            scratch: &scratch,
            into: &output
        )
        switch outcome {
        case .rewritten: return text(output.bytes)
        case .unchanged: return output.isEmpty ? "unchanged" : "unchanged, but something was written"
        case .fault(let fault): return output.isEmpty ? "fault \(fault.name)" : "a fault, but something was written"
        }
    }
}

extension PatternFault {
    fileprivate var name: String { self == .tooManySteps ? "tooManySteps" : "other" }
}
