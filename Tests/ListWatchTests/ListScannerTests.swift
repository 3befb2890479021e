import KubernetesAPI
import ListWatch
import Testing

struct `Cutting a list into its items` {
    /// Feeds a body in pieces; returns the items and what is around them.
    private func cut(_ text: String, pieces: Int) throws -> (items: [String], around: String, hasEnded: Bool) {
        var scanner = ListScanner()
        var buffer: [UInt8] = []
        var items: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            buffer += rest.prefix(pieces)
            rest = rest.dropFirst(pieces)
            loop: while true {
                switch try scanner.next(in: buffer.span) {
                case .item(let range): items.append(String(decoding: buffer[range], as: UTF8.self))
                case .more(let used):
                    buffer.removeFirst(used)
                    break loop
                case .end: return (items, String(decoding: scanner.around, as: UTF8.self), true)
                }
            }
        }
        return (items, String(decoding: scanner.around, as: UTF8.self), false)
    }

    private static let list =
        #"{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"a]b\"c"}, "#
        + #""items" : [ {"a":"]}\"","b":[1,{"c":2}]} ,{"items":[1]},{}, 5 ,"x",null], "z": {"items":[2]} }"#

    @Test(arguments: [1, 2, 3, 5, 8, 1000])
    func `gives each item and what is around them, wherever the pieces are cut`(_ pieces: Int) throws {
        let (items, around, hasEnded) = try cut(Self.list + "\n", pieces: pieces)
        #expect(items == [#"{"a":"]}\"","b":[1,{"c":2}]}"#, #"{"items":[1]}"#, "{}", "5", #""x""#, "null"])
        #expect(
            around.filter { $0 != " " }
                == #"{"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"a]b\"c"},"#
                + #""items":[],"z":{"items":[2]}}"#
        )
        #expect(hasEnded)
        let envelope = try ListEnvelope(Array(around.utf8).span)
        #expect(envelope == ListEnvelope(version: ResourceVersion("7"), continuation: #"a]b"c"#))
    }

    @Test(arguments: [
        (#"{"metadata":{"resourceVersion":"7"},"items":[]}"#), (#"{"metadata":{"resourceVersion":"7"},"items":null}"#),
        (#"{"items":[],"metadata":{"resourceVersion":"7"}}"#), (#"{"metadata":{"resourceVersion":"7"}}"#),
    ])
    func `takes a list without items`(_ text: String) throws {
        for pieces in [1, 1000] {
            let (items, around, hasEnded) = try cut(text, pieces: pieces)
            #expect(items == [])
            #expect(hasEnded)
            #expect(try ListEnvelope(Array(around.utf8).span).version?.text == "7")
        }
    }

    @Test func `knows that a list is not complete, whatever is missing`() throws {
        let bytes = Array(Self.list.utf8)
        for count in 0..<bytes.count {
            let text = String(decoding: bytes[..<count], as: UTF8.self)
            #expect(try !cut(text, pieces: 10_000).hasEnded, "after \(count) bytes")
        }
    }

    @Test(arguments: [
        "[]", "x", "{]", "{}", #"{"items":[1 2]}"#, #"{"items":[1}"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#, "5", "{,",
    ])
    func `never takes anything else for a whole list`(_ text: String) {
        let result = try? cut(text, pieces: 1)
        #expect(result?.hasEnded != true)
    }

    @Test func `finds the end of every value in a stream, wherever it is cut`() {
        let values = [#"{"type":"ADDED","object":{"a":"}\\\""}}"#, "{}", "[1,[2]]", #""a\"b""#]
        let text = Array((values.joined(separator: "\n") + "\n").utf8)
        for cut in 0...text.count {
            var scanner = JSONValueScanner()
            var found: [String] = []
            var buffer: [UInt8] = []
            var position = 0
            var start = 0
            for piece in [text[..<cut], text[cut...]] {
                buffer += piece
                while scanner.advance(through: buffer.span, from: &position) {
                    found.append(String(decoding: buffer[start..<position], as: UTF8.self))
                    start = position
                }
            }
            #expect(found.map { $0.filter { $0 != "\n" } } == values)
            #expect(!scanner.hasBegun)
        }
    }
}
