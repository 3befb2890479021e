import KubernetesAPI
import Testing

struct `Metadata` {
    private func read(_ metadata: ObjectValue, kind: ObjectValue = "Service") -> DecodedObjects {
        decode(["apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": ["ports": [["port": 80]]]])
    }

    @Test(
        arguments: [
            ("8f14e45f-ceea-467f-a8a8-0123456789ab", true), ("00000000-0000-0000-0000-000000000000", true),
            ("ffffffff-ffff-ffff-ffff-ffffffffffff", true), ("8F14E45F-CEEA-467F-A8A8-0123456789AB", false),
            ("8f14e45f-ceea-467f-a8a8-0123456789a", false), ("8f14e45f-ceea-467f-a8a8-0123456789ag", false),
            ("8f14e45f0ceea-467f-a8a8-0123456789ab", false), ("8f14e45f-ceea-467f-a8a-80123456789ab", false),
            ("u1", false), ("", false),
        ]
    )
    func `has the identity that an API server gave, or none`(_ text: String, _ isIdentity: Bool) throws {
        #expect(ObjectUID(text)?.description == (isIdentity ? text : nil))
        let result = read(["name": "web", "uid": .string(text)])
        guard case .service(let service)? = result.objects.first else {
            Issue.record("\(result)")
            return
        }
        #expect(service.metadata.uid == ObjectUID(text))
    }

    @Test func `takes whatever else a manifest calls an identity`() {
        #expect(read(["name": "web", "uid": 5]).problems.isEmpty)
    }

    @Test(
        arguments: [
            ([:], "Service: metadata.name: the name is missing"),
            (nil, "Service: metadata.name: the name is missing"),
            (["name": ""], "Service: metadata.name: the name is missing"),
            (
                ["generateName": "web-"],
                "Service: metadata.name: the name is missing; generateName works only through an API server"
            ),
            (["name": 80], #"Service: metadata.name: the integer 80 stands where text is expected; quote it: "80""#),
            (
                ["name": "a/b"],
                #"Service: metadata.name: "a/b" is no name: lower-case letters, digits, hyphens and dots"#
            ),
            (
                ["name": "a\nb"],
                #"Service: metadata.name: "a\nb" is no name: lower-case letters, digits, hyphens and dots"#
            ),
            (
                ["name": "web", "namespace": true],
                #"Service: metadata.namespace: the boolean true stands where text is expected; quote it: "true""#
            ),
            (["x"], "Service: metadata: a list stands where an object is expected"),
            (
                ["name": "web", "labels": ["tier": true]],
                "Service default/web: metadata.labels[tier]: the boolean true stands where text is expected; "
                    + #"quote it: "true""#
            ),
        ] as [(ObjectValue, String)]
    )
    func `that is invalid leaves the object out and is named`(_ metadata: ObjectValue, _ message: String) {
        let result = read(metadata)
        #expect(result.objects == [])
        #expect(
            result.problems.map(\.description)
                == ["web.yaml document 1 (line 1): \(message); the Service is left out"]
        )
    }

    @Test func `with a name of 254 characters leaves the object out`() {
        let result = read(["name": .string(String(repeating: "a", count: 254))])
        #expect(result.objects == [])
        #expect(result.problems.first?.message.contains("is longer than 253 characters") == true)
    }

    @Test func `of a Node has no namespace`() {
        let result = read(["name": "node-1", "namespace": "ignored"], kind: "Node")
        #expect(result.objects.map(\.reference.description) == ["Node node-1"])
    }

    @Test(arguments: [
        ("2026-05-04T03:02:01Z", "2026-05-04T03:02:01Z"),
        ("2026-05-04T03:02:01+02:00", nil),
        ("2026-05-04 03:02:01Z", nil),
        ("yesterday", nil),
    ])
    func `keeps a creation time only in the form that compares as text`(_ text: String, _ kept: String?) {
        let result = read(["name": "web", "creationTimestamp": .string(text)])
        #expect(result.objects.first?.metadata.creationTimestamp == kept)
        #expect(result.problems == [])
    }
}
