import ByteBuffers
import TLS
import Testing

/// Which certificate a client is shown for the name that it asks for.
struct `Server names` {
    struct Case: Sendable, CustomTestStringConvertible {
        let asked: String?
        let presented: String
        let seen: String
        var testDescription: String { asked ?? "no name" }
    }

    static let cases = [
        Case(asked: "a.test", presented: "a.test", seen: "a.test"),
        Case(asked: "A.Test", presented: "a.test", seen: "a.test"),
        // One dot is cut by the client, the other arrives.
        Case(asked: "a.test..", presented: "a.test", seen: "a.test"),
        Case(asked: "x.wild.test", presented: "*.wild.test", seen: "x.wild.test"),
        Case(asked: "X.WILD.TEST", presented: "*.wild.test", seen: "x.wild.test"),
        Case(asked: "exact.wild.test", presented: "exact.wild.test", seen: "exact.wild.test"),
        Case(asked: "x.y.wild.test", presented: "fallback", seen: "x.y.wild.test"),
        Case(asked: "wild.test", presented: "fallback", seen: "wild.test"),
        Case(asked: "unknown.test", presented: "fallback", seen: "unknown.test"),
        Case(asked: nil, presented: "fallback", seen: ""),
        Case(asked: "a b", presented: "fallback", seen: ""),
    ]

    @Test(arguments: cases)
    func `exact names come before wildcards, and wildcards before the fallback`(_ example: Case) throws {
        let table = try Fixture.table("a.test", "*.wild.test", "exact.wild.test")
        var pair = try SessionPair(Fixture.trustingClient(), Fixture.server(table), host: example.asked)
        pair.settle()
        #expect(pair.serverProgress == .established)
        let presented = pair.client.peerCertificate?.subject
        let seen = pair.serverName
        #expect(presented == "CN=\(example.presented),O=Acme Co")
        #expect(seen == example.seen)
    }

    @Test func `a table that rejects unknown names answers them with an alert`() throws {
        let table = try Fixture.table("a.test", rejectsUnknownNames: true)
        let server = try Fixture.server(table)
        var stranger = try SessionPair(Fixture.trustingClient(), server, host: "b.test")
        stranger.settle()
        #expect(stranger.serverProgress.faultKind == .unknownName)
        #expect("\(stranger.clientProgress)".contains("unrecognized name"))

        var nameless = try SessionPair(Fixture.trustingClient(), server, host: nil)
        nameless.settle()
        #expect(nameless.serverProgress == .established)
        var known = try SessionPair(Fixture.trustingClient(), server, host: "a.test")
        known.settle()
        #expect(known.serverProgress == .established)
    }

    @Test func `a new table is for new handshakes, and sessions go on`() throws {
        let server = try Fixture.server(Fixture.table("a.test"))
        let client = try Fixture.trustingClient()
        var first = SessionPair(client, server)
        first.settle()
        server.table = server.table.applying([.set("a.test", try Fixture.host("renewed"))])
        var second = SessionPair(client, server)
        second.settle()
        let (before, after) = (first.client.peerCertificate?.subject, second.client.peerCertificate?.subject)
        #expect(before == "CN=a.test,O=Acme Co")
        #expect(after == "CN=renewed,O=Acme Co")
        first.sayToServer(Array("still here".utf8))
        first.settle()
        let heard = first.heardByServer.text
        #expect(heard == "still here")

        server.table = server.table.applying([.remove("a.test")])
        var third = SessionPair(client, server)
        third.settle()
        let last = third.client.peerCertificate?.subject
        #expect(last == "CN=fallback,O=Acme Co")
    }

    @Test func `the client's abilities choose between certificates of two key types`() throws {
        let both = CertificateTable.Host(certificates: [
            try Fixture.certificate(TestCertificates.rsa, TestCertificates.rsaKey),
            try Fixture.certificate(TestCertificates.leaf, TestCertificates.leafKey),
        ])
        let server = try Fixture.server(CertificateTable(fallback: both))
        for (cipher, algorithm) in [("ECDHE-RSA-AES128-GCM-SHA256", "RSA"), ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDSA")]
        {
            var settings = TLSSettings()
            settings.newest = .tls12
            settings.ciphers = cipher
            var pair = SessionPair(try TLSClientContext(trust: .anybody, settings: settings), server)
            pair.settle()
            let presented = pair.client.peerCertificate?.publicKeyAlgorithm
            var name = ByteBuffer()
            pair.server.appendCipher(to: &name)
            let agreed = name.text
            #expect(presented == algorithm)
            #expect(agreed == cipher)
        }
    }
}

extension TLSProgress {
    /// What went wrong, or nil.
    var faultKind: TLSFault.Kind? {
        if case .failed(let fault) = self { return fault.kind }
        return nil
    }
}
