import ByteBuffers
import TLS
import Testing

/// Handshakes of a client and a server of this room, in memory.
struct `Handshakes` {
    @Test(arguments: [TLSVersion.tls12, .tls13], [Int.max, 1, 2, 3, 5, 7, 64, 1000])
    func `a handshake completes however its bytes are cut, and data flows both ways`(
        version: TLSVersion,
        piece: Int
    ) throws {
        var settings = TLSSettings()
        settings.newest = version
        let server = try TLSServerContext(table: Fixture.table("a.test"), ticketKeys: TicketKeys(), settings: settings)
        var pair = try SessionPair(Fixture.trustingClient(), server)
        pair.settle(piece: piece)
        #expect(pair.clientProgress == .established)
        #expect(pair.serverProgress == .established)
        let (protocols, versions) = (
            [pair.client.applicationProtocol, pair.server.applicationProtocol],
            [pair.client.version, pair.server.version]
        )
        #expect(protocols == [.http1, .http1])
        #expect(versions == [version, version])

        pair.sayToServer(Array("ping".utf8))
        pair.sayToClient(Array("pong".utf8))
        pair.settle(piece: piece)
        let (asked, answered) = (pair.heardByServer.text, pair.heardByClient.text)
        #expect(asked == "ping")
        #expect(answered == "pong")
    }
}
