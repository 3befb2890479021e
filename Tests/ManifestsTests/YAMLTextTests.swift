import KubernetesAPI
import NetworkAddress
import Testing

@testable import Manifests

struct `A YAML file` {
    @Test func `holds many documents, each of which knows its place`() {
        let result = contents(of: "# a comment\n" + serviceText("a") + serviceText("b") + "---\n# nothing\n---\n")
        #expect(result.names == ["Service default/a", "Service default/b"])
        #expect(result.origins == ["web.yaml document 1 (line 3)", "web.yaml document 2 (line 13)"])
        #expect(result.problems == [])
    }

    @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "---\n---\n", "\u{FEFF}"])
    func `may hold nothing`(_ text: String) {
        let result = contents(of: text)
        #expect(result.names == [])
        #expect(result.problems == [])
    }

    @Test func `with a broken document keeps the others`() {
        let text = serviceText("a") + serviceText("b") + "---\nkind: [Service\nmetadata: {\n" + serviceText("d")
        let result = contents(of: text)
        #expect(result.names == ["Service default/a", "Service default/b", "Service default/d"])
        #expect(result.origins.last == "web.yaml document 4 (line 25)")
        #expect(result.syntaxProblems.count == 1)
        #expect(result.problems.first?.hasPrefix("web.yaml document 3: line ") == true)
        #expect(result.problems.first?.hasSuffix("; the document is left out") == true)
    }

    @Test(
        arguments: [
            ("a: b: c\n", "line 1, column 5: mapping values are not allowed in this context"),
            (
                "a: \"b\n",
                "line 2, column 1: found unexpected end of stream (while scanning a quoted scalar that begins 1 line above)"
            ),
            (
                "a:\n\tb: 1\n",
                "line 2, column 1: found character that cannot start any token (while scanning for the next token)"
            ),
            ("a: *b\n", "line 1, column 4: the alias *b has no anchor &b before it"),
            ("? [a]\n: b\n", "line 1, column 3: a list or an object stands where a key is expected"),
            ("a: {<<: 7}\n", "line 1, column 9: << merges a value that is no object"),
            ("a: {<<: [7]}\n", "line 1, column 9: << merges a value that is no object"),
            ("a: &x {b: *x}\n", "line 1, column 11: the alias *x has no anchor &x before it"),
        ]
    )
    func `that is malformed is a problem with line and column`(_ text: String, _ message: String) {
        #expect(contents(of: text).problems == ["web.yaml document 1: \(message); the document is left out"])
    }

    @Test func `that is no UTF-8 is a problem`() {
        let collected = ManifestContents(
            of: Array("kind: Service\nmetadata: ".utf8) + [0xff, 0xfe, 0x41],
            format: .yaml,
            name: "web.yaml",
            decoder: ObjectDecoder(kinds: [.service])
        )
        #expect(collected.names == [])
        #expect(collected.problems.count == 1)
        #expect(collected.problems.first?.hasPrefix("web.yaml document 1: line ") == true)
    }

    @Test func `says which object and field is wrong, and where`() {
        let result = contents(of: serviceText("a") + serviceText("b", port: 70000))
        #expect(result.names == ["Service default/a"])
        #expect(
            result.problems == [
                "web.yaml document 2 (line 12): Service default/b: spec.ports[0].port: 70000 is not between 1 and "
                    + "65535; the Service is left out"
            ]
        )
        #expect(result.decoded.leftOut.map(\.description) == ["Service default/b"])
    }

    @Test func `leaves out an object in which a key stands twice`() {
        let text = serviceText("a") + "  type: NodePort\n  type: ClusterIP\n" + serviceText("b")
        let result = contents(of: text)
        #expect(result.names == ["Service default/b"])
        #expect(
            result.problems == [
                "web.yaml document 1 (line 2): Service default/a: line 12: the key \"type\" stands twice in one object; "
                    + "the document is left out"
            ]
        )
        #expect(result.decoded.leftOut.map(\.description) == ["Service default/a"])
    }

    @Test func `finds a key that stands twice among many`() {
        let keys = (0..<40).map { "    key-\($0): v\n" }.joined()
        let text = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: x\n  labels:\n\(keys)    key-3: v\n"
        #expect(
            contents(of: text).problems == [
                "web.yaml document 1 (line 1): line 46: the key \"key-3\" stands twice in one object; "
                    + "the document is left out"
            ]
        )
    }

    @Test func `tells text from numbers as the API server does`() {
        let labels =
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels: {tier: %}\nspec: {ports: [{port: 80}]}\n"
        func labelled(_ value: String) -> ManifestContents {
            contents(of: String(labels.split(separator: "%")[0]) + value + labels.split(separator: "%")[1])
        }
        #expect(labelled("\"80\"").decoded.objects.first?.metadata.labels == ["tier": "80"])
        #expect(labelled("web").decoded.objects.first?.metadata.labels == ["tier": "web"])
        #expect(
            labelled("yes").problems == [
                "web.yaml document 1 (line 1): Service default/a: metadata.labels[tier]: the boolean true stands where "
                    + "text is expected; quote it: \"true\"; the Service is left out"
            ]
        )
    }

    @Test func `may have Windows line ends, directives and document ends`() {
        let text = "%YAML 1.1\n" + serviceText("a") + "...\n%YAML 1.1\n" + serviceText("b")
        #expect(contents(of: text).names == ["Service default/a", "Service default/b"])
        let windows = (serviceText("a") + serviceText("b")).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(contents(of: windows.joined(separator: "\r\n")).names == ["Service default/a", "Service default/b"])
    }

    @Test func `may hold JSON`() {
        #expect(contents(of: serviceJSON("a")).names == ["Service default/a"])
    }

    @Test func `keeps a separator that stands within text indented`() {
        let text =
            "apiVersion: v1\nkind: Event\nmetadata: {name: x}\ndata:\n  a: |\n    ---\n    b\n" + serviceText("b")
        let result = contents(of: text)
        #expect(result.names == ["Service default/b"])
        #expect(result.origins == ["web.yaml document 2 (line 9)"])
        #expect(result.problems == [])
        #expect(result.decoded.notices.count == 1)
    }
}

