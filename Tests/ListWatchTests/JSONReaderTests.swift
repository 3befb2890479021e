import KubernetesAPI
import ListWatch
import Testing

@testable import Manifests

struct `Reading JSON` {
    private func value(_ text: String) throws(JSONError) -> ObjectValue {
        try JSONReader.value(of: Array(text.utf8).span)
    }

    @Test(arguments: [
        (#"{"a":[1,-2,0,1.5,-0.25e2,true,false,null,"x"]}"#),
        (#" { "a" : { } , "b" : [ ] } "#), (#""\u00e9\ud83d\ude00\n\"\\\/\b\f\r\t""#), ("\"é😀\""), ("[]"), ("0"),
        ("-0"),
        ("9223372036854775807"), ("-9223372036854775808"), ("1E5"), ("1e+5"), (#""\u0000""#), (#"{"":""}"#),
        (#"[[[[[[]]]]]]"#),
    ])
    func `gives what jansson gives`(_ text: String) throws {
        #expect(try value(text) == jsonTree(of: Array(text.utf8)[...]))
    }

    @Test(arguments: [
        "", " ", "{", "[", "]", "}", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[1 2]", "{a:1}", "'a'",
        "\"",
        "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800x\"", "\"\\udc00\"", "\"\u{1}\"", "01", "-", "+1", "1.", ".5",
        "1e",
        "1e+", "0x1", "nul", "nulll", "truefalse", "NaN", "Infinity", "1 2", "{}{}", "[1]]", "\"a", "-01", "1-2", "--1",
        "{\"a\" 1}", "{\"a\":1 \"b\":2}", "[,]", "{,}", "1e999",
    ])
    func `refuses what jansson refuses`(_ text: String) {
        #expect(throws: ManifestSyntaxError.self) { try jsonTree(of: Array(text.utf8)[...]) }
        #expect(throws: JSONError.self) { try value(text) }
    }

    @Test func `refuses bytes that are no UTF-8`() {
        for bytes in [[0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]] as [[UInt8]] {
            #expect(throws: JSONError.self) { try JSONReader.value(of: bytes.span) }
        }
    }

    @Test func `refuses what is nested too deep`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try value(nested(100))
        #expect(throws: JSONError.self) { try value(nested(101)) }
        #expect(throws: JSONError.self) { try value(nested(100_000)) }
    }

    @Test func `passes over what nobody reads`() throws {
        let text =
            #"{"metadata":{"managedFields":[{"f:a":{"k:{\"x\":1}":{}}},"]",1],"name":"a","annotations":{"#
            + #""kubectl.kubernetes.io/last-applied-configuration":"{\"a\":\"}\"}","b":"c"}}}"#
        #expect(try value(text) == value(#"{"metadata":{"name":"a","annotations":{"b":"c"}}}"#))
    }

    @Test func `agrees with jansson about texts that were damaged`() throws {
        let text = Array(#"{"a":[1,{"b":"c\u00e9\n"},-1.5e3,null,true],"d":{"e":"f"}}"#.utf8)
        var random = SplitMix(state: 20_260_504)
        var agreed = 0
        for _ in 0..<20_000 {
            var damaged = text
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                let bytes = Array(#"{}[]",:\0123456789eE+-.tfnu "#.utf8)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged[place] = bytes.randomElement(using: &random) ?? 0
                case 1: damaged.remove(at: place)
                default: damaged.insert(bytes.randomElement(using: &random) ?? 0, at: place)
                }
            }
            let ours = try? JSONReader.value(of: damaged.span)
            let theirs = try? jsonTree(of: damaged[...])
            // jansson refuses objects with a name that stands twice; no server sends one.
            if ours != nil, theirs == nil, Self.hasRepeatedName(ours) { continue }
            if case .success(let tree)? = theirs.map({ Result<ObjectValue, Never>.success($0) }), ours != tree {
                Issue.record("\(String(decoding: damaged, as: UTF8.self)): \(String(describing: ours)), not \(tree)")
            } else if theirs == nil, ours != nil {
                Issue.record("\(String(decoding: damaged, as: UTF8.self)) was not refused")
            }
            agreed += theirs == nil ? 0 : 1
        }
        #expect(agreed > 100)
    }

    private static func hasRepeatedName(_ value: ObjectValue?) -> Bool {
        switch value {
        case .object(let members)?:
            Set(members.map(\.name)).count < members.count || members.contains { hasRepeatedName($0.value) }
        case .array(let elements)?: elements.contains { hasRepeatedName($0) }
        default: false
        }
    }
}

/// Chance that is the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
