import TLS
import Testing

/// Which hosts may be asked for on a connection that was made for another name (RFC 9110 §15.5.20).
struct `Hosts of a connection` {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let host: String
        let isServed: Bool
        var testDescription: String { "\(name.isEmpty ? "no name" : name) \(host)" }

        init(_ name: String, _ host: String, _ isServed: Bool) {
            (self.name, self.host, self.isServed) = (name, host, isServed)
        }
    }

    static let cases = [
        Case("a.test", "b.test", false), Case("b.test", "a.test", false), Case("a.test", "unknown.test", false),
        // One certificate for several names, whether they have entries of their own or not.
        Case("shared.test", "also.test", true), Case("also.test", "shared.test", true),
        Case("shared.test", "x.covered.test", true), Case("shared.test", "covered.test", false),
        Case("shared.test", "x.y.covered.test", false), Case("shared.test", "a.test", false),
        Case("a.test", "shared.test", false),
        Case("x.wild.test", "y.wild.test", true), Case("x.wild.test", "exact.wild.test", true),
        Case("exact.wild.test", "x.wild.test", false), Case("x.wild.test", "wild.test", false),
        // Names that selected nothing were shown the default, and so was who gave none.
        Case("unknown.test", "a.test", true), Case("unknown.test", "other.test", true), Case("", "a.test", true),
        Case("", "unknown.test", true),
        // Who demands something of clients is for those alone of whom it was demanded.
        Case("", "closed.test", false), Case("unknown.test", "closed.test", false),
        Case("a.test", "closed.test", false),
        Case("closed.test", "a.test", false), Case("closed.test", "closed2.test", true),
        Case("closed.test", "closed3.test", false), Case("open.test", "closed.test", false),
        Case("shared.test", "[::1]", false), Case("a.test", "", false),
    ]

    private func table() throws -> CertificateTable {
        let shared = CertificateTable.Host(
            certificates: [
                try .selfSigned(names: ["shared.test", "also.test", "*.covered.test"], commonName: "shared")
            ]
        )
        let demand = ClientAuthentication(authorities: try Fixture.authority)
        let again = ClientAuthentication(authorities: try Fixture.authority)
        let deeper = ClientAuthentication(authorities: try Fixture.authority, depth: 2)
        let closed = try TLSCertificate.selfSigned(
            names: ["closed.test", "closed2.test", "closed3.test", "open.test"],
            commonName: "closed"
        )
        func demanding(_ demand: ClientAuthentication?) -> CertificateTable.Host {
            CertificateTable.Host(certificates: [closed], clientAuthentication: demand)
        }
        return try Fixture.table("a.test", "b.test", "*.wild.test", "exact.wild.test").applying([
            .set("shared.test", shared), .set("also.test", shared), .set("closed.test", demanding(demand)),
            .set("closed2.test", demanding(again)), .set("closed3.test", demanding(deeper)),
            .set("open.test", demanding(nil)),
        ])
    }

    @Test func `a connection is for what its certificate vouches for, under one demand`() throws {
        let table = try table()
        for example in Self.cases {
            let served = table.serves(Array(example.host.utf8).span, toClientsOf: Array(example.name.utf8).span)
            #expect(served == example.isServed, "\(example.testDescription)")
        }
    }

    @Test(
        arguments: [
            ("a.test", "a.test", true), ("A.Test", "a.test", true), ("a.test..", "a.test", true),
            (nil, "a.test", false),
            ("a.test", "a.tes", false), ("a.test", "a.testt", false), ("a.test", "a.test.", false),
            ("a.test", "", false),
            ("a.test", "b.test", false), ("a.test", "a.test\0", false),
        ] as [(String?, String, Bool)]
    )
    func `a session knows the name that it was made for`(asked: String?, host: String, isNamed: Bool) throws {
        var pair = try SessionPair(Fixture.trustingClient(), Fixture.server(Fixture.table("a.test")), host: asked)
        pair.settle()
        let named = pair.server.isNamed(Array(host.utf8).span)
        #expect(named == isNamed)
    }
}
