import KubernetesAPI
import Testing

struct `A Secret is read` {
    private func read(_ members: [(String, ObjectValue)]) throws -> (Secret, [String]) {
        let head: [(String, ObjectValue)] = [("apiVersion", "v1"), ("kind", "Secret"), ("metadata", ["name": "x"])]
        let result = decode(.object((head + members).map { ObjectValue.Member(name: $0.0, value: $0.1) }))
        guard case .secret(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return (object, result.problems.map { "\($0.field ?? ""): \($0.message)" })
    }

    private func text(_ secret: Secret, _ key: Secret.Key) -> String? {
        secret.values[key].map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `with the values of the keys that a gateway uses`() throws {
        let (secret, problems) = try read([
            ("type", "kubernetes.io/tls"),
            ("data", ["tls.crt": "Y2VydA==", "tls.key": "a2V5", "password": "aHVudGVyMg==", "auth": "dTpo"]),
            ("stringData", ["ca.crt": "authority", "auth": "v:i"]),
        ])
        #expect(problems == [])
        #expect(secret.type == "kubernetes.io/tls")
        #expect(text(secret, .certificate) == "cert")
        #expect(text(secret, .privateKey) == "key")
        #expect(text(secret, .authorities) == "authority")
        #expect(text(secret, .users) == "v:i")
        #expect(secret.values.count == 4)
    }

    @Test(
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"), ("Zm9v\nYmFy\r\n", "foobar"), ("Zg=\n=\n", "f"),
            ("+/+/", "\u{fffd}\u{fffd}\u{fffd}"),
        ]
    )
    func `with base64 as RFC 4648 has it, whatever its lines`(_ encoded: String, _ decoded: String) throws {
        let (secret, problems) = try read([("data", ["auth": .string(encoded)])])
        #expect(problems == [])
        #expect(text(secret, .users) == decoded)
    }

    @Test(
        arguments: [
            ("Zm9", "its length is no multiple of four; it may be cut off"),
            ("Zm9vY", "its length is no multiple of four; it may be cut off"),
            ("Zm 9", "character 3 is none of A-Z, a-z, 0-9, + and /"),
            ("Zm9_", "character 4 is none of A-Z, a-z, 0-9, + and /"),
            ("Z===", "the = at character 2 is not at the end"), ("====", "the = at character 1 is not at the end"),
            ("Zg==Zg==", "the = at character 4 is not at the end"), ("Zg=v", "the = at character 3 is not at the end"),
            ("Zg===", "the = at character 4 is not at the end"),
            ("Zg=", "its length is no multiple of four; it may be cut off"),
        ]
    )
    func `without a value that is no base64, which is not shown`(_ encoded: String, _ rule: String) throws {
        let (secret, problems) = try read([("data", ["auth": .string(encoded), "tls.key": "a2V5"])])
        #expect(problems == ["data[auth]: the value is not base64: \(rule); this key is left out"])
        #expect(secret.values.count == 1)
    }

    @Test func `without a value that is no text`() throws {
        let (secret, problems) = try read([("data", ["auth": 7]), ("stringData", ["tls.key": 7])])
        #expect(
            problems == [
                "stringData[tls.key]: the value is not text; this key is left out",
                "data[auth]: the value is not base64: it is no text; this key is left out",
            ]
        )
        #expect(secret.values.isEmpty)
    }

    @Test func `and shows its keys alone`() throws {
        let (secret, _) = try read([("data", ["tls.key": "a2V5"])])
        #expect("\(secret)" == #"Secret default/x ["tls.key"]"#)
        #expect(secret.debugDescription == #"Secret default/x ["tls.key"]"#)
    }
}
