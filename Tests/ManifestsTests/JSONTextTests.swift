import KubernetesAPI
import Testing

@testable import Manifests

struct `A JSON file` {
    @Test func `holds one document or many`() {
        let result = contents(of: serviceJSON("a") + "\n" + serviceJSON("b") + serviceJSON("c"), .json)
        #expect(result.names == ["Service default/a", "Service default/b", "Service default/c"])
        #expect(
            result.origins == [
                "web.json document 1 (line 1)", "web.json document 2 (line 2)", "web.json document 3 (line 2)",
            ]
        )
        #expect(result.problems == [])
    }

    @Test(arguments: ["", " \n", "null", "\u{FEFF}"])
    func `may hold nothing`(_ text: String) {
        #expect(contents(of: text, .json).names == [])
        #expect(contents(of: text, .json).problems == [])
    }

    @Test func `gives the items of a list one by one, with their lines`() {
        let text = """
            {
              "apiVersion": "v1",
              "items": [
                \(serviceJSON("a")),
                {"metadata": {"name": "b"}, "spec": {"ports": [{"port": 0}]}},
                {"metadata": {"name": "c"}, "spec": {"ports": [{"port": 81}]}}
              ],
              "kind": "ServiceList",
              "metadata": {"resourceVersion": ""}
            }
            """
        let result = contents(of: text, .json)
        #expect(result.names == ["Service default/a", "Service default/c"])
        #expect(result.origins == ["web.json document 1 item 1 (line 4)", "web.json document 1 item 3 (line 6)"])
        #expect(
            result.problems == [
                "web.json document 1 item 2 (line 5): Service default/b: spec.ports[0].port: 0 is not between 1 and "
                    + "65535; the Service is left out"
            ]
        )
    }

    @Test func `with a broken item keeps the others`() {
        let text =
            "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n\(serviceJSON("a")),\n{\"kind\": tru},\n\(serviceJSON("c"))]}"
        let result = contents(of: text, .json)
        #expect(result.names == ["Service default/a", "Service default/c"])
        #expect(
            result.problems
                == ["web.json document 1 item 2: line 3, column 12: invalid token near 'tru'; the item is left out"]
        )
        #expect(result.syntaxProblems.count == 1)
    }

    @Test func `with a broken document keeps the others`() {
        let result = contents(of: serviceJSON("a") + "\n{\"kind\": }\n" + serviceJSON("c"), .json)
        #expect(result.names == ["Service default/a", "Service default/c"])
        #expect(
            result.problems
                == ["web.json document 2: line 2, column 10: unexpected token near '}'; the document is left out"]
        )
    }

    @Test(
        arguments: [
            ("{\"a\": 1", "line 1, column 7: '}' expected near end of file"),
            (
                "{\"a\": \"b\u{6}\u{1b}[31m\"}",
                "line 1, column 8: control character 0x6 near '\"b'"
            ),
            (
                "{\u{6}: 1}",
                "line 1, column 2: string or '}' expected near '\\u{6}'"
            ),
            ("{\"a\": \"b", "line 1, column 8: premature end of input near '\"b'"),
            ("kind: Service", "line 1, column 4: invalid token near 'kind'"),
            ("}", "line 1, column 1: unexpected token near '}'"),
            ("{\"a\": 1, \"a\": 2}", "line 1, column 12: duplicate object key near '\"a\"'"),
            ("{\n\"items\": [1 2]}", "line 2, column 13: ']' expected near '2'"),
            ("{\"items\": [], \"b\"\n}", "line 2, column 1: ':' expected near '}'"),
            ("{\"items\": [\n1\n], \"b\"\n}", "line 4, column 1: ':' expected near '}'"),
        ]
    )
    func `that is malformed is a problem with line and column`(_ text: String, _ message: String) {
        #expect(contents(of: text, .json).problems == ["web.json document 1: \(message); the document is left out"])
    }

    @Test func `with another object that has items is one object`() {
        let text = #"{"apiVersion":"v1","kind":"Event","metadata":{"name":"x"},"items":[\#(serviceJSON("a"))]}"#
        let result = contents(of: text, .json)
        #expect(result.names == [])
        #expect(result.problems == [])
        #expect(result.decoded.notices.count == 1)
        #expect(contents(of: text).names == [])
    }

    @Test func `reads escapes, zeros and numbers as they are`() throws {
        let text = #"{"a":"\u00e9\"\\\n","b":1.5,"c":-3,"d":true,"e":false,"f":null,"g":[],"h":"a\u0000b"}"#
        let value = try jsonTree(of: Array(text.utf8)[...])
        let expected: [(String, ObjectValue)] = [
            ("a", .string("é\"\\\n")), ("b", .number(1.5)), ("c", .integer(-3)), ("d", .bool(true)),
            ("e", .bool(false)), ("f", .null), ("g", .array([])),
            ("h", .string("a\u{0}b")),
        ]
        guard case .object(let members) = value else {
            Issue.record("no object")
            return
        }
        #expect(members.map(\.name) == expected.map(\.0))
        #expect(members.map(\.value) == expected.map(\.1))
    }
}
