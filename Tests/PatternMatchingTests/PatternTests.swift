import PatternMatching
import Testing

struct `A pattern` {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let pattern: String
        var options: Pattern.Options = []
        let subject: String
        let groups: [String?]?

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "is found anywhere", pattern: "b+", subject: "aabbbc", groups: ["bbb"]),
        Case(name: "is found at the start first", pattern: "a", subject: "aba", groups: ["a"]),
        Case(name: "is not there", pattern: "x", subject: "abc", groups: nil),
        Case(name: "minds case", pattern: "FOO", subject: "/foo", groups: nil),
        Case(name: "ignores case if told", pattern: "FOO", options: .ignoringCase, subject: "/foo", groups: ["foo"]),
        Case(name: "is held at the start if told", pattern: "b", options: .fromStart, subject: "ab", groups: nil),
        Case(
            name: "of two alternatives only the first is held at the start",
            pattern: "/a|/b",
            options: .fromStart,
            subject: "/x/b",
            groups: ["/b"]
        ),
        Case(name: "does not hold the end", pattern: "/a", options: .fromStart, subject: "/abc", groups: ["/a"]),
        Case(name: "groups catch", pattern: "/(.)/(.*)", subject: "/x/yz", groups: ["/x/yz", "x", "yz"]),
        Case(name: "a group that took no part", pattern: "(a)|(b)", subject: "b", groups: ["b", nil, "b"]),
        Case(name: "a group at the end that took no part", pattern: "(a)|(b)", subject: "a", groups: ["a", "a", nil]),
        Case(name: "a group of nothing", pattern: "a(.*)", subject: "a", groups: ["a", ""]),
        Case(name: "nothing in nothing", pattern: "^$", subject: "", groups: [""]),
        Case(name: "something in nothing", pattern: "a", subject: "", groups: nil),
        Case(name: "nothing at the end of something", pattern: "$", subject: "abc", groups: [""]),
        Case(name: "look-ahead", pattern: "/a(?=/b)", subject: "/a/b", groups: ["/a"]),
        Case(name: "negative look-ahead", pattern: "^/(?!api)", subject: "/api", groups: nil),
        Case(name: "look-behind past the first place", pattern: "(?<=a)b", subject: "ab", groups: ["b"]),
        Case(name: "back-reference", pattern: "^/(.)/\\1$", subject: "/x/x", groups: ["/x/x", "x"]),
        Case(name: "caret does not hold later places", pattern: "^b", subject: "ab", groups: nil),
        Case(name: "bytes are not characters", pattern: "^/..$", subject: "/ä", groups: ["/ä"]),
        Case(name: "a dot stops at a line feed", pattern: "^/.*$", subject: "/a\nb", groups: nil),
        Case(name: "possessive", pattern: "^/a++a", subject: "/aaa", groups: nil),
    ]

    @Test(arguments: cases) func `finds what PCRE2 finds`(example: Case) throws {
        let pattern = try Pattern(example.pattern, options: example.options)
        var scratch = PatternScratch()
        #expect(search(pattern, in: example.subject, with: &scratch) == example.groups)
        let fault = scratch.fault
        #expect(fault == nil)
    }

    @Test func `one scratch serves many patterns, and nothing of an earlier search is left`() throws {
        let long = try Pattern("(.)(.)(.)(.)")
        let short = try Pattern("(x)?y")
        var scratch = PatternScratch()
        #expect(search(long, in: "abcd", with: &scratch)?.count == 5)
        #expect(search(short, in: "y", with: &scratch) == ["y", nil])
        let stale = (2...70).contains { scratch.group($0) != nil }
        #expect(!stale)
        #expect(search(short, in: "abcd", with: &scratch) == nil)
        let whole = scratch.group(0)
        #expect(whole == nil)
    }

    @Test func `names stand for groups`() throws {
        let pattern = try Pattern("/(?<first>a)/(b)/(?<last>c)")
        #expect(pattern.group(named: "first") == 1)
        #expect(pattern.group(named: "last") == 3)
        #expect(pattern.group(named: "other") == nil)
        #expect(pattern.group(named: "") == nil)
        #expect(pattern.groupCount == 3)
    }

    @Test func `threads share a pattern, each with a scratch of its own`() async throws {
        let pattern = try Pattern("^/([a-z]+)/([0-9]+)$")
        let wrong = await withTaskGroup(of: Int.self) { group in
            for task in 0..<4 {
                group.addTask {
                    var scratch = PatternScratch()
                    return (0..<500).count { number in
                        let expected = ["/abc/\(task)\(number)", "abc", "\(task)\(number)"]
                        return search(pattern, in: expected[0], with: &scratch) != expected
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}

/// What the groups caught, or nil if the pattern was not found.
func search(_ pattern: Pattern, in subject: String, with scratch: inout PatternScratch) -> [String?]? {
    let bytes = Array(subject.utf8)
    guard pattern.find(in: bytes.span, scratch: &scratch) else { return nil }
    var groups: [String?] = []
    for number in 0...pattern.groupCount {
        groups.append(scratch.group(number).map { String(decoding: bytes[$0], as: UTF8.self) })
    }
    return groups
}
