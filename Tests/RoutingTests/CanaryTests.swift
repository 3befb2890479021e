import PatternMatching
import Testing

@testable import Routing

struct `A canary` {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let canary: Canary
        var header: String?
        var cookie: String?
        var random = 99
        let expected: Canary.Choice

        var testDescription: String { name }
    }

    static func canary(
        header: Bool = false,
        rule: Canary.HeaderRule = .alwaysOrNever,
        cookie: Bool = false,
        weight: Int = 0,
        total: Int = 100
    ) -> Canary {
        Canary(
            backend: 1,
            name: "ns-canary-80",
            header: header ? Array("x-canary".utf8) : nil,
            headerRule: rule,
            cookie: cookie ? Array("canary".utf8) : nil,
            weight: weight,
            weightTotal: total
        )
    }

    static func value(_ text: String) -> Canary.HeaderRule { .equals(Array(text.utf8)) }

    static func matches(_ text: String) -> Canary.HeaderRule {
        guard let pattern = try? Pattern(text) else { fatalError("\(text) is a pattern") }
        return .matches(pattern)
    }

    static let cases = [
        Case(name: "header always", canary: canary(header: true), header: "always", expected: .canary),
        Case(
            name: "header never, though the weight is all",
            canary: canary(header: true, weight: 100),
            header: "never",
            expected: .main
        ),
        Case(
            name: "header never, though the cookie says always",
            canary: canary(header: true, cookie: true),
            header: "never",
            cookie: "always",
            expected: .main
        ),
        Case(
            name: "header always, though the cookie says never",
            canary: canary(header: true, cookie: true),
            header: "always",
            cookie: "never",
            expected: .canary
        ),
        Case(
            name: "another value goes on to the weight",
            canary: canary(header: true, weight: 100),
            header: "Always",
            expected: .canary
        ),
        Case(
            name: "another value goes on to the cookie",
            canary: canary(header: true, cookie: true),
            header: "maybe",
            cookie: "always",
            expected: .canary
        ),
        Case(name: "a header that the canary does not name", canary: canary(), header: "always", expected: .main),
        Case(
            name: "a value that is equal",
            canary: canary(header: true, rule: value("eu")),
            header: "eu",
            expected: .canary
        ),
        Case(
            name: "a value that is not",
            canary: canary(header: true, rule: value("eu")),
            header: "eux",
            expected: .main
        ),
        Case(
            name: "a value that minds case",
            canary: canary(header: true, rule: value("eu")),
            header: "EU",
            expected: .main
        ),
        Case(
            name: "with a value always says nothing",
            canary: canary(header: true, rule: value("eu")),
            header: "always",
            expected: .main
        ),
        Case(
            name: "with a value never says nothing",
            canary: canary(header: true, rule: value("eu"), weight: 100),
            header: "never",
            expected: .canary
        ),
        Case(
            name: "a pattern that is there",
            canary: canary(header: true, rule: matches("e.$")),
            header: "the eu",
            expected: .canary
        ),
        Case(
            name: "a pattern that is not",
            canary: canary(header: true, rule: matches("^e.$")),
            header: "the eu",
            expected: .main
        ),
        Case(
            name: "a pattern that is not there goes on to the cookie",
            canary: canary(header: true, rule: matches("^e"), cookie: true),
            header: "x",
            cookie: "always",
            expected: .canary
        ),
        Case(
            name: "a pattern of nothing, and no header",
            canary: canary(header: true, rule: matches("")),
            expected: .main
        ),
        Case(
            name: "a pattern that is given up, though the weight is all",
            canary: canary(header: true, rule: matches("^(a+)+$"), weight: 100),
            header: String(repeating: "a", count: 200) + "!",
            expected: .main
        ),
        Case(name: "cookie always", canary: canary(cookie: true), cookie: "always", expected: .canary),
        Case(
            name: "cookie never, though the weight is all",
            canary: canary(cookie: true, weight: 100),
            cookie: "never",
            expected: .main
        ),
        Case(
            name: "another cookie goes on to the weight",
            canary: canary(cookie: true, weight: 100),
            cookie: "1",
            expected: .canary
        ),
        Case(name: "a cookie that the canary does not name", canary: canary(), cookie: "always", expected: .main),
        Case(name: "no weight", canary: canary(), random: 0, expected: .main),
        Case(name: "half of the weight, below", canary: canary(weight: 50), random: 49, expected: .canary),
        Case(name: "half of the weight, above", canary: canary(weight: 50), random: 50, expected: .main),
        Case(name: "all of the weight", canary: canary(weight: 100), random: 99, expected: .canary),
        Case(
            name: "a hundred of two hundred, below",
            canary: canary(weight: 100, total: 200),
            random: 99,
            expected: .canary
        ),
        Case(
            name: "a hundred of two hundred, above",
            canary: canary(weight: 100, total: 200),
            random: 100,
            expected: .main
        ),
    ]

    @Test(arguments: cases) func `decides as ingress-nginx does`(example: Case) {
        var scratch = PatternScratch()
        let (header, cookie) = (
            example.header.map { Array($0.utf8) } ?? [], example.cookie.map { Array($0.utf8) } ?? []
        )
        let choice = example.canary.decide(
            headerValue: example.header == nil ? nil : header.span,
            cookieValue: example.cookie == nil ? nil : cookie.span,
            random: example.random,
            scratch: &scratch
        )
        #expect(choice == example.expected)
    }

    @Test(arguments: [(0, 100), (50, 100), (100, 100), (101, 101), (1000, 1000)])
    func `never counts on less than a hundred`(total: Int, bound: Int) {
        #expect(Self.canary(total: total).randomBound == bound)
    }
}
