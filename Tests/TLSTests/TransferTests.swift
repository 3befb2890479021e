import ByteBuffers
import TLS
import Testing

/// Data after the handshake, and the end.
struct Transfers {
    static let versions = [TLSVersion.tls12, .tls13]

    private func pair(_ version: TLSVersion) throws -> SessionPair {
        var settings = TLSSettings()
        settings.newest = version
        let server = try TLSServerContext(table: Fixture.table("a.test"), ticketKeys: TicketKeys(), settings: settings)
        var pair = SessionPair(try Fixture.trustingClient(), server)
        pair.settle()
        return pair
    }

    @Test(arguments: versions, [Int.max, 1447, 65536])
    func `megabytes pass both ways at once`(version: TLSVersion, piece: Int) throws {
        var pair = try pair(version)
        let up = (0..<1_500_001).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let down = (0..<2_500_003).map { UInt8(truncatingIfNeeded: $0 &* 17 &+ $0 >> 9) }
        pair.sayToServer(up)
        pair.sayToClient(down)
        pair.settle(piece: piece)
        let (gotUp, gotDown) = (pair.heardByServer.array == up, pair.heardByClient.array == down)
        #expect(gotUp)
        #expect(gotDown)
    }

    @Test(arguments: versions)
    func `a record is at most as long as the settings say`(version: TLSVersion) throws {
        var settings = TLSSettings()
        settings.newest = version
        settings.recordBytes = 4096
        let server = try TLSServerContext(table: Fixture.table("a.test"), ticketKeys: TicketKeys(), settings: settings)
        var pair = SessionPair(try Fixture.trustingClient(), server)
        pair.settle()
        pair.sayToClient([UInt8](repeating: 1, count: 10_000))
        let records = pair.toClient.array
        var lengths: [Int] = []
        var position = 0
        while position < records.count {
            let length = Int(records[position + 3]) << 8 | Int(records[position + 4])
            lengths.append(length)
            position += 5 + length
        }
        #expect(lengths.count == 3)
        #expect(lengths.allSatisfy { $0 <= 4096 + 32 })
    }

    @Test(arguments: versions)
    func `the last data and the end go out together`(version: TLSVersion) throws {
        var pair = try pair(version)
        pair.sayToClient(Array("bye".utf8))
        pair.server.close(output: &pair.toClient)
        let sent = pair.server.sentCloseNotify
        #expect(sent)
        pair.settle()
        #expect(pair.clientProgress == .peerClosed)
        let (received, heard) = (pair.client.receivedCloseNotify, pair.heardByClient.text)
        #expect(received)
        #expect(heard == "bye")

        // The other direction is still open.
        pair.sayToServer(Array("thanks".utf8))
        pair.client.close(output: &pair.toServer)
        pair.settle()
        let answer = pair.heardByServer.text
        #expect(answer == "thanks")
        #expect(pair.serverProgress == .peerClosed)
    }

    @Test func `nothing is said twice, nor before there is a session`() throws {
        let server = try Fixture.server(Fixture.table("a.test"))
        var early = TLSSession(accepting: server)
        var output = ByteBuffer()
        early.close(output: &output)
        let progress = early.send([1, 2, 3].span, output: &output)
        let count = output.count
        #expect(progress == .handshaking)
        #expect(count == 0)

        var pair = try pair(.tls13)
        pair.server.close(output: &pair.toClient)
        let once = pair.toClient.count
        pair.server.close(output: &pair.toClient)
        let twice = pair.toClient.count
        #expect(once == twice)
        pair.sayToClient([])
        let silent = pair.toClient.count
        #expect(silent == once)
    }

    @Test func `sessions whose handshakes take turns do not disturb each other`() throws {
        let server = try Fixture.server(Fixture.table("a.test", "b.test"))
        let client = try Fixture.trustingClient()
        var one = SessionPair(client, server, host: "a.test")
        var two = SessionPair(client, server, host: "b.test")
        while !one.toServer.isEmpty || !one.toClient.isEmpty || !two.toServer.isEmpty || !two.toClient.isEmpty {
            one.deliverToServer(min(50, one.toServer.count))
            two.deliverToServer(min(70, two.toServer.count))
            one.deliverToClient(min(30, one.toClient.count))
            two.deliverToClient(min(20, two.toClient.count))
        }
        let subjects = [one.client.peerCertificate?.subject, two.client.peerCertificate?.subject]
        #expect(subjects == ["CN=a.test,O=Acme Co", "CN=b.test,O=Acme Co"])
        #expect(one.serverProgress == .established)
        #expect(two.serverProgress == .established)
    }

    @Test func `a session outlives its context`() throws {
        var pair = try pair(.tls13)  // both contexts are gone when this returns
        pair.sayToServer(Array("anyone?".utf8))
        pair.settle()
        let heard = pair.heardByServer.text
        #expect(heard == "anyone?")
    }
}
