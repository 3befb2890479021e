import ByteBuffers
import TLS
import Testing

/// Peers that send something else than TLS, or damaged TLS.
struct Damage {
    private func feed(_ bytes: [UInt8], to session: inout TLSSession) -> (TLSProgress, said: [UInt8], heard: Int) {
        var plaintext = ByteBuffer()
        var output = ByteBuffer()
        let progress = session.receive(bytes.span, plaintext: &plaintext, output: &output)
        return (progress, output.array, plaintext.count)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n\r\n", "P", "get"])
    func `plain HTTP is told apart, and nothing is said`(request: String) throws {
        var session = TLSSession(accepting: try Fixture.server(Fixture.table("a.test")))
        let (progress, said, _) = feed(Array(request.utf8), to: &session)
        #expect(progress.faultKind == .plainHTTP)
        #expect(said == [])
        #expect("\(progress)".contains("the peer sent plain HTTP"))
        let (again, _, _) = feed([22], to: &session)
        #expect(again == progress)
    }

    @Test func `a client tells plain HTTP apart`() throws {
        var session = TLSSession(connecting: try Fixture.trustingClient(), to: .host("a.test"))
        var output = ByteBuffer()
        _ = session.start(output: &output)
        let (progress, _, _) = feed(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), to: &session)
        #expect(progress.faultKind == .plainHTTP)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "zeros", bytes: [UInt8](repeating: 0, count: 100)),
        Case(name: "ones", bytes: [UInt8](repeating: 255, count: 100)),
        Case(name: "a record that is too long", bytes: [22, 3, 1, 255, 255] + [UInt8](repeating: 1, count: 20_000)),
        Case(name: "a handshake of an unknown kind", bytes: [22, 3, 1, 0, 4, 99, 0, 0, 0]),
        Case(name: "a hello of 16 MB", bytes: [22, 3, 1, 0, 4, 1, 255, 255, 255] + [UInt8](repeating: 0, count: 100)),
        Case(name: "data before a handshake", bytes: [23, 3, 3, 0, 4, 1, 2, 3, 4]),
        Case(name: "an alert", bytes: [21, 3, 3, 0, 2, 2, 40]),
        Case(name: "another version of records", bytes: [22, 9, 9, 0, 4, 1, 0, 0, 0]),
        Case(name: "SSLv2", bytes: [0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10] + [UInt8](repeating: 7, count: 37)),
    ]

    @Test(arguments: cases)
    func `something else than TLS fails the session`(_ example: Case) throws {
        var session = TLSSession(accepting: try Fixture.server(Fixture.table("a.test")))
        let (progress, _, heard) = feed(example.bytes, to: &session)
        #expect(progress.faultKind != nil)
        #expect(heard == 0)
    }

    @Test func `a hello is incomplete at every byte until its last`() throws {
        let server = try Fixture.server(Fixture.table("a.test"))
        let pair = SessionPair(try Fixture.trustingClient(), server)
        let hello = pair.toServer.array
        for count in hello.indices {
            var session = TLSSession(accepting: server)
            let (progress, said, _) = feed(Array(hello[..<count]), to: &session)
            #expect(progress == .handshaking)
            #expect(said == [])
        }
    }

    @Test func `a hello with any byte changed is answered or refused, never heard`() throws {
        let server = try Fixture.server(Fixture.table("a.test"))
        let pair = SessionPair(try Fixture.trustingClient(), server)
        let hello = pair.toServer.array
        var refusals = 0
        for index in hello.indices {
            var bytes = hello
            bytes[index] ^= 0xff
            var session = TLSSession(accepting: server)
            let (progress, said, heard) = feed(bytes, to: &session)
            #expect(heard == 0)
            if progress.faultKind != nil { refusals += 1 } else { #expect(progress == .handshaking) }
            if progress == .handshaking, said.isEmpty { #expect(index < 9) }
        }
        #expect(refusals > 20)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `data with any byte changed is refused with an alert`(version: TLSVersion) throws {
        var settings = TLSSettings()
        settings.newest = version
        let client = try TLSClientContext(trust: .anybody, settings: settings)
        let server = try Fixture.server(Fixture.table("a.test"))
        for index in 0..<40 {
            var pair = SessionPair(client, server)
            pair.settle()
            pair.sayToServer(Array("attack at dawn, not at dusk".utf8))
            var record = pair.toServer.array
            if index >= record.count { break }
            record[index] ^= 1
            let (progress, said, heard) = feed(record, to: &pair.server)
            #expect(heard == 0)
            if progress == .established {
                // A record that claims to be longer is still awaited.
                #expect(index == 3 || index == 4)
            } else {
                #expect(progress.faultKind == .protocolViolation || progress.faultKind == .notTLS, "\(progress)")
                #expect(!said.isEmpty)
            }
        }
    }

    @Test func `two sides without a common protocol part`() throws {
        var settings = TLSSettings()
        settings.protocols = [.http2]
        let server = try Fixture.server(Fixture.table("a.test"))
        var pair = SessionPair(try TLSClientContext(trust: .anybody, settings: settings), server)
        pair.settle()
        #expect(pair.serverProgress.faultKind == .nothingInCommon)
        #expect("\(pair.clientProgress)".contains("no application protocol"))
    }

    @Test func `two sides without a common version part`() throws {
        var (old, new) = (TLSSettings(), TLSSettings())
        old.newest = .tls12
        new.oldest = .tls13
        let server = try TLSServerContext(table: Fixture.table("a.test"), ticketKeys: TicketKeys(), settings: new)
        var pair = SessionPair(try TLSClientContext(trust: .anybody, settings: old), server)
        pair.settle()
        #expect(pair.serverProgress.faultKind == .nothingInCommon)
        #expect("\(pair.serverProgress)".contains("unsupported protocol"))
    }

    @Test func `a setting that OpenSSL does not know is refused by name`() throws {
        var settings = TLSSettings()
        settings.ciphers = "NO-SUCH-CIPHER"
        let error = #expect(throws: TLSSettingError.self) {
            try TLSClientContext(trust: .anybody, settings: settings)
        }
        #expect(error?.setting == "ciphers NO-SUCH-CIPHER")
        #expect(error?.reason == "no cipher match")
    }
}