struct `Anchors and aliases` {
    @Test func `repeat a value`() throws {
        let text = """
            apiVersion: v1
            kind: Service
            metadata: {name: &name web, labels: &labels {app: *name, *name : x}}
            spec:
              selector: *labels
              ports: [{port: &port 80, targetPort: *port}]
            """
        let result = contents(of: text)
        #expect(result.problems == [])
        guard case .service(let service) = try #require(result.decoded.objects.first) else { return }
        #expect(service.selector == ["app": "web", "web": "x"])
        #expect(service.metadata.labels == service.selector)
    }

    @Test func `merge objects, of which the object's own members win and then the first`() throws {
        let text = """
            x: &one {port: 1, name: one}
            y: &two {port: 2, protocol: UDP, nodePort: 30000}
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              ports:
              - <<: [*one, *two]
                name: own
            """
        let result = contents(of: text)
        #expect(result.problems == [])
        guard case .service(let service) = try #require(result.decoded.objects.first) else { return }
        let port = try #require(service.ports.first)
        #expect(port.name == "own")
        #expect(port.port.description == "1")
        #expect(port.transport == .udp)
        #expect(port.nodePort?.description == "30000")
    }

    @Test func `in quotes are an ordinary key`() {
        let result = contents(
            of:
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels: {\"<<\": b}\nspec: {ports: [{port: 80}]}\n"
        )
        #expect(result.decoded.objects.first?.metadata.labels == ["<<": "b"])
    }

    @Test func `that stand for a billion values are refused`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let result = contents(of: text + "kind: Service\n")
        #expect(result.problems.count == 1)
        #expect(result.problems.first?.contains("aliases repeat more than 1000000 values") == true)
    }

    @Test func `hold in the items of a list`() {
        let text = """
            apiVersion: v1
            kind: List
            items:
            - &first
              apiVersion: v1
              kind: Service
              metadata: {name: a}
              spec: &spec {ports: [{port: 80}]}
            - <<: *first
              metadata: {name: b}
            - apiVersion: v1
              kind: Service
              metadata: {name: c}
              spec: *spec
            """
        let result = contents(of: text)
        #expect(result.problems == [])
        #expect(result.names == ["Service default/a", "Service default/b", "Service default/c"])
    }
}

struct `Deep nesting` {
    @Test(arguments: [ManifestFormat.yaml, .json])
    func `is refused in good time`(_ format: ManifestFormat) {
        let text = String(repeating: "[", count: 100_000)
        #expect(contents(of: text, format).syntaxProblems.count == 1)
        let closed = "{\"a\":" + String(repeating: "[", count: 500) + String(repeating: "]", count: 500) + "}"
        #expect(contents(of: closed, format).problems.first?.contains("nested deeper than 100") == true)
    }
}
