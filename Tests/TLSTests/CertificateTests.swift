import NetworkAddress
import TLS
import Testing

/// Reading certificates and keys.
struct Certificates {
    struct BadCase: Sendable, CustomTestStringConvertible {
        let name: String
        var chain = TestCertificates.leaf
        var key = TestCertificates.leafKey
        let error: CertificateError
        var testDescription: String { name }
    }

    static let badCases = [
        BadCase(name: "no certificate", chain: "", error: .certificateEmpty),
        BadCase(name: "blanks for a certificate", chain: " \r\n\t\n", error: .certificateEmpty),
        BadCase(name: "words for a certificate", chain: "hello", error: .certificateNotPEM),
        BadCase(
            name: "a certificate that is cut off",
            chain: String(TestCertificates.leaf.dropLast(40)),
            error: .certificateNotPEM
        ),
        BadCase(
            name: "a key for a certificate",
            chain: TestCertificates.leafKey,
            error: .certificateMissing(found: "PRIVATE KEY")
        ),
        BadCase(name: "no key", key: "", error: .keyEmpty),
        BadCase(name: "words for a key", key: "hello", error: .keyNotPEM),
        BadCase(name: "a certificate for a key", key: TestCertificates.leaf, error: .keyMissing(found: "CERTIFICATE")),
        BadCase(name: "an encrypted key", key: TestCertificates.leafKeyEncrypted, error: .keyEncrypted),
        BadCase(name: "an encrypted old key", key: TestCertificates.leafKeyEncryptedTraditional, error: .keyEncrypted),
        BadCase(name: "the key of another", key: TestCertificates.clientKey, error: .keyDoesNotMatch),
        BadCase(name: "a key of another type", key: TestCertificates.rsaKey, error: .keyDoesNotMatch),
        BadCase(
            name: "a key that is too short",
            chain: TestCertificates.weak,
            key: TestCertificates.weakKey,
            error: .refused(reason: "ee key too small")
        ),
    ]

    @Test(arguments: badCases)
    func `a pair that cannot be used is refused with the reason`(_ example: BadCase) {
        #expect(throws: example.error) { try Fixture.certificate(example.chain, example.key) }
    }

    @Test func `bytes that are no certificate are told apart by their place in the chain`() {
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        for (chain, place) in [(garbage, 1), (TestCertificates.leaf + "\n" + garbage, 2)] {
            let error = #expect(throws: CertificateError.self) {
                try Fixture.certificate(chain, TestCertificates.leafKey)
            }
            guard case .certificateUnreadable(position: place, _)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        let key = garbage.replacing("CERTIFICATE", with: "PRIVATE KEY")
        let error = #expect(throws: CertificateError.self) { try Fixture.certificate(TestCertificates.leaf, key) }
        guard case .keyUnreadable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    struct KeyCase: Sendable, CustomTestStringConvertible {
        let name: String
        let chain: String
        let key: String
        let type: TLSCertificate.KeyType
        var testDescription: String { name }
    }

    static let keyCases = [
        KeyCase(name: "ECDSA", chain: TestCertificates.leaf, key: TestCertificates.leafKey, type: .ecdsa),
        KeyCase(
            name: "old ECDSA",
            chain: TestCertificates.leaf,
            key: TestCertificates.leafKeyTraditional,
            type: .ecdsa
        ),
        KeyCase(name: "RSA", chain: TestCertificates.rsa, key: TestCertificates.rsaKey, type: .rsa),
        KeyCase(name: "old RSA", chain: TestCertificates.rsa, key: TestCertificates.rsaKeyTraditional, type: .rsa),
        KeyCase(name: "Ed25519", chain: TestCertificates.ed25519, key: TestCertificates.ed25519Key, type: .ed25519),
        KeyCase(
            name: "certificate and key in one text",
            chain: TestCertificates.leafKey + "\n" + TestCertificates.leaf,
            key: TestCertificates.leaf + "\n" + TestCertificates.leafKey,
            type: .ecdsa
        ),
    ]

    @Test(arguments: keyCases)
    func `keys of every type and format are read and used`(_ example: KeyCase) throws {
        let certificate = try Fixture.certificate(example.chain, example.key)
        #expect(certificate.keyType == example.type)
        let table = CertificateTable(fallback: CertificateTable.Host(certificates: [certificate]))
        var pair = SessionPair(try Fixture.trustingClient(), try Fixture.server(table))
        pair.settle()
        #expect(pair.serverProgress == .established)
    }

    @Test func `names, addresses and dates are read`() throws {
        let leaf = try Fixture.certificate(TestCertificates.leaf, TestCertificates.leafKey)
        #expect(leaf.names == ["good.test", "*.wild.test"])
        #expect(leaf.addresses == [IPAddress(10, 0, 0, 1), IPAddress(parsing: "fd00::1")])
        #expect(leaf.notBefore == 1_577_836_800)
        #expect(leaf.notAfter == 4_733_510_400)
        #expect(leaf.fingerprint.count == 32)
        let expired = try Fixture.certificate(TestCertificates.expired, TestCertificates.expiredKey)
        #expect(expired.notAfter == 1_609_459_200)
        // The common name counts only when nothing else names the host.
        #expect(try Fixture.certificate(TestCertificates.bare, TestCertificates.bareKey).names == ["bare.test"])
    }

    @Test(arguments: [
        ("good.test", true), ("GOOD.TEST", true), ("good.test.", true), ("ignored.test", false), ("x.wild.test", true),
        ("wild.test", false), (".wild.test", false), ("x.y.wild.test", false), ("*.wild.test", true), ("", false),
        (".", false), ("10.0.0.1", true), ("10.0.0.2", false), ("fd00:0::1", true), ("test", false),
    ])
    func `a certificate covers its names, and one label for a wildcard`(host: String, expected: Bool) throws {
        let leaf = try Fixture.certificate(TestCertificates.leaf, TestCertificates.leafKey)
        #expect(leaf.covers(host: host) == expected)
    }

    @Test func `a certificate says what it is`() throws {
        let details = try Fixture.certificate(TestCertificates.leaf, TestCertificates.leafKey).details
        #expect(details?.subject == "O=Leaf,CN=ignored.test")
        #expect(details?.issuer == "CN=Test CA,O=Test")
        #expect(details?.issuerCommonName == "Test CA")
        #expect(details?.issuerOrganization == "Test")
        #expect(details?.serialNumber == "4097")
        #expect(details?.publicKeyAlgorithm == "ECDSA")
    }

    @Test func `a certificate of our own looks as ingress-nginx's does`() throws {
        let (one, other) = (
            try TLSCertificate.selfSigned(names: ["ingress.local"]),
            try TLSCertificate.selfSigned(names: ["ingress.local"])
        )
        #expect(one.names == ["ingress.local"])
        #expect(one.keyType == .ecdsa)
        #expect(one.notAfter - one.notBefore == 365 * 86400)
        #expect(one.details?.subject == "CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co")
        #expect(one.details?.issuer == one.details?.subject)
        #expect(one.details?.serialNumber != other.details?.serialNumber)
        #expect(throws: CertificateError.refused(reason: "a,IP:1.2.3.4 is no host name")) {
            try TLSCertificate.selfSigned(names: ["a,IP:1.2.3.4"])
        }
    }
}
