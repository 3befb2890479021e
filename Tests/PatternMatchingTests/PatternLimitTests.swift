import PatternMatching
import Testing

struct `The limits of patterns` {
    @Test(arguments: [
        ("an open group", "/(a", "missing closing parenthesis", 3),
        ("a repetition of nothing", "*", "quantifier does not follow a repeatable item", 0),
        ("an open set", "/[a", "missing terminating ] for character class", 3),
        ("a set that runs backwards", "/[z-a]", "range out of order in character class", 4),
        ("a group that is not there", "/\\2(a)", "reference to non-existent subpattern", 2),
        ("UTF", "(*UTF)/a", "using UTF is disabled by the application", 6),
    ])
    func `a text that is no pattern says where and why`(name: String, text: String, reason: String, position: Int) {
        let error = PatternError.invalid(reason: reason, position: position)
        #expect(throws: error) { try Pattern(text) }
        // Behind a caret some are other mistakes: there is something to repeat, and a verb is too late.
        if text.first == "*" || text.hasPrefix("(*") { return }
        #expect(throws: error) { try Pattern(text, options: [.fromStart, .ignoringCase]) }
    }

    @Test func `a text may be as long as the limit and no longer`() throws {
        let longest = String(repeating: "a", count: Pattern.bytesMax)
        #expect(try Pattern(longest, options: .fromStart).groupCount == 0)
        #expect(throws: PatternError.tooLong(bytes: Pattern.bytesMax + 1, max: Pattern.bytesMax)) {
            try Pattern(longest + "a")
        }
    }

    @Test func `the last group that is allowed catches`() throws {
        let text = String(repeating: "(.)", count: Pattern.groupsMax)
        var scratch = PatternScratch()
        let subject = String(repeating: "x", count: Pattern.groupsMax - 1) + "y"
        #expect(search(try Pattern(text), in: subject, with: &scratch)?.last == "y")
        #expect(throws: PatternError.tooManyGroups(count: Pattern.groupsMax + 1, max: Pattern.groupsMax)) {
            try Pattern(text + "(.)")
        }
    }

    @Test(arguments: ["((a|b){1,60}){1,60}", "((a{1,100}){1,100}){1,100}", "(((((x{99}){99}){99}){99}){99})"])
    func `a text that would grow beyond measure is refused`(text: String) {
        #expect(throws: PatternError.invalid(reason: "regular expression is too large", position: text.utf8.count)) {
            try Pattern(text)
        }
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        let name: String
        let pattern: String
        let subject: String

        var testDescription: String { name }
    }

    static let hostile = [
        Hostile(name: "nested repetition", pattern: "^(a+)+$", subject: String(repeating: "a", count: 4000) + "!"),
        Hostile(name: "alternatives alike", pattern: "^(a|a|aa)+$", subject: String(repeating: "a", count: 200) + "!"),
        Hostile(name: "not held", pattern: "(a+)+[bc]", subject: String(repeating: "a", count: 8000)),
        Hostile(name: "three stars", pattern: "/.*a.*b.*[cd]", subject: String(repeating: "/ab", count: 2700)),
        Hostile(name: "back-reference", pattern: "^(.+)*\\1[yz]$", subject: String(repeating: "ab", count: 1000)),
        Hostile(name: "recursion", pattern: "^(a(?1)?a?)*$", subject: String(repeating: "a", count: 3000) + "!"),
        Hostile(name: "interpreted", pattern: "(*NO_JIT)^(a+)+$", subject: String(repeating: "a", count: 4000) + "!"),
        Hostile(
            name: "interpreted, not held",
            pattern: "(*NO_JIT)(a+)+[bc]",
            subject: String(repeating: "a", count: 8000)
        ),
    ]

    @Test(arguments: hostile) func `a search that would not end is given up, and says so`(example: Hostile) throws {
        let pattern = try Pattern(example.pattern)
        var scratch = PatternScratch()
        #expect(search(pattern, in: example.subject, with: &scratch) == nil)
        let (fault, count) = (scratch.fault, scratch.faultCount)
        #expect(fault != nil)
        #expect(count == 1)
        // The scratch is as good as new.
        #expect(search(try Pattern("a(b)?"), in: "xab", with: &scratch) == ["ab", "b"])
        let cleared = scratch.fault
        #expect(cleared == nil)
    }

    @Test(arguments: [
        ("many elements", "^(/[^/]+)*/x$", String(repeating: "/segment", count: 1000) + "/x"),
        ("many elements, found late", "/x(/[^/]+)*$", String(repeating: "/y", count: 3000) + "/x/y/z"),
        ("a long rest", "/something(/|$)(.*)", "/something/" + String(repeating: "a/b", count: 2700)),
        ("a long rest, found late", "/api/(v[0-9]+)/(.*)", String(repeating: "/a", count: 2000) + "/api/v1/rest"),
    ])
    func `long paths are found by patterns of the usual kind`(name: String, text: String, subject: String) throws {
        var scratch = PatternScratch()
        #expect(search(try Pattern(text), in: subject, with: &scratch) != nil)
        let fault = scratch.fault
        #expect(fault == nil)
    }
}
