import ByteBuffers
import NetworkAddress
import TLS
import Testing

/// Whether a client believes a server.
struct Verification {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var peer: PeerName
        var chain = TestCertificates.leaf
        var key = TestCertificates.leafKey
        var refusal: String?
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "an exact name", peer: .host("good.test")),
        Case(name: "a name in capitals", peer: .host("GOOD.test")),
        Case(name: "a name with a final dot", peer: .host("good.test.")),
        Case(name: "a wildcard", peer: .host("x.wild.test")),
        Case(name: "two labels for a wildcard", peer: .host("x.y.wild.test"), refusal: "hostname mismatch"),
        Case(name: "another name", peer: .host("bad.test"), refusal: "hostname mismatch"),
        Case(name: "the common name beside others", peer: .host("ignored.test"), refusal: "hostname mismatch"),
        Case(name: "an IPv4 address", peer: PeerName("10.0.0.1")),
        Case(name: "an IPv6 address", peer: PeerName("fd00::1")),
        Case(name: "another address", peer: PeerName("10.0.0.2"), refusal: "IP address mismatch"),
        Case(name: "anyone", peer: .anyone),
        Case(
            name: "an expired certificate",
            peer: .host("good.test"),
            chain: TestCertificates.expired,
            key: TestCertificates.expiredKey,
            refusal: "certificate has expired"
        ),
        Case(
            name: "a certificate that vouches for itself",
            peer: .host("good.test"),
            chain: TestCertificates.rsa,
            key: TestCertificates.rsaKey,
            refusal: "self-signed certificate"
        ),
    ]

    @Test(arguments: cases, [TLSVersion.tls12, .tls13])
    func `a client believes a server that its authorities vouch for by name`(
        _ example: Case,
        version: TLSVersion
    ) throws {
        var settings = TLSSettings()
        settings.newest = version
        let client = try TLSClientContext(trust: .only(Fixture.authority), settings: settings)
        let server = try Fixture.server(presenting: example.chain, key: example.key)
        var pair = SessionPair(client, server, to: example.peer)
        pair.settle()
        if let refusal = example.refusal {
            #expect(pair.clientProgress.faultKind == .certificateRefused)
            #expect("\(pair.clientProgress)".contains(refusal))
            #expect(pair.serverProgress.faultKind == .alertReceived)
        } else {
            #expect(pair.clientProgress == .established)
            #expect(pair.serverProgress == .established)
        }
    }

    @Test func `a resumed session is not asked for again under another name`() throws {
        let client = try TLSClientContext(trust: .only(Fixture.authority))
        let server = try Fixture.server(presenting: TestCertificates.leaf, key: TestCertificates.leafKey)
        for (host, expected) in [("good.test", true), ("bad.test", false)] {
            var pair = SessionPair(client, server, to: .host(host), key: 5)
            pair.settle()
            pair.sayToClient([1])
            pair.settle()
            #expect((pair.clientProgress == .established) == expected)
        }
    }

    @Test(arguments: ["", ".", "good.test\0.evil.test"])
    func `a name that cannot be verified fails the session before its first word`(name: String) throws {
        let client = try TLSClientContext(trust: .only(Fixture.authority))
        let server = try Fixture.server(presenting: TestCertificates.leaf, key: TestCertificates.leafKey)
        var pair = SessionPair(client, server, to: .host(name))
        #expect(pair.clientProgress.faultKind == .unverifiableName)
        let said = pair.toServer.count
        #expect(said == 0)
        pair.settle()
    }

    @Test func `an unknown authority is named as such`() throws {
        let client = try TLSClientContext(trust: .only(TrustAnchors(pem: Array(TestCertificates.rsa.utf8))))
        let server = try Fixture.server(presenting: TestCertificates.leaf, key: TestCertificates.leafKey)
        var pair = SessionPair(client, server, to: .host("good.test"))
        pair.settle()
        #expect(
            "\(pair.clientProgress)".contains(
                "the peer's certificate is refused: unknown authority: unable to get local issuer certificate"
            )
        )
    }

    @Test func `a client of the system's authorities does not know the test's`() throws {
        let client = try TLSClientContext(trust: .only(.system()))
        let server = try Fixture.server(presenting: TestCertificates.leaf, key: TestCertificates.leafKey)
        var pair = SessionPair(client, server, to: .host("good.test"))
        pair.settle()
        #expect(pair.clientProgress.faultKind == .certificateRefused)
    }

    @Test func `a bundle without certificates is refused`() {
        #expect(throws: CertificateError.certificateEmpty) { try TrustAnchors(pem: []) }
        #expect(throws: CertificateError.certificateNotPEM) { try TrustAnchors(pem: [1, 2, 3]) }
        #expect(throws: CertificateError.certificateMissing(found: "PRIVATE KEY")) {
            try TrustAnchors(pem: Array(TestCertificates.leafKey.utf8))
        }
    }
}

/// What a server learns about its clients.
struct `Client certificates` {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var chain: String?
        var key = ""
        let verdict: PeerVerdict
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "none", chain: nil, verdict: .absent),
        Case(name: "trusted", chain: TestCertificates.client, key: TestCertificates.clientKey, verdict: .trusted),
        Case(
            name: "expired",
            chain: TestCertificates.expired,
            key: TestCertificates.expiredKey,
            verdict: .refused("certificate has expired")
        ),
        Case(
            name: "of another authority",
            chain: TestCertificates.rsa,
            key: TestCertificates.rsaKey,
            verdict: .refused("self-signed certificate")
        ),
    ]

    @Test(arguments: cases, [TLSVersion.tls12, .tls13])
    func `the handshake completes and the verdict tells`(_ example: Case, version: TLSVersion) throws {
        var settings = TLSSettings()
        settings.newest = version
        let certificate = try example.chain.map { try Fixture.certificate($0, example.key) }
        let client = try TLSClientContext(trust: .anybody, certificate: certificate, settings: settings)
        let demand = ClientAuthentication(authorities: try Fixture.authority)
        let table = try Fixture.table("open.test").applying([
            .set("a.test", try Fixture.host("a.test", demanding: demand))
        ])
        let server = try Fixture.server(table)
        // The second session continues the first, and the verdict with it.
        for isResumed in [false, true] {
            var pair = SessionPair(client, server, key: 1)
            pair.settle()
            pair.sayToServer([1])
            pair.sayToClient([1])
            pair.settle()
            #expect(pair.serverProgress == .established)
            let (verdict, resumed) = (pair.server.peerVerdict, pair.server.isResumed)
            #expect(verdict == example.verdict)
            #expect(resumed == isResumed)
            let subject = pair.server.peerCertificate?.subject
            #expect((subject == nil) == (example.chain == nil))
        }
        var open = SessionPair(client, server, host: "open.test")
        open.settle()
        let verdict = open.server.peerVerdict
        #expect(verdict == .absent)
    }
}
